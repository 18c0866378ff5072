import type { Link } from './find-link.ts';
import { spokenOf } from './languages.ts';

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
