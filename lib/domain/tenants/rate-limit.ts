import { hash } from 'node:crypto';
import type { Principal } from '../access/principal.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { type Limit, tooManyRequests } from '../kernel/limits.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';

const windowMs: DurationMs = 10_000;
/** Number of reports in which a process would count a whole share. */
const batchesPerWindow = 25;
/** Additional fraction of a share for administrative requests that stop a flood. */
const reserveShare = 0.2;

/** Requests with the read and write units that they consumed. */
export interface Consumption {
  readonly requests: number;
  readonly units: number;
}

/** Consumption of a tenant within a window. */
export interface TenantConsumption extends Consumption {
  /** Requests that used the reserve. */
  readonly reserveRequests: number;
  /** Consumption of the busiest principals by hash. */
  readonly principals: ReadonlyMap<string, Consumption>;
}

/** Consumption that all processes reported. */
export interface RequestCounter {
  /** Adds to the consumption of a tenant's window. Returns the totals. */
  add(
    tenantId: Uuid,
    windowEndMs: EpochMs,
    consumption: TenantConsumption,
  ): Promise<TenantConsumption>;
}

interface Dependencies {
  readonly requestCounter: RequestCounter;
  readonly tenantRequestsPerSecond: number;
  readonly tenantUnitsPerSecond: number;
  /** Fraction of a tenant's share that one principal can use, up to 1. */
  readonly principalShare: number;
  readonly now: () => Date;
}

/** Caller of a request and the tenant whose share it uses. */
export interface RateLimitRequest {
  readonly tenantId: Uuid;
  readonly principal: Pick<Principal, 'issuer' | 'subject'>;
  /** True for administrative requests that stop a flood. */
  readonly usesReserve: boolean;
  /** 0 between the parts of a long request, which is counted already. Default: 1. */
  readonly requests?: 0;
}

/** Limits each tenant, and each principal in it, to a share of the capacity. */
export interface TenantRateLimiter {
  /** Counts a request. Returns a function that charges its units. Throws `too_many_requests`. */
  consume(request: RateLimitRequest): Promise<(units: number) => void>;
  /** Throws `too_many_requests` if this process knows of an exhausted share. Counts nothing. */
  assertWithinLimits(request: RateLimitRequest): void;
  /** True if this process knows of an exhausted share. */
  hasExhaustedShare(): boolean;
}

interface Counter {
  requests: number;
  units: number;
}

interface TenantCounter extends Counter {
  reserveRequests: number;
  readonly principals: Map<string, Counter>;
}

interface Window {
  readonly endsAtMs: EpochMs;
  /** Consumption that is not reported yet. */
  readonly tenants: Map<string, TenantCounter>;
  /** Exceeded limits by share. */
  readonly exceededLimits: Map<string, Limit>;
}

/** Hashes a principal to a key of bounded length. */
const toPrincipalKey = ({ issuer, subject }: RateLimitRequest['principal']): string =>
  hash('sha256', JSON.stringify([issuer, subject]), 'base64url').slice(0, 16);

const toPrincipalShareKey = (tenantId: string, principal: string) => `${tenantId} ${principal}`;
const toReserveKey = (tenantId: string) => `${tenantId} reserve`;

/**
 * Creates a limiter for the requests and the table units of each tenant in windows of 10 s. Each
 * principal has a share within the tenant's share. Administrative requests also have a reserve.
 *
 * Processes count locally and report in batches, so quiet tenants and rejected requests cost no
 * database request. In return, each process can exceed a share by one batch. If the counter is
 * unavailable, no request is rejected: the limit is for fairness, not for security.
 */
export function createTenantRateLimiter(deps: Dependencies): TenantRateLimiter {
  const { requestCounter, tenantRequestsPerSecond, tenantUnitsPerSecond, principalShare, now } =
    deps;
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
  let window: Window = { endsAtMs: 0, tenants: new Map(), exceededLimits: new Map() };

  const getWindow = (time: EpochMs): Window => {
    const endsAtMs = (Math.floor(time / windowMs) + 1) * windowMs;
    if (window.endsAtMs !== endsAtMs)
      window = { endsAtMs, tenants: new Map(), exceededLimits: new Map() };
    return window;
  };

  const report = async (
    { endsAtMs, exceededLimits }: Window,
    tenantId: string,
    tenant: TenantCounter,
  ): Promise<void> => {
    const principals = new Map(
      [...tenant.principals].filter(([, counter]) => reaches(counter, principalBatch)),
    );
    for (const key of principals.keys()) tenant.principals.delete(key);
    const consumption: TenantConsumption = {
      requests: tenant.requests,
      units: tenant.units,
      reserveRequests: tenant.reserveRequests,
      principals,
    };
    Object.assign(tenant, { requests: 0, units: 0, reserveRequests: 0 });
    const totals = await requestCounter
      .add(tenantId, endsAtMs, consumption)
      .catch(ignoreUnavailable);
    if (!totals) return;
    if (totals.units >= maxConsumption.units) exceededLimits.set(tenantId, 'tenant_units');
    if (totals.requests >= maxConsumption.requests) exceededLimits.set(tenantId, 'tenant_requests');
    if (totals.reserveRequests >= maxConsumption.requests * reserveShare)
      exceededLimits.set(toReserveKey(tenantId), 'tenant_requests');
    for (const [key, total] of totals.principals) {
      if (total.units >= maxPrincipalConsumption.units)
        exceededLimits.set(toPrincipalShareKey(tenantId, key), 'caller_units');
      if (total.requests >= maxPrincipalConsumption.requests)
        exceededLimits.set(toPrincipalShareKey(tenantId, key), 'caller_requests');
    }
  };

  const assertNotExceeded = (
    { tenantId, principal, usesReserve }: RateLimitRequest,
    time: EpochMs,
  ): void => {
    const { exceededLimits, endsAtMs } = getWindow(time);
    if (exceededLimits.size === 0) return;
    const key = toPrincipalShareKey(tenantId, toPrincipalKey(principal));
    const limit =
      exceededLimits.get(usesReserve ? toReserveKey(tenantId) : tenantId) ??
      exceededLimits.get(key);
    if (limit !== undefined) throw tooManyRequests(limit, (endsAtMs - time) / 1000);
  };

  return {
    assertWithinLimits: (request) => assertNotExceeded(request, now().getTime()),

    hasExhaustedShare: () => getWindow(now().getTime()).exceededLimits.size > 0,

    async consume(request) {
      const time = now().getTime();
      const { tenantId, principal, requests = 1 } = request;
      assertNotExceeded(request, time);
      const current = getWindow(time);
      const key = toPrincipalKey(principal);
      const [tenant, counter] = getCounters(current, tenantId, key);
      counter.requests += requests;
      if (current.exceededLimits.has(tenantId)) tenant.reserveRequests += requests;
      else tenant.requests += requests;
      if (
        reaches({ requests: tenant.requests + tenant.reserveRequests, units: tenant.units }, batch)
      )
        await report(current, tenantId, tenant);
      return (units) => {
        for (const share of getCounters(getWindow(now().getTime()), tenantId, key))
          share.units += units;
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
    reserveRequests: 0,
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
