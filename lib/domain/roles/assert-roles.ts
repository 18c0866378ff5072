import { Failure, summarizeIssues } from '../kernel/failure.ts';
import type { Slug } from '../kernel/ids.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';

export const roleNotFound = (): Failure =>
  new Failure('not_found', 'The role does not exist in this tenant');

/**
 * Throws `invalid_roles` unless each slug is a role of the tenant or is in `assigned`. Clients send
 * back the roles that they read, including deleted ones.
 */
export function assertRoles(
  slugs: readonly Slug[],
  { roles }: Pick<TenantWithRoles, 'roles'>,
  assigned: readonly Slug[] = [],
): void {
  const isKnown = (slug: Slug) => roles.has(slug) || assigned.includes(slug);
  const issues = slugs.flatMap((slug, index) =>
    isKnown(slug) ? [] : [{ path: `roles.${index}`, message: 'must be a role of this tenant' }],
  );
  if (issues.length > 0)
    throw new Failure('invalid_roles', summarizeIssues(issues), {
      details: { field: 'roles', issues },
    });
}
