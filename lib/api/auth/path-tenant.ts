import { parseOrganizationId, uuidPattern } from '../../domain/kernel/ids.ts';

/**
 * Reads the tenant ID in the path, in lower case. Returns an empty string for an invalid ID, and
 * undefined for paths without one.
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
