/** True for the origin of a page URL, without a path. */
export const isOrigin = (value: string): boolean =>
  isPageUrl(value) && new URL(value).origin === value;

/**
 * True for a URL that links can use: `https`, or `http` on localhost. The token is appended as the
 * fragment, so the URL has no query string or fragment.
 */
export function isPageUrl(value: string): boolean {
  if (
    !URL.canParse(value) ||
    /[?#\\\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}]/u.test(value)
  )
    return false;
  const { protocol, hostname, username, password } = new URL(value);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && /^(.+\.)?localhost$/.test(hostname));
}
