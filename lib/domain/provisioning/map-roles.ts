import { findMissing } from '../access/permissions.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { Connection } from '../connections/connection.ts';
import type { RequestLog } from '../connections/request-log.ts';
import type { Slug } from '../kernel/ids.ts';
import { collectPermissions } from '../roles/role.ts';
import type { User } from '../users/user.ts';

/**
 * Maps values of the SCIM attributes `roles` and `entitlements` to roles. Skips a role that no
 * longer exists and one with a permission that the connection lacks.
 */
export function mapRoles(
  values: readonly string[],
  { roleMap }: Pick<Connection, 'roleMap'>,
  { tenant, principal }: RequestContext,
  log: RequestLog,
): readonly Slug[] {
  const slugs = values.flatMap((value) => (Object.hasOwn(roleMap, value) ? [roleMap[value]] : []));
  return [...new Set(slugs)].filter((slug): slug is Slug => {
    if (slug === undefined || !tenant.roles.has(slug)) {
      log.skip('The mapped role does not exist', { name: slug ?? '' });
      return false;
    }
    const permissions = collectPermissions([slug], tenant.roles);
    if (findMissing(permissions, principal.permissions).length === 0) return true;
    log.skip('The mapped role has permissions that the connection lacks', { name: slug });
    return false;
  });
}

/**
 * Replaces the roles that the connection gave a user. Roles that others gave stay, also if the
 * connection maps them later.
 */
export function replaceMappedRoles(
  { roles, managedBy }: Pick<User, 'roles' | 'managedBy'>,
  mapped: readonly Slug[],
): { readonly roles: readonly Slug[]; readonly mappedRoles: readonly Slug[] } {
  const earlier = managedBy?.roles ?? [];
  const direct = roles.filter((slug) => !earlier.includes(slug));
  const mappedRoles = mapped.filter((slug) => !direct.includes(slug));
  return { roles: [...direct, ...mappedRoles], mappedRoles };
}
