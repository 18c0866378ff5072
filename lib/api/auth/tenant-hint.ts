import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invalidInput } from '../../domain/kernel/failure.ts';
import { type Uuid, uuidPattern } from '../../domain/kernel/ids.ts';
import type { TenantWithRoles } from '../../domain/tenants/tenant.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';

/** Tenant that a request names in addition to its token. */
export interface TenantHint {
  /** `X-Tenant-ID`, in lower case. */
  readonly tenantId: string | undefined;
  /** Host label before the suffix. */
  readonly slug: string | undefined;
}

interface HintOptions {
  /** True to throw `invalid_input` without `X-Tenant-ID`. */
  readonly requiresHeader?: boolean;
  readonly tenantHostSuffix: string | undefined;
}

/** Throws `invalid_input` if `X-Tenant-ID` is not a UUID, or is required and missing. */
export const readTenantHint = (
  { headers, requestContext }: APIGatewayProxyEventV2,
  { requiresHeader = false, tenantHostSuffix }: HintOptions,
): TenantHint => ({
  tenantId: parseTenantHeader(headers['x-tenant-id'], requiresHeader),
  slug: getHostLabel(requestContext.domainName, tenantHostSuffix),
});

function parseTenantHeader(value: string | undefined, isRequired: boolean): string | undefined {
  if (value === undefined) {
    if (isRequired) throw invalidInput({ path: 'X-Tenant-ID', message: 'is required' });
    return undefined;
  }
  if (!uuidPattern.test(value))
    throw invalidInput({ path: 'X-Tenant-ID', message: 'must be a UUID' });
  return value.toLowerCase();
}

/** Reads the domain name that API Gateway matched. A client cannot forge it. */
function getHostLabel(domainName: string, suffix: string | undefined): string | undefined {
  if (suffix === undefined || !domainName.toLowerCase().endsWith(`.${suffix}`)) return undefined;
  return domainName.toLowerCase().slice(0, -suffix.length - 1);
}

/** Tenant in the body of a public request: a slug or an ID. */
interface BodyTenant {
  readonly field: string;
  readonly value: string | undefined;
  /** Finds the tenant of a request that names none. */
  readonly findDefaultId?: () => Promise<Uuid | undefined>;
}

interface Dependencies {
  readonly tenants: Pick<TenantStore, 'find' | 'findIdBySlug'>;
  readonly tenantHostSuffix: string | undefined;
}

/**
 * Resolves the tenant of a public request from its body, `X-Tenant-ID` and host. Returns undefined
 * for an unknown tenant and for contradicting names. Throws `invalid_input` if the request names
 * none and has no default.
 */
export async function resolveRequestTenant(
  event: APIGatewayProxyEventV2,
  { field, value, findDefaultId }: BodyTenant,
  { tenants, tenantHostSuffix }: Dependencies,
): Promise<TenantWithRoles | undefined> {
  const { tenantId, slug } = readTenantHint(event, { tenantHostSuffix });
  const names = [tenantId, slug, value?.toLowerCase()].filter((name) => name !== undefined);
  if (names.length === 0) {
    const defaultId = await findDefaultId?.();
    if (defaultId !== undefined) return tenants.find(defaultId);
    throw invalidInput({
      path: field,
      message: 'is required, unless X-Tenant-ID or the host names the tenant',
    });
  }
  const ids = await Promise.all(
    names.map(async (name) => (uuidPattern.test(name) ? name : tenants.findIdBySlug(name))),
  );
  const [id] = ids;
  return id !== undefined && ids.every((other) => other === id) ? tenants.find(id) : undefined;
}
