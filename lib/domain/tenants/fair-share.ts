import { Failure } from '../failure.ts';
import { tooManyRequests } from '../limits.ts';

/** Requests are counted so long at a time. Milliseconds. */
const windowLength = 10_000;
/** Into how many parts what a tenant may send is divided. */
const parts = 25;

/** What all processes of all functions have counted. */
export interface RequestCounts {
  /** Adds so many requests of a tenant to those of a window, and answers how many that makes. `until` (epoch milliseconds) is its end. */
  add(tenantId: string, requests: number, until: number): Promise<number>;
}

interface Dependencies {
  readonly requestCounts: RequestCounts;
  readonly tenantRequestsPerSecond: number;
  readonly now: () => Date;
}

interface Window {
  /** Its end, in epoch milliseconds. */
  readonly until: number;
  readonly counted: Map<string, number>;
  /** Those who have sent as many as they may. */
  readonly spent: Set<string>;
}

/**
 * Counts a request of a tenant; throws `too_many_requests` once there have been as many as it may send in ten seconds, so that one
 * that floods takes nothing from the others.
 *
 * Each process counts for itself, and adds to the count of all once it has a part together: whoever sends less than that costs no
 * request to the database, and who is refused costs none either. In return as much as a part for each process may get through
 * besides. Where the count of all cannot be reached nobody is refused: this is about fairness, and opens nothing.
 */
export function fairShare({ requestCounts, tenantRequestsPerSecond, now }: Dependencies): (tenantId: string) => Promise<void> {
  const most = (tenantRequestsPerSecond * windowLength) / 1000;
  const part = Math.ceil(most / parts);
  let window: Window = { until: 0, counted: new Map(), spent: new Set() };

  const current = (time: number): Window => {
    const until = (Math.floor(time / windowLength) + 1) * windowLength;
    if (window.until !== until) window = { until, counted: new Map(), spent: new Set() };
    return window;
  };

  return async (tenantId) => {
    const time = now().getTime();
    const { until, counted, spent } = current(time);
    if (spent.has(tenantId)) throw tooManyRequests('tenant_requests', (until - time) / 1000);
    const count = (counted.get(tenantId) ?? 0) + 1;
    counted.set(tenantId, count % part);
    if (count < part) return;
    const sum = await requestCounts.add(tenantId, part, until).catch(nothingKnown);
    if (sum >= most) spent.add(tenantId);
  };
}

function nothingKnown(error: unknown): number {
  if (error instanceof Failure) return 0;
  throw error;
}
