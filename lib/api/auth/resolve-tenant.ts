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
import { type CallerDependencies, callers } from './authenticate.ts';
import type { Admit, Applicant } from '../http/pipeline.ts';
import type { Issuer } from './issuers.ts';
import { pathTenant } from './path-tenant.ts';
import { usesReserve } from './reserved-operations.ts';

interface Dependencies extends CallerDependencies {
  readonly tenants: TenantStore;
  readonly shares: TenantRateLimiter;
  /** Requests to `<slug>.<suffix>` name the tenant with that slug. */
  readonly tenantHostSuffix: string | undefined;
}

/** Kept back from the time that a function has left, to read how an unclear write ended and to answer. */
const reserve = 1000;

/** The moment (epoch milliseconds) at which a call gives up, with so many milliseconds left to its function. */
export const deadlineOf = (now: Date, remaining: number): number =>
  now.getTime() + remaining - reserve;

/** Which tenant a request names, besides its token. */
interface Named {
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
export const admission = ({
  tenants,
  shares,
  tenantHostSuffix,
  now,
  ...deps
}: Dependencies): Admit => {
  const identify = callers({ ...deps, now });

  /** The caller, and the tenant in which they act or the reason why there is none. */
  const settle = async (
    { event, conventions: manners, operation, claimed }: Applicant,
    isCurrent: boolean,
  ): Promise<Settled> => {
    const { tenants: nameable, ...caller } = await identify(event.headers, isCurrent);
    const origin =
      caller.tenantId !== undefined && uuidPattern.test(caller.tenantId)
        ? caller.tenantId
        : undefined;
    claimed(origin, caller);
    const about = pathTenant(event.pathParameters ?? {});
    const find = isCurrent ? tenants.findCurrent : tenants.find;
    const findTenant = async (): Promise<TenantWithRoles> => {
      const named = namedTenant(event, manners, tenantHostSuffix);
      return caller.systemAdministrator
        ? tenantForAll(caller.tenantId, named, about, { ...tenants, find })
        : ownTenant(caller.tenantId, nameable, named, { find });
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
      origin !== undefined && (tenant !== undefined || caller.issuer === deps.ownIssuer.issuer);
    return {
      principal,
      tenant,
      refusal,
      isManaged: caller.systemAdministrator && about !== undefined,
      share: isCounted
        ? { tenantId: origin, principal, usesReserve: usesReserve(operation, principal) }
        : undefined,
    };
  };

  /** Throws `too_many_requests` if the share is exhausted. Reads caches, because nothing charges the tenant for strong reads then. */
  const refuseExhausted = async (applicant: Applicant): Promise<void> => {
    const [known] = await Promise.allSettled([settle(applicant, false)]);
    // A refusal on cached state is not final: the strong read decides.
    if (known.status === 'fulfilled' && known.value.share)
      shares.assertWithinLimits(known.value.share);
  };

  return async (applicant) => {
    const { event, dialect, remaining, isCurrent, isCounted } = applicant;
    const deadline = deadlineOf(now(), remaining);
    if (isCurrent && !isCounted && shares.hasExhausted()) await refuseExhausted(applicant);
    const { principal, tenant, refusal, isManaged, share } = await settle(applicant, isCurrent);
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
interface Settled {
  readonly principal: Principal;
  readonly tenant: TenantWithRoles | undefined;
  readonly refusal: unknown;
  /** True for a system administrator on a path about a tenant, which may be suspended. */
  readonly isManaged: boolean;
  /** The share that pays for the request, if one does. */
  readonly share: RateLimitRequest | undefined;
}

/** Throws `invalid_input` where the dialect wants the header and it is missing, or it is no UUID. */
export const namedTenant = (
  { headers, requestContext }: APIGatewayProxyEventV2,
  conventions: Pick<DialectConventions, 'tenantHeader'>,
  tenantHostSuffix: string | undefined,
): Named => ({
  tenantId: tenantHeader(headers['x-tenant-id'], conventions.tenantHeader === 'required'),
  slug: hostLabel(requestContext.domainName, tenantHostSuffix),
});

function tenantHeader(value: string | undefined, required: boolean): string | undefined {
  if (value === undefined) {
    if (required) throw invalidInput({ path: 'X-Tenant-ID', message: 'is required' });
    return undefined;
  }
  if (!uuidPattern.test(value))
    throw invalidInput({ path: 'X-Tenant-ID', message: 'must be a UUID' });
  return value.toLowerCase();
}

/** From the domain name that API Gateway matched, which no header can change. */
function hostLabel(domainName: string, suffix: string | undefined): string | undefined {
  if (suffix === undefined || !domainName.toLowerCase().endsWith(`.${suffix}`)) return undefined;
  return domainName.toLowerCase().slice(0, -suffix.length - 1);
}

const mismatch = (): Failure =>
  new Failure('tenant_mismatch', 'The request names another tenant than the access token');

/** Nobody but a system administrator reaches any tenant but the token's, nor learns whether another exists. */
async function ownTenant(
  tenantId: string | undefined,
  nameable: Issuer['tenants'],
  named: Named,
  tenants: Pick<TenantStore, 'find'>,
): Promise<TenantWithRoles> {
  if (tenantId === undefined)
    throw unauthenticated('token_invalid', 'The access token names no tenant');
  if (named.tenantId !== undefined && named.tenantId !== tenantId) throw mismatch();
  if (nameable !== '*' && !nameable.includes(tenantId)) {
    throw new Failure('forbidden', 'The issuer of the access token may not speak for this tenant');
  }
  const tenant = uuidPattern.test(tenantId) ? await tenants.find(tenantId) : undefined;
  if (!tenant) throw new Failure('forbidden', 'The tenant of the access token is not known here');
  if (named.slug !== undefined && named.slug !== tenant.slug) throw mismatch();
  return tenant;
}

async function tenantForAll(
  tenantId: string | undefined,
  named: Named,
  about: string | undefined,
  tenants: Pick<TenantStore, 'find' | 'findIdBySlug'>,
): Promise<TenantWithRoles> {
  const unknown = () => new Failure('not_found', 'There is no such tenant');
  const hosted = named.slug === undefined ? undefined : await tenants.findIdBySlug(named.slug);
  if (named.slug !== undefined && hosted === undefined) throw unknown();
  if (hosted !== undefined && named.tenantId !== undefined && hosted !== named.tenantId)
    throw mismatch();
  const standing = named.tenantId ?? hosted ?? tenantId;
  const agreed = about ?? standing;
  if (agreed === undefined)
    throw invalidInput({
      path: 'X-Tenant-ID',
      message: 'is required, because the access token names no tenant',
    });
  const find = async (id: string) => (uuidPattern.test(id) ? tenants.find(id) : undefined);
  const isElsewhere = standing !== undefined && standing !== agreed;
  const [tenant, isThere] = await Promise.all([find(agreed), !isElsewhere || find(standing)]);
  if (!tenant || !isThere) throw unknown();
  return tenant;
}
