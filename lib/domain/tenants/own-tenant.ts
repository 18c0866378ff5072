import type { Call } from '../call.ts';
import { Failure } from '../failure.ts';
import type { Tenant, TenantRegister } from '../tenants.ts';
import { ownUser } from '../users/own-user.ts';
import type { UserStore } from '../users/user.ts';

/** No such tenant, or not the caller's: one answer. */
const noSuchTenant = (): Failure => new Failure('not_found', 'There is no such tenant');

/**
 * The tenant that a path names, as it was last written. It is that of the call, or it is nobody's: admission sees to it that
 * a system administrator acts in the one that the path names. To be asked once the policies have been.
 */
export async function tenantOf(
  tenantId: string | undefined,
  { tenant }: Call,
  { tenantRegister }: { readonly tenantRegister: TenantRegister },
): Promise<Tenant> {
  const found = tenantId === tenant.tenantId ? await tenantRegister.get(tenantId) : undefined;
  if (!found) throw noSuchTenant();
  return found;
}

/**
 * Whether the caller is the active user who owns the tenant, as it is given here, by a password that nobody else has chosen. Nobody owns
 * a tenant that has no owner.
 */
export async function isOwnersCall({ ownerUserId }: Tenant, call: Call, deps: { readonly users: UserStore }): Promise<boolean> {
  const user = ownerUserId === undefined ? undefined : await ownUser(call, deps);
  return user?.status === 'active' && !user.mustChangePassword && user.userId === ownerUserId;
}
