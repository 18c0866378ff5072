import { parseOrganizationId, type Slug, type Uuid, uuidPattern } from '../../domain/kernel/ids.ts';
import { tenantSlugPattern } from '../../domain/tenants/slug.ts';

/**
 * Tenant that a path refers to, in lower case. The ID is empty and the slug undefined if they are
 * invalid.
 */
export type PathTenant = { readonly tenantId: Uuid } | { readonly slug: Slug | undefined };

/**
 * Reads the tenant in the path: an ID, an organization ID of Cradl, or the organization name of
 * Credible, which is the slug. Returns undefined for paths without one.
 */
export function readPathTenant({
  tenantId,
  organizationId,
  organization,
}: {
  readonly tenantId?: string | undefined;
  readonly organizationId?: string | undefined;
  readonly organization?: string | undefined;
}): PathTenant | undefined {
  if (tenantId !== undefined)
    return { tenantId: uuidPattern.test(tenantId) ? tenantId.toLowerCase() : '' };
  if (organizationId !== undefined) return { tenantId: parseOrganizationId(organizationId) ?? '' };
  if (organization === undefined) return undefined;
  const slug = organization.toLowerCase();
  return { slug: tenantSlugPattern.test(slug) ? slug : undefined };
}
