import { type Locale, type Purpose, spokenOf } from './languages.ts';

/** The purpose of a link, by the page that it leads to. */
export type LinkPurpose = Purpose | 'confirmation';

/** Page and fragment of a link. */
export interface Link {
  readonly token: string;
  readonly locale: Locale | undefined;
  readonly purpose: LinkPurpose;
}

const purposes: Readonly<Record<string, LinkPurpose>> = {
  accept: 'invitation',
  reset: 'reset',
  confirm: 'confirmation',
};

/**
 * Finds a link or a token in pasted text. A mail gateway may have escaped the link and put it inside another link. Undefined if there is
 * none.
 */
export const findLink = (text: string, purpose: LinkPurpose): Link | undefined => {
  let plain = text.trim();
  for (let round = 0; round < 3; round++) plain = unescapeOnce(plain);
  const token = /(?:token=|^)([\w-]{92})(?![\w-])/.exec(plain)?.[1];
  if (token === undefined) return undefined;
  const page = /\/(accept|reset|confirm)[/?]?#/.exec(plain)?.[1] ?? '';
  return {
    token,
    locale: spokenOf([/[&#]locale=([a-z]{2})/.exec(plain)?.[1] ?? null]),
    purpose: purposes[page] ?? purpose,
  };
};

const unescapeOnce = (text: string): string =>
  text.replaceAll(/%(25|23|26|3D|2F|3A)/gi, (escape) => decodeURIComponent(escape));
