import { findLanguage, type Language } from '../../domain/mail/language.ts';
import type { Purpose } from './languages.ts';

/** Purpose of a link. Each has its own page. */
export type LinkPurpose = Purpose | 'confirmation' | 'verification';

/** Page and fragment of a link. */
export interface Link {
  readonly token: string;
  readonly language: Language | undefined;
  readonly purpose: LinkPurpose;
}

const purposes: Readonly<Record<string, LinkPurpose>> = {
  accept: 'invitation',
  reset: 'reset',
  confirm: 'confirmation',
  verify: 'verification',
};

/**
 * Finds a link or a token in text. A mail gateway may have escaped the link and put it inside
 * another link.
 */
export const findLink = (text: string, purpose: LinkPurpose): Link | undefined => {
  let plain = text.trim();
  for (let round = 0; round < 3; round++) plain = unescapeOnce(plain);
  const token = /(?:token=|^)([\w-]{92})(?![\w-])/.exec(plain)?.[1];
  if (token === undefined) return undefined;
  const page = /\/(accept|reset|confirm|verify)[/?]?#/.exec(plain)?.[1] ?? '';
  return {
    token,
    language: findLanguage([/[&#]locale=([a-z]{2})/.exec(plain)?.[1]]),
    purpose: purposes[page] ?? purpose,
  };
};

const unescapeOnce = (text: string): string =>
  text.replaceAll(/%(25|23|26|3D|2F|3A)/gi, (escape) => decodeURIComponent(escape));
