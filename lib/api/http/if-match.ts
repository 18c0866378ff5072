import { invalidInput } from '../../domain/kernel/failure.ts';

function parseEntityTags(header: string, name: string): readonly string[] {
  const tags = header.split(',').map((tag) => tag.trim());
  if (header.trim() === '*' || tags.every((tag) => /^(W\/)?"[\x21\x23-\x7e]*"$/.test(tag)))
    return tags;
  throw invalidInput({ path: name, message: 'must be * or entity tags such as "1"' });
}

const toStrongTag = (tag: string): string => tag.replace(/^W\//, '');

/** Parses `If-Match` (RFC 9110 §13.1.1) into a condition on a version. Weak tags never match. */
export function parseIfMatch(
  header: string | undefined,
): ((version: number) => boolean) | undefined {
  if (header === undefined) return undefined;
  const tags = parseEntityTags(header, 'If-Match');
  return (version) => tags[0] === '*' || tags.includes(`"${version}"`);
}

/** True if `If-None-Match` matches the ETag of the response (RFC 9110 §13.1.2, weak comparison). */
export function isNotModified(header: string | undefined, etag: string | undefined): boolean {
  if (header === undefined || etag === undefined) return false;
  const tags = parseEntityTags(header, 'If-None-Match');
  return tags[0] === '*' || tags.some((tag) => toStrongTag(tag) === toStrongTag(etag));
}
