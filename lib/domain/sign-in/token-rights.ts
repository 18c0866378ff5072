import { type CredentialLimit, limitPermissions } from '../credential-limits/credential-limit.ts';
import { selectRolesWithinLimit } from '../credential-limits/inactive-permissions.ts';
import type { Slug } from '../kernel/ids.ts';
import { collectPermissions } from '../roles/role.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { TokenGrant } from './access-token.ts';

/** Builds the claims about rights, for other services: roles, and permissions of the deployment. */
export function buildTokenRights(
  slugs: readonly Slug[],
  tenant: Pick<TenantWithRoles, 'roles' | 'declaredPermissions'>,
  limit: CredentialLimit | undefined,
): Pick<TokenGrant, 'roles' | 'permissions'> {
  const { declaredPermissions } = tenant;
  const permissions = limitPermissions(collectPermissions(slugs, tenant.roles), limit);
  return {
    roles: selectRolesWithinLimit(slugs, tenant, limit),
    ...(declaredPermissions.length > 0 && {
      permissions: permissions.filter((permission) => declaredPermissions.includes(permission)),
    }),
  };
}
