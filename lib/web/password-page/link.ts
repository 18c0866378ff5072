import type { Link } from './find-link.ts';
import { spokenOf } from './languages.ts';

/**
 * Takes token and locale out of the address, and so out of the history of the tab. The list of visited pages that a browser
 * keeps was written before any script could run: what stands there is worth nothing once the link is used.
 */
export const takeLink = (): Omit<Link, 'purpose'> => {
  const parameters = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
  return { token: parameters.get('token') ?? '', locale: spokenOf([parameters.get('locale')]) };
};

const pages = { invitation: 'accept', reset: 'reset', confirmation: 'confirm' } as const;

/** Opens the page of a link. The path is relative, as the pages are beside each other. */
export const openPage = ({ token, locale, purpose }: Link): void => {
  location.assign(
    `${pages[purpose]}#token=${token}${locale === undefined ? '' : `&locale=${locale}`}`,
  );
};
