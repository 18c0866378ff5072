/** What may stand in a mail before a path: an https origin, or an http one of this machine. */
export const isOrigin = (value: string): boolean =>
  isPageUrl(value) && new URL(value).origin === value;

/** Where a link may lead to which a token is added behind a `#`: `http` only on this machine. */
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
