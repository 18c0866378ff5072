import { type Locale, type Purpose, spokenOf } from './languages.ts';

/** Page and fragment of a link. */
export interface Link {
  readonly token: string;
  readonly locale: Locale | undefined;
  readonly purpose: Purpose;
}

/**
 * Finds a link or a token in pasted text. A mail gateway may have escaped the link and put it inside another link. Undefined if there is
 * none.
 */
export const findLink = (text: string, purpose: Purpose): Link | undefined => {
  let plain = text.trim();
  for (let round = 0; round < 3; round++) plain = unescapeOnce(plain);
  const token = /(?:token=|^)([\w-]{92})(?![\w-])/.exec(plain)?.[1];
  if (token === undefined) return undefined;
  const page = /\/(accept|reset)[/?]?#/.exec(plain)?.[1];
  return {
    token,
    locale: spokenOf([/[&#]locale=([a-z]{2})/.exec(plain)?.[1] ?? null]),
    purpose: page === 'reset' ? 'reset' : page === 'accept' ? 'invitation' : purpose,
  };
};

const unescapeOnce = (text: string): string => text.replaceAll(/%(25|23|26|3D|2F|3A)/gi, (escape) => decodeURIComponent(escape));
