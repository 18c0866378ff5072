import { parseOrganizationId, uuidPattern } from '../../domain/kernel/ids.ts';

/**
 * The tenant that a path is about: a lower-case UUID, or the empty text, which is no tenant's id, where the path has something
 * else there. Undefined for a path that is about no tenant: these are the two names of parameters that are.
 */
export function readPathTenant({
  tenantId,
  organizationId,
}: {
  readonly tenantId?: string | undefined;
  readonly organizationId?: string | undefined;
}): string | undefined {
  if (tenantId !== undefined) return uuidPattern.test(tenantId) ? tenantId.toLowerCase() : '';
  if (organizationId !== undefined) return parseOrganizationId(organizationId) ?? '';
  return undefined;
}
