import { type Locale, type Purpose, spokenOf } from './languages.ts';

/** What the link says: where it leads, and what stood behind its `#`. */
export interface Link {
  readonly token: string;
  readonly locale: Locale | undefined;
  readonly purpose: Purpose;
}

/**
 * Takes token and locale out of the address, and so out of the history of the tab. The list of visited pages that a browser
 * keeps was written before any script could run: what stands there is worth nothing once the invitation is accepted.
 */
export const takeLink = (): Link => {
  const parameters = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
  return {
    token: parameters.get('token') ?? '',
    locale: spokenOf([parameters.get('locale')]),
    purpose: location.pathname.endsWith('/reset') ? 'reset' : 'invitation',
  };
};
