import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { DeploymentContext } from '../../domain/access/request-context.ts';
import type { Principal } from '../../domain/access/principal.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import { limitPermissions } from '../../domain/credential-limits/credential-limit.ts';
import { needsOwnPassword } from '../../domain/credential-limits/inactive-permissions.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { type Uuid, uuidPattern } from '../../domain/kernel/ids.ts';
import { collectAssignedRoles } from '../../domain/groups/group-roles.ts';
import { collectPermissions } from '../../domain/roles/role.ts';
import { chargeConsumptionTo } from '../../domain/tenants/consumption.ts';
import type { RateLimitRequest, TenantRateLimiter } from '../../domain/tenants/rate-limit.ts';
import type { TenantWithRoles } from '../../domain/tenants/tenant.ts';
import { getDeadline } from '../../runtime/deadline.ts';
import type { DialectConventions } from '../dialects.ts';
import type { DialectName, Operation } from '../routes.ts';
import { isDeploymentOperation } from './deployment-operations.ts';
import { readPathTenant } from './path-tenant.ts';
import { usesReserve } from './reserved-operations.ts';
import { type Caller, type CallerDependencies, createCallerResolver } from './resolve-caller.ts';
import { homeTenantNotFound, resolveTenant, tenantRequired } from './resolve-tenant.ts';
import { readTenantHint } from './tenant-hint.ts';

export interface AuthRequest {
  readonly event: APIGatewayProxyEventV2;
  readonly dialect: DialectName;
  readonly conventions: DialectConventions;
  readonly operation: Operation;
  /** Time until Lambda stops the function. */
  readonly remainingMs: number;
  /**
   * Called with the verified tenant and caller, which the log shows even if the request is
   * rejected.
   */
  readonly onCallerResolved: (tenantId: string | undefined, caller: Caller) => void;
  /** True to read tenant, roles and the caller's permissions from the table instead of a cache. */
  readonly needsCurrent: boolean;
  /** True if the rate limiter has counted the request already. */
  readonly isAlreadyCounted: boolean;
}

/** Operations on the tenant that a path names, not on its users and other resources. */
const tenantOperations: ReadonlySet<Operation> = new Set([
  'getTenant',
  'getOrganization',
  'updateTenant',
  'suspendTenant',
  'resumeTenant',
  'deleteTenant',
  'restoreTenant',
  'eraseTenant',
  'transferOwnership',
]);

/** Tenant operations of the native API that also find a deleted tenant. */
const deletionOperations: ReadonlySet<Operation> = new Set([
  'getTenant',
  'suspendTenant',
  'resumeTenant',
  'deleteTenant',
  'restoreTenant',
  'eraseTenant',
]);

/**
 * Authenticates a request and resolves its tenant. The context has no tenant only if a system
 * administrator calls a deployment operation without naming one.
 */
export type Authenticate = (request: AuthRequest) => Promise<DeploymentContext>;

export interface AuthDependencies extends CallerDependencies {
  readonly tenants: TenantStore;
  readonly rateLimiter: TenantRateLimiter;
  /** A request to `<slug>.<suffix>` names the tenant with this slug. */
  readonly tenantHostSuffix: string | undefined;
}

/** Tenant of a request, or the reason for which it is rejected. */
type TenantResult = PromiseSettledResult<TenantWithRoles | undefined>;

interface Resolution {
  readonly principal: Principal;
  readonly tenant: TenantResult;
  /** True for a system administrator who reads or changes the tenant, which may be suspended. */
  readonly allowsSuspended: boolean;
  /** Undefined if no rate limit applies. */
  readonly rateLimit: RateLimitRequest | undefined;
}

/**
 * Creates the function that authenticates a request and resolves its tenant.
 *
 * - A caller acts in the tenant of the token. Header, host and a slug in the path must agree.
 * - A system administrator acts in the tenant of the path, if the path refers to one.
 * - A deployment operation of a system administrator can name no tenant.
 * - A suspended tenant is rejected, except for system administrators who read or change it.
 * - The token of a SCIM connection works only with SCIM. There, the connection limits the changes,
 *   and its log contains them.
 * - A request counts toward the rate limit of the caller's home tenant. A rejected request counts
 *   only if the caller comes from the directory, because other issuers can name any tenant.
 * - Reads come from caches once a limit is exhausted.
 */
export function createAuthenticator(deps: AuthDependencies): Authenticate {
  const resolveCaller = createCallerResolver(deps);

  const resolve = async (request: AuthRequest, needsCurrent: boolean): Promise<Resolution> => {
    const { event, dialect, conventions, operation, onCallerResolved } = request;
    const caller = await resolveCaller(event.headers, conventions, needsCurrent);
    const homeTenantId = getHomeTenantId(caller);
    onCallerResolved(homeTenantId, caller);
    const pathTenant = readPathTenant(event.pathParameters ?? {});
    const find = needsCurrent ? deps.tenants.findCurrent : deps.tenants.find;
    const allowsNoTenant = isDeploymentOperation(operation);
    const findTenant = async (): Promise<TenantWithRoles | undefined> => {
      const requiresHeader = conventions.tenantHeader === 'required' && !allowsNoTenant;
      const { tenantHostSuffix } = deps;
      const hint = readTenantHint(event, { requiresHeader, tenantHostSuffix });
      const findTarget =
        dialect === 'native' && deletionOperations.has(operation)
          ? async (id: Uuid) => (await find(id)) ?? deps.tenants.findIncludingDeleted(id)
          : find;
      const tenants = { find, findTarget, findIdBySlug: deps.tenants.findIdBySlug };
      const found = await resolveTenant({ caller, hint, pathTenant }, tenants);
      if (!found && !allowsNoTenant) throw tenantRequired();
      if (caller.issuer === deps.ownIssuer.issuer) await assertHomeTenant(caller, found, find);
      return found;
    };
    const [tenant] = await Promise.allSettled([findTenant()]);
    // Groups that were read before the changes of members are read again.
    const isOutdated = needsCurrent && (getValue(tenant)?.memberJobs.length ?? 0) > 0;
    const currentCaller = isOutdated
      ? await resolveCaller(event.headers, conventions, needsCurrent)
      : caller;
    const principal = toPrincipal(currentCaller, getValue(tenant));
    const isRateLimited =
      homeTenantId !== undefined && (getValue(tenant) || caller.issuer === deps.ownIssuer.issuer);
    return {
      principal,
      tenant,
      allowsSuspended:
        caller.systemAdministrator && pathTenant !== undefined && tenantOperations.has(operation),
      rateLimit: isRateLimited
        ? { tenantId: homeTenantId, principal, usesReserve: usesReserve(operation, principal) }
        : undefined,
    };
  };

  /** Resolves from caches, because an exhausted tenant must not cost further reads. */
  const assertWithinLimits = async (request: AuthRequest): Promise<void> => {
    // A rejection based on cached data is not final.
    const [cached] = await Promise.allSettled([resolve(request, false)]);
    const rateLimit = cached.status === 'fulfilled' ? cached.value.rateLimit : undefined;
    if (rateLimit) deps.rateLimiter.assertWithinLimits(rateLimit);
  };

  return async (request) => {
    const { event, dialect, remainingMs, needsCurrent, isAlreadyCounted } = request;
    const deadline = getDeadline(deps.now(), remainingMs);
    if (needsCurrent && !isAlreadyCounted && deps.rateLimiter.hasExhaustedShare())
      await assertWithinLimits(request);
    const {
      principal,
      tenant: result,
      allowsSuspended,
      rateLimit,
    } = await resolve(request, needsCurrent);
    if (rateLimit && !isAlreadyCounted)
      chargeConsumptionTo(await deps.rateLimiter.consume(rateLimit));
    if (result.status === 'rejected') throw result.reason;
    const tenant = result.value;
    if (tenant && tenant.status !== 'active' && !allowsSuspended)
      throw new Failure('tenant_suspended', 'This tenant is suspended');
    if (dialect !== 'scim' && principal.appClient?.connectionId !== undefined)
      throw new Failure('forbidden', 'The token of a SCIM connection works only with SCIM');
    const { requestId } = event.requestContext;
    return { principal, tenant, dialect, requestId, deadline, decisions: [] };
  };
}

const getValue = (result: TenantResult): TenantWithRoles | undefined =>
  result.status === 'fulfilled' ? result.value : undefined;

/** Throws `forbidden` if the tenant that issued the credential of the caller is deleted. */
async function assertHomeTenant(
  { tenantId = '' }: Caller,
  tenant: TenantWithRoles | undefined,
  find: TenantStore['find'],
): Promise<void> {
  const isHome = tenant?.tenantId === tenantId && tenant.status !== 'deleted';
  if (!isHome && !(await find(tenantId))) throw homeTenantNotFound();
}

const getHomeTenantId = ({ tenantId }: Caller): string | undefined =>
  tenantId !== undefined && uuidPattern.test(tenantId) ? tenantId : undefined;

function toPrincipal(
  { allowedTenants: _internal, ...caller }: Caller,
  tenant: TenantWithRoles | undefined,
): Principal {
  const assigned = { roles: caller.roles, groups: caller.groups };
  if (!tenant) return { ...caller, assigned, permissions: [] };
  const mustChangePassword = needsOwnPassword(caller, tenant);
  if (mustChangePassword)
    return { ...caller, assigned, mustChangePassword, roles: [], groups: [], permissions: [] };
  const roles = collectAssignedRoles(caller, tenant);
  const permissions = limitPermissions(collectPermissions(roles, tenant.roles), caller.limit);
  return { ...caller, assigned, mustChangePassword, roles, permissions };
}
