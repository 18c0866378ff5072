import { invalidInput } from '../../domain/kernel/failure.ts';

/** `*` or a list of entity tags, as they are sent. */
function parseEntityTags(header: string, name: string): readonly string[] {
  const tags = header.split(',').map((tag) => tag.trim());
  if (header.trim() === '*' || tags.every((tag) => /^(W\/)?"[\x21\x23-\x7e]*"$/.test(tag)))
    return tags;
  throw invalidInput({ path: name, message: 'must be *, or entity tags as in "1"' });
}

/**
 * Which versions an `If-Match` header names (RFC 9110 §13.1.1); undefined without one. A weak tag names none, since the
 * comparison is the strong one.
 */
export function parseIfMatch(
  header: string | undefined,
): ((version: number) => boolean) | undefined {
  if (header === undefined) return undefined;
  const tags = parseEntityTags(header, 'If-Match');
  return (version) => tags[0] === '*' || tags.includes(`"${version}"`);
}

/** True if `If-None-Match` names the tag of what would be returned (RFC 9110 §13.1.2). The comparison is the weak one. */
export function isNotModified(header: string | undefined, etag: string | undefined): boolean {
  if (header === undefined || etag === undefined) return false;
  const tags = parseEntityTags(header, 'If-None-Match');
  return tags[0] === '*' || tags.some((tag) => tag.replace(/^W\//, '') === etag);
}
