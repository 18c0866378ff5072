import { type Locale, type Purpose, spokenOf } from './languages.ts';

/** What the link says: where it leads, and what stood behind its `#`. */
export interface Link {
  readonly token: string;
  readonly locale: Locale | undefined;
  readonly purpose: Purpose;
}

/**
 * The link in a text that somebody pastes: from a mail, or as a mail gateway has rewritten it, escaped and inside another link. A token
 * alone will do. Undefined if there is none.
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
