import { findLanguage } from '../../domain/mail/language.ts';
import { findLink, type Link } from './find-link.ts';

/**
 * Reads token and language from the address and removes them from the history of the tab. Also
 * finds a token that a mail gateway escaped or moved into the query.
 */
export const readLink = (): Omit<Link, 'purpose'> => {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const escaped = findLink(location.search, 'invitation') ?? findLink(location.hash, 'invitation');
  const isInQuery = findLink(location.search, 'invitation') !== undefined;
  history.replaceState(null, '', location.pathname + (isInQuery ? '' : location.search));
  return {
    token: parameters.get('token') ?? escaped?.token ?? '',
    language: findLanguage([parameters.get('locale'), escaped?.language]),
  };
};

const pages = {
  invitation: 'accept',
  reset: 'reset',
  confirmation: 'confirm',
  verification: 'verify',
} as const;

/** Opens the page of a link. The path is relative, as the pages are beside each other. */
export const openPage = ({ token, language, purpose }: Link): void => {
  location.assign(
    `${pages[purpose]}#token=${token}${language === undefined ? '' : `&locale=${language}`}`,
  );
};

/** IDs in the token of a link, in lowercase hex without hyphens. They are not verified. */
export interface TokenSubject {
  readonly tenantId: string;
  readonly userId: string;
}

const tokenPattern = /^[\w-]{92}$/;
const tokenFormat = '01';

/** Parses the IDs in the token of a link. Undefined for text that cannot be a token. */
export function parseTokenSubject(token: string): TokenSubject | undefined {
  if (!tokenPattern.test(token)) return undefined;
  const bytes = atob(token.replaceAll('-', '+').replaceAll('_', '/'));
  const hex = [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return hex.startsWith(tokenFormat)
    ? { tenantId: hex.slice(2, 34), userId: hex.slice(34, 66) }
    : undefined;
}

export const toUuid = (hex: string): string =>
  hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
