/**
 * Repairs the path of a link whose `#` a mail gateway escaped: `/accept%23token=…` becomes
 * `accept#token=…`, relative to the path. Returns undefined for other paths. Keeps only a
 * well-formed token and a locale.
 */
export function repairEscapedLink(path: string): string | undefined {
  const [, page, slash = '', escaped = ''] =
    /^\/(accept|reset|confirm|verify)(\/?)(?:#|%23|%2523)(.*)$/is.exec(path) ?? [];
  if (page === undefined) return undefined;
  const fragment = escaped.replaceAll(/%(?:25)*3D/gi, '=').replaceAll(/%(?:25)*26/gi, '&');
  const [, token] = /(?:^|&)token=([\w-]{92})(?:&|$)/.exec(fragment) ?? [];
  const [, locale] = /(?:^|&)locale=([a-z]{2})(?:&|$)/.exec(fragment) ?? [];
  const target = `${slash && '../'}${page.toLowerCase()}`;
  if (token === undefined) return target;
  return `${target}#token=${token}${locale === undefined ? '' : `&locale=${locale}`}`;
}
