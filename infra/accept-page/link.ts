import { type Locale, spokenOf } from './languages.ts';

/** What stood behind the `#` of the link. */
export interface Link {
  readonly token: string;
  readonly locale: Locale | undefined;
}

/** Takes token and locale out of the address, so that neither the address bar nor the history shows them from then on. */
export const takeLink = (): Link => {
  const parameters = new URLSearchParams(location.hash.slice(1));
  history.replaceState(null, '', location.pathname + location.search);
  return { token: parameters.get('token') ?? '', locale: spokenOf([parameters.get('locale')]) };
};
