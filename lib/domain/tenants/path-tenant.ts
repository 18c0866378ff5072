import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import type { Tenant, TenantAdminStore } from './tenant.ts';

/** No such tenant, or not the caller's: one answer. */
const tenantNotFound = (): Failure => new Failure('not_found', 'There is no such tenant');

/**
 * The tenant that a path names, as it was last written. It is that of the call, or it is nobody's: admission sees to it that
 * a system administrator acts in the one that the path names. To be asked once the policies have been.
 */
export async function getPathTenant(
  tenantId: string | undefined,
  { tenant }: RequestContext,
  { tenantAdminStore }: { readonly tenantAdminStore: TenantAdminStore },
): Promise<Tenant> {
  const found = tenantId === tenant.tenantId ? await tenantAdminStore.get(tenantId) : undefined;
  if (!found) throw tenantNotFound();
  return found;
}
