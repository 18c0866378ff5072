import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { DialectConventions } from '../dialects.ts';
import type { RequestContext, Principal } from '../../domain/access/request-context.ts';
import { limitPermissions } from '../../domain/credential-limits/credential-limit.ts';
import { Failure, invalidInput, unauthenticated } from '../../domain/kernel/failure.ts';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import { collectPermissions } from '../../domain/roles/role.ts';
import { setAccount } from '../../domain/tenants/consumption.ts';
import type { RateLimitRequest, TenantRateLimiter } from '../../domain/tenants/rate-limit.ts';
import type { TenantStore, TenantWithRoles } from '../../domain/tenants/tenant.ts';
import { type CallerDependencies, createCallerResolver } from './authenticate.ts';
import type { Authenticate, AuthRequest } from '../http/pipeline.ts';
import type { Issuer } from './issuers.ts';
import { readPathTenant } from './path-tenant.ts';
import { usesReserve } from './reserved-operations.ts';

interface Dependencies extends CallerDependencies {
  readonly tenants: TenantStore;
  readonly shares: TenantRateLimiter;
  /** Requests to `<slug>.<suffix>` name the tenant with that slug. */
  readonly tenantHostSuffix: string | undefined;
}

/** Kept back from the time that a function has left, to read how an unclear write ended and to answer. */
const reserveMs = 1000;

/** The moment (epoch milliseconds) at which a call gives up, with so many milliseconds left to its function. */
export const getDeadline = (now: Date, remainingMs: number): number =>
  now.getTime() + remainingMs - reserveMs;

/** Which tenant a request names, besides its token. */
interface TenantHint {
  /** `X-Tenant-ID`, lower case. */
  readonly tenantId: string | undefined;
  /** The host label in front of the suffix. */
  readonly slug: string | undefined;
}

/**
 * Authenticates a request and settles its tenant: the token's, and whatever else the request names must agree.
 *
 * Where the path itself is about a tenant (`/v1/tenants/{tenantId}`), a system administrator acts in that one, whichever
 * tenant the header, the host or the token says that they come from; these still have to be there. Everybody else acts in
 * their own as always, and the operation finds nothing under the id of another, after the policies were asked.
 *
 * A suspended tenant is served to nobody, except that a system administrator reaches what its path is about: else nobody
 * could look at it, or resume it. One who comes from it goes on in all others.
 *
 * Each request counts for the share of the tenant that the caller comes from, wherever they act. A system administrator who
 * comes from none uses no share. A request that is refused before counts only if the caller is of Roster's own directory, which
 * was read to find them: an issuer may name tenants that are not its own. Nothing is read strongly once the share is exhausted.
 */
export const createAuthenticator = ({
  tenants,
  shares,
  tenantHostSuffix,
  now,
  ...deps
}: Dependencies): Authenticate => {
  const resolveCaller = createCallerResolver({ ...deps, now });

  /** The caller, and the tenant in which they act or the reason why there is none. */
  const resolve = async (
    { event, conventions, operation, onTenantResolved }: AuthRequest,
    isCurrent: boolean,
  ): Promise<ResolvedRequest> => {
    const { allowedTenants, ...caller } = await resolveCaller(event.headers, isCurrent);
    const homeTenantId =
      caller.tenantId !== undefined && uuidPattern.test(caller.tenantId)
        ? caller.tenantId
        : undefined;
    onTenantResolved(homeTenantId, caller);
    const pathTenantId = readPathTenant(event.pathParameters ?? {});
    const find = isCurrent ? tenants.findCurrent : tenants.find;
    const findTenant = async (): Promise<TenantWithRoles> => {
      const hint = readTenantHint(event, conventions, tenantHostSuffix);
      return caller.systemAdministrator
        ? resolveAnyTenant(caller.tenantId, hint, pathTenantId, { ...tenants, find })
        : resolveOwnTenant(caller.tenantId, allowedTenants, hint, { find });
    };
    const [found] = await Promise.allSettled([findTenant()]);
    const tenant = found.status === 'fulfilled' ? found.value : undefined;
    const refusal = found.status === 'rejected' ? found.reason : undefined;
    const roles = tenant?.requireOwnPassword && caller.isPasswordSetByOther ? [] : caller.roles;
    const permissions = tenant
      ? limitPermissions(collectPermissions(roles, tenant.roles), caller.limit)
      : [];
    const principal = { ...caller, roles, permissions };
    const isCounted =
      homeTenantId !== undefined &&
      (tenant !== undefined || caller.issuer === deps.ownIssuer.issuer);
    return {
      principal,
      tenant,
      refusal,
      isManaged: caller.systemAdministrator && pathTenantId !== undefined,
      share: isCounted
        ? { tenantId: homeTenantId, principal, usesReserve: usesReserve(operation, principal) }
        : undefined,
    };
  };

  /** Throws `too_many_requests` if the share is exhausted. Reads caches, because nothing charges the tenant for strong reads then. */
  const assertShareLeft = async (applicant: AuthRequest): Promise<void> => {
    const [known] = await Promise.allSettled([resolve(applicant, false)]);
    // A refusal on cached state is not final: the strong read decides.
    if (known.status === 'fulfilled' && known.value.share)
      shares.assertWithinLimits(known.value.share);
  };

  return async (request) => {
    const {
      event,
      dialect,
      remainingMs: remaining,
      isCurrent,
      isAlreadyCounted: isCounted,
    } = request;
    const deadline = getDeadline(now(), remaining);
    if (isCurrent && !isCounted && shares.hasExhausted()) await assertShareLeft(request);
    const { principal, tenant, refusal, isManaged, share } = await resolve(request, isCurrent);
    if (share && !isCounted) setAccount(await shares.consume(share));
    if (!tenant) throw refusal;
    if (tenant.status !== 'active' && !isManaged)
      throw new Failure('tenant_suspended', 'This tenant is suspended');

    const call: RequestContext = {
      principal,
      tenant,
      dialect,
      requestId: event.requestContext.requestId,
      deadline,
      decisions: [],
    };
    return call;
  };
};

/** Outcome of looking for caller and tenant. Without a tenant there is a `refusal`. */
interface ResolvedRequest {
  readonly principal: Principal;
  readonly tenant: TenantWithRoles | undefined;
  readonly refusal: unknown;
  /** True for a system administrator on a path about a tenant, which may be suspended. */
  readonly isManaged: boolean;
  /** The share that pays for the request, if one does. */
  readonly share: RateLimitRequest | undefined;
}

/** Throws `invalid_input` where the dialect wants the header and it is missing, or it is no UUID. */
export const readTenantHint = (
  { headers, requestContext }: APIGatewayProxyEventV2,
  conventions: Pick<DialectConventions, 'tenantHeader'>,
  tenantHostSuffix: string | undefined,
): TenantHint => ({
  tenantId: parseTenantHeader(headers['x-tenant-id'], conventions.tenantHeader === 'required'),
  slug: getHostLabel(requestContext.domainName, tenantHostSuffix),
});

function parseTenantHeader(value: string | undefined, required: boolean): string | undefined {
  if (value === undefined) {
    if (required) throw invalidInput({ path: 'X-Tenant-ID', message: 'is required' });
    return undefined;
  }
  if (!uuidPattern.test(value))
    throw invalidInput({ path: 'X-Tenant-ID', message: 'must be a UUID' });
  return value.toLowerCase();
}

/** From the domain name that API Gateway matched, which no header can change. */
function getHostLabel(domainName: string, suffix: string | undefined): string | undefined {
  if (suffix === undefined || !domainName.toLowerCase().endsWith(`.${suffix}`)) return undefined;
  return domainName.toLowerCase().slice(0, -suffix.length - 1);
}

const tenantMismatch = (): Failure =>
  new Failure('tenant_mismatch', 'The request names another tenant than the access token');

/** Nobody but a system administrator reaches any tenant but the token's, nor learns whether another exists. */
async function resolveOwnTenant(
  tenantId: string | undefined,
  allowedTenants: Issuer['tenants'],
  hint: TenantHint,
  tenants: Pick<TenantStore, 'find'>,
): Promise<TenantWithRoles> {
  if (tenantId === undefined)
    throw unauthenticated('token_invalid', 'The access token names no tenant');
  if (hint.tenantId !== undefined && hint.tenantId !== tenantId) throw tenantMismatch();
  if (allowedTenants !== '*' && !allowedTenants.includes(tenantId)) {
    throw new Failure('forbidden', 'The issuer of the access token may not speak for this tenant');
  }
  const tenant = uuidPattern.test(tenantId) ? await tenants.find(tenantId) : undefined;
  if (!tenant) throw new Failure('forbidden', 'The tenant of the access token is not known here');
  if (hint.slug !== undefined && hint.slug !== tenant.slug) throw tenantMismatch();
  return tenant;
}

async function resolveAnyTenant(
  tenantId: string | undefined,
  hint: TenantHint,
  pathTenantId: string | undefined,
  tenants: Pick<TenantStore, 'find' | 'findIdBySlug'>,
): Promise<TenantWithRoles> {
  const unknown = () => new Failure('not_found', 'There is no such tenant');
  const hostTenantId = hint.slug === undefined ? undefined : await tenants.findIdBySlug(hint.slug);
  if (hint.slug !== undefined && hostTenantId === undefined) throw unknown();
  if (hostTenantId !== undefined && hint.tenantId !== undefined && hostTenantId !== hint.tenantId)
    throw tenantMismatch();
  const requestedTenantId = hint.tenantId ?? hostTenantId ?? tenantId;
  const targetTenantId = pathTenantId ?? requestedTenantId;
  if (targetTenantId === undefined)
    throw invalidInput({
      path: 'X-Tenant-ID',
      message: 'is required, because the access token names no tenant',
    });
  const find = async (id: string) => (uuidPattern.test(id) ? tenants.find(id) : undefined);
  const isElsewhere = requestedTenantId !== undefined && requestedTenantId !== targetTenantId;
  const [tenant, isThere] = await Promise.all([
    find(targetTenantId),
    !isElsewhere || find(requestedTenantId),
  ]);
  if (!tenant || !isThere) throw unknown();
  return tenant;
}
