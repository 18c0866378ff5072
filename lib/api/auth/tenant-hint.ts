import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { dialects } from '../dialects.ts';
import { invalidInput } from '../../domain/kernel/failure.ts';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import type { TenantStore, TenantWithRoles } from '../../domain/tenants/tenant.ts';
import { readTenantHint } from './resolve-tenant.ts';

/** A tenant as a body names it: in which field, and by its slug or its id. */
interface BodyTenant {
  readonly field: string;
  readonly value: string | undefined;
}

/**
 * The tenant of a request without a token, by its body, `X-Tenant-ID` or its host; undefined for one that there is not, and where
 * two of them disagree. Throws `invalid_input` where none is named.
 */
export async function resolveRequestTenant(
  event: APIGatewayProxyEventV2,
  { field, value }: BodyTenant,
  {
    tenants,
    tenantHostSuffix,
  }: { readonly tenants: TenantStore; readonly tenantHostSuffix: string | undefined },
): Promise<TenantWithRoles | undefined> {
  const { tenantId, slug } = readTenantHint(event, dialects.native, tenantHostSuffix);
  const named = [tenantId, slug, value?.toLowerCase()].filter((name) => name !== undefined);
  if (named.length === 0)
    throw invalidInput({
      path: field,
      message: 'is required, unless X-Tenant-ID or the host names the tenant',
    });
  const ids = await Promise.all(
    named.map(async (name) => (uuidPattern.test(name) ? name : tenants.findIdBySlug(name))),
  );
  const [id] = ids;
  return id !== undefined && ids.every((other) => other === id) ? tenants.find(id) : undefined;
}
