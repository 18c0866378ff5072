import { Failure, invalidInput, unauthenticated } from '../../domain/kernel/failure.ts';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import type { TenantWithRoles } from '../../domain/tenants/tenant.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import type { PathTenant } from './path-tenant.ts';
import type { Caller } from './resolve-caller.ts';
import type { TenantHint } from './tenant-hint.ts';

interface TenantNames {
  readonly caller: Pick<Caller, 'tenantId' | 'allowedTenants' | 'systemAdministrator'>;
  readonly hint: TenantHint;
  /** Undefined for paths that refer to no tenant. */
  readonly pathTenant: PathTenant | undefined;
}

interface Tenants extends Pick<TenantStore, 'find' | 'findIdBySlug'> {
  /** Finds the tenant in which a system administrator acts, for some operations if deleted. */
  readonly findTarget: TenantStore['find'];
}

/**
 * Resolves the tenant in which the caller acts. Undefined for a system administrator who names
 * none. Throws `tenant_mismatch` if header, host, token and a slug in the path disagree.
 */
export const resolveTenant = (
  names: TenantNames,
  tenants: Tenants,
): Promise<TenantWithRoles | undefined> =>
  names.caller.systemAdministrator
    ? resolveAnyTenant(names, tenants)
    : resolveOwnTenant(names, tenants);

export const homeTenantNotFound = (): Failure =>
  new Failure('forbidden', 'The tenant of the access token does not exist');

/** Failure of an operation in a tenant without the name of one. */
export const tenantRequired = (): Failure =>
  invalidInput({
    path: 'X-Tenant-ID',
    message: 'is required, because the access token names no tenant',
  });

const tenantMismatch = (): Failure =>
  new Failure('tenant_mismatch', 'The request names a different tenant than the access token');

/**
 * Reveals nothing about other tenants: it reads only the tenant of the token. The operation
 * compares an ID in the path.
 */
async function resolveOwnTenant(
  { caller: { tenantId, allowedTenants }, hint, pathTenant }: TenantNames,
  tenants: Tenants,
): Promise<TenantWithRoles> {
  if (tenantId === undefined)
    throw unauthenticated('token_invalid', 'The access token names no tenant');
  if (hint.tenantId !== undefined && hint.tenantId !== tenantId) throw tenantMismatch();
  if (allowedTenants !== '*' && !allowedTenants.includes(tenantId))
    throw new Failure('forbidden', 'The issuer of the access token cannot be used for this tenant');
  const tenant = uuidPattern.test(tenantId) ? await tenants.find(tenantId) : undefined;
  if (!tenant) throw homeTenantNotFound();
  if (hint.slug !== undefined && hint.slug !== tenant.slug) throw tenantMismatch();
  if (pathTenant && 'slug' in pathTenant && pathTenant.slug !== tenant.slug) throw tenantMismatch();
  return tenant;
}

/** The path decides. The tenant of header, host or token must still exist. */
async function resolveAnyTenant(
  { caller: { tenantId }, hint, pathTenant }: TenantNames,
  tenants: Tenants,
): Promise<TenantWithRoles | undefined> {
  const [hostTenantId, pathTenantId] = await Promise.all([
    findHostTenantId(hint, tenants),
    findPathTenantId(pathTenant, tenants),
  ]);
  const requestedTenantId = hint.tenantId ?? hostTenantId ?? tenantId;
  const targetTenantId = pathTenantId ?? requestedTenantId;
  if (targetTenantId === undefined) return undefined;
  const findById = async (id: string, find: TenantStore['find']) =>
    uuidPattern.test(id) ? find(id) : undefined;
  const namesOtherTenant = requestedTenantId !== undefined && requestedTenantId !== targetTenantId;
  const [tenant, requestedExists] = await Promise.all([
    findById(targetTenantId, tenants.findTarget),
    !namesOtherTenant || findById(requestedTenantId, tenants.find),
  ]);
  if (!tenant || !requestedExists) throw tenantNotFound();
  return tenant;
}

async function findHostTenantId(
  { slug, tenantId }: TenantHint,
  tenants: Tenants,
): Promise<string | undefined> {
  if (slug === undefined) return undefined;
  const hostTenantId = await tenants.findIdBySlug(slug);
  if (hostTenantId === undefined) throw tenantNotFound();
  if (tenantId !== undefined && hostTenantId !== tenantId) throw tenantMismatch();
  return hostTenantId;
}

async function findPathTenantId(
  pathTenant: PathTenant | undefined,
  tenants: Tenants,
): Promise<string | undefined> {
  if (!pathTenant || 'tenantId' in pathTenant) return pathTenant?.tenantId;
  const { slug } = pathTenant;
  const pathTenantId = slug === undefined ? undefined : await tenants.findIdBySlug(slug);
  if (pathTenantId === undefined) throw tenantNotFound();
  return pathTenantId;
}

const tenantNotFound = (): Failure => new Failure('not_found', 'The tenant does not exist');
