import { invalid } from '../domain/failure.ts';

/**
 * Which versions an `If-Match` header names (RFC 9110 §13.1.1); undefined without one. A weak tag names none, since the
 * comparison is the strong one.
 */
export function ifMatch(header: string | undefined): ((version: number) => boolean) | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === '*') return () => true;
  const tags = header.split(',').map((tag) => tag.trim());
  if (tags.every((tag) => /^(W\/)?"[\x21\x23-\x7e]*"$/.test(tag))) return (version) => tags.includes(`"${version}"`);
  throw invalid({ path: 'If-Match', message: 'must be *, or entity tags as in "1"' });
}
