import { createHash } from 'node:crypto';
import type { Principal } from '../access/principal.ts';
import { Failure } from '../kernel/failure.ts';
import { type Limit, tooManyRequests } from '../kernel/limits.ts';

const windowMs = 10_000;
/** A process reports what it has counted whenever it is this part of a share. */
const batchesPerWindow = 25;
/** Part of a tenant's share that administrators can use after it is exhausted, to stop a flood. */
const reserveShare = 0.2;

/** Requests, and the read and write units that they consumed. */
export interface Consumption {
  readonly requests: number;
  readonly units: number;
}

/** Consumption of a tenant within a window. */
export interface TenantConsumption extends Consumption {
  /** Requests beyond the share, which used the reserve. */
  readonly reserved: number;
  /** Consumption of some of the principals, by the hash that `toPrincipalKey` makes. */
  readonly principals: ReadonlyMap<string, Consumption>;
}

/** The consumption that all processes of all functions have reported. */
export interface RequestCounter {
  /** Adds to the counts of a tenant's window, which ends at `until` (epoch milliseconds). Returns the sums. */
  add(tenantId: string, until: number, counted: TenantConsumption): Promise<TenantConsumption>;
}

interface Dependencies {
  readonly requestCounter: RequestCounter;
  readonly tenantRequestsPerSecond: number;
  readonly tenantUnitsPerSecond: number;
  /** Part of a tenant's share that one principal can use, up to 1. */
  readonly principalShare: number;
  readonly now: () => Date;
}

/** The caller of a request, and the tenant whose share it uses. */
export interface RateLimitRequest {
  readonly tenantId: string;
  readonly principal: Pick<Principal, 'issuer' | 'subject'>;
  /** True for administrative requests that stop a flood. */
  readonly usesReserve: boolean;
}

/** Shares of tenants, and of principals within them. */
export interface TenantRateLimiter {
  /** Counts a request, or throws `too_many_requests`. Returns the function that charges for the units it consumes. */
  consume(request: RateLimitRequest): Promise<(units: number) => void>;
  /** Throws `too_many_requests` if this process knows that the share is exhausted. Counts nothing. */
  assertWithinLimits(request: RateLimitRequest): void;
  /** True if this process knows of an exhausted share. */
  hasExhausted(): boolean;
}

interface Counter {
  requests: number;
  units: number;
}

interface TenantCounter extends Counter {
  reserved: number;
  readonly principals: Map<string, Counter>;
}

interface Window {
  /** End, in epoch milliseconds. */
  readonly until: number;
  /** Counted and not yet reported. */
  readonly tenants: Map<string, TenantCounter>;
  /** Keys of exhausted shares, and the limits that exhausted them. */
  readonly exhausted: Map<string, Limit>;
}

/** Stands for a principal in a counter: users, app clients and subjects of other issuers alike. */
const toPrincipalKey = ({ issuer, subject }: RateLimitRequest['principal']): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url')
    .slice(0, 16);

const principalShareKey = (tenantId: string, principal: string) => `${tenantId} ${principal}`;
const reserveKey = (tenantId: string) => `${tenantId} reserve`;

/**
 * Limits the requests of each tenant, and the units of the tables that they consume, in windows of ten seconds. Within its
 * tenant's share, each principal has a share of its own. Administrative requests can also use a reserve.
 *
 * Each process counts for itself and reports in batches. Quiet tenants therefore cost no request to the database, and
 * refused requests cost none. In return, each process may let a batch through after a share is exhausted. If the counts
 * cannot be reached, no request is refused: this is about fairness, and opens nothing.
 */
export function createTenantRateLimiter(deps: Dependencies): TenantRateLimiter {
  const {
    requestCounter: requestCounts,
    tenantRequestsPerSecond,
    tenantUnitsPerSecond,
    principalShare,
    now,
  } = deps;
  const seconds = windowMs / 1000;
  const maxConsumption: Consumption = {
    requests: tenantRequestsPerSecond * seconds,
    units: tenantUnitsPerSecond * seconds,
  };
  const maxPrincipalConsumption: Consumption = {
    requests: maxConsumption.requests * principalShare,
    units: maxConsumption.units * principalShare,
  };
  const batch = toBatch(maxConsumption);
  const principalBatch = toBatch(maxPrincipalConsumption);
  let window: Window = { until: 0, tenants: new Map(), exhausted: new Map() };

  const getWindow = (time: number): Window => {
    const until = (Math.floor(time / windowMs) + 1) * windowMs;
    if (window.until !== until) window = { until, tenants: new Map(), exhausted: new Map() };
    return window;
  };

  const report = async (
    { until, exhausted }: Window,
    tenantId: string,
    tenant: TenantCounter,
  ): Promise<void> => {
    const principals = new Map(
      [...tenant.principals].filter(([, counter]) => reaches(counter, principalBatch)),
    );
    for (const key of principals.keys()) tenant.principals.delete(key);
    const counted: TenantConsumption = {
      requests: tenant.requests,
      units: tenant.units,
      reserved: tenant.reserved,
      principals,
    };
    Object.assign(tenant, { requests: 0, units: 0, reserved: 0 });
    const sums = await requestCounts.add(tenantId, until, counted).catch(ignoreUnavailable);
    if (!sums) return;
    if (sums.units >= maxConsumption.units) exhausted.set(tenantId, 'tenant_units');
    if (sums.requests >= maxConsumption.requests) exhausted.set(tenantId, 'tenant_requests');
    if (sums.reserved >= maxConsumption.requests * reserveShare)
      exhausted.set(reserveKey(tenantId), 'tenant_requests');
    for (const [key, sum] of sums.principals) {
      if (sum.units >= maxPrincipalConsumption.units)
        exhausted.set(principalShareKey(tenantId, key), 'caller_units');
      if (sum.requests >= maxPrincipalConsumption.requests)
        exhausted.set(principalShareKey(tenantId, key), 'caller_requests');
    }
  };

  const assertLeft = (
    { tenantId, principal, usesReserve }: RateLimitRequest,
    time: number,
  ): void => {
    const { exhausted, until } = getWindow(time);
    const key = principalShareKey(tenantId, toPrincipalKey(principal));
    const limit =
      exhausted.get(usesReserve ? reserveKey(tenantId) : tenantId) ?? exhausted.get(key);
    if (limit !== undefined) throw tooManyRequests(limit, (until - time) / 1000);
  };

  return {
    assertWithinLimits: (request) => assertLeft(request, now().getTime()),

    hasExhausted: () => getWindow(now().getTime()).exhausted.size > 0,

    async consume(request) {
      const time = now().getTime();
      const { tenantId, principal } = request;
      assertLeft(request, time);
      const current = getWindow(time);
      const key = toPrincipalKey(principal);
      const [tenant, counter] = getCounters(current, tenantId, key);
      counter.requests++;
      if (current.exhausted.has(tenantId)) tenant.reserved++;
      else tenant.requests++;
      if (reaches({ requests: tenant.requests + tenant.reserved, units: tenant.units }, batch))
        await report(current, tenantId, tenant);
      return (units) => {
        for (const charged of getCounters(getWindow(now().getTime()), tenantId, key))
          charged.units += units;
      };
    },
  };
}

function getCounters(
  { tenants }: Window,
  tenantId: string,
  principal: string,
): [TenantCounter, Counter] {
  const tenant = tenants.get(tenantId) ?? {
    requests: 0,
    units: 0,
    reserved: 0,
    principals: new Map(),
  };
  const counter = tenant.principals.get(principal) ?? { requests: 0, units: 0 };
  tenants.set(tenantId, tenant);
  tenant.principals.set(principal, counter);
  return [tenant, counter];
}

const toBatch = ({ requests, units }: Consumption): Consumption => ({
  requests: Math.ceil(requests / batchesPerWindow),
  units: Math.ceil(units / batchesPerWindow),
});

const reaches = ({ requests, units }: Consumption, limit: Consumption): boolean =>
  requests >= limit.requests || units >= limit.units;

function ignoreUnavailable(error: unknown): undefined {
  if (error instanceof Failure) return undefined;
  throw error;
}
