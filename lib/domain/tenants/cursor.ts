import { invalid } from '../failure.ts';
import { slugPattern } from './slug.ts';

/**
 * Where to go on in the list of tenants. Opaque, and not sealed as cursors of users are: whoever may list tenants may see every
 * slug, so there is nothing that a made-up one could reach.
 */
export const tenantCursor = (slug: string): string => Buffer.from(slug).toString('base64url');

/** The slug in a cursor. Throws `invalid_input` for what is none. */
export function slugInCursor(cursor: string, parameter: string): string {
  const slug = Buffer.from(cursor, 'base64url').toString();
  if (slugPattern.test(slug) && tenantCursor(slug) === cursor) return slug;
  throw invalid({ path: parameter, message: 'is not a cursor that this list gave out' });
}
