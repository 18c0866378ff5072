import { once } from 'node:events';
import type { Decision } from '../../domain/access/request-context.ts';
import {
  type ActivityRecord,
  type ActivityStore,
  buildActivity,
} from '../../domain/feed/activity.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import type { Keyring } from '../../domain/kernel/keyring.ts';
import type { DurationMs } from '../../domain/kernel/time.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import { logEvent } from '../../runtime/event-log.ts';
import type { Caller } from '../auth/resolve-caller.ts';

export interface DenialDependencies {
  /** Undefined if the deployment has no event feed. */
  readonly activity: ActivityStore | undefined;
  readonly tenants: Pick<TenantStore, 'find'>;
  readonly keyring: Keyring;
  readonly now: () => Date;
  /** Time that a denied request waits for its record. */
  readonly maxDenialMs: DurationMs;
}

/** Request, or rows of an import, that were denied after authentication. */
export interface Denial {
  readonly tenantId: Uuid;
  /** True if the tenant of the request is known to exist. False before it is resolved. */
  readonly isResolved: boolean;
  readonly caller: Caller;
  readonly operation: string;
  readonly requestId: string;
  readonly decisions: readonly Decision[];
  /** Number of denied parts. 1 for a denied request. */
  readonly count: number;
}

export interface DenialRecorder {
  /** Records a denial. Never throws. */
  record(denial: Denial): Promise<void>;
  /** Writes the counts of earlier minutes. Never throws. */
  flush(): Promise<void>;
}

/** Equal denials in one minute. */
interface DenialWindow {
  readonly tenantId: Uuid;
  readonly record: ActivityRecord;
  readonly minute: number;
  /** Denials that are not written yet. */
  count: number;
}

const minuteMs = 60_000;
/** Writes of a process in a minute. */
const maxWrites = 100;

/**
 * Creates the recorder of a process. It writes the first denial at once. It counts equal denials and
 * writes their number with the first one of the next minute, or when they end.
 */
export function createDenialRecorder(deps: DenialDependencies): DenialRecorder {
  const { activity, tenants, now, maxDenialMs } = deps;
  const windows = new Map<string, DenialWindow>();
  let currentMinute = 0;
  let writes = 0;
  let droppedDenials = 0;

  const log = (outcome: 'failed' | 'dropped', details: { tenant?: Uuid; error?: unknown }): void =>
    logEvent({
      operation: 'recordDenial',
      outcome,
      ...details,
      time: now().getTime(),
      metrics: { droppedDenials },
    });

  /** Runs for a limited time. */
  const runBriefly = async (
    tenant: Uuid,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> => {
    const signal = AbortSignal.timeout(maxDenialMs);
    const timeout = once(signal, 'abort').then(() => Promise.reject(signal.reason));
    await Promise.race([work(signal), timeout]).catch((error: unknown) =>
      log('failed', { tenant, error }),
    );
  };

  const write = async (window: DenialWindow, signal: AbortSignal): Promise<void> => {
    const { tenantId, record, count } = window;
    window.count = 0;
    try {
      await activity?.count(tenantId, record, { count, signal });
    } catch (error) {
      // The next write of the window repeats them.
      window.count += count;
      throw error;
    }
  };

  const getMinute = (): number => {
    const minute = Math.floor(now().getTime() / minuteMs);
    if (minute === currentMinute) return minute;
    currentMinute = minute;
    writes = 0;
    if (droppedDenials > 0) log('dropped', {});
    droppedDenials = 0;
    return minute;
  };

  /** False for a tenant that the issuer of the caller cannot name, and for one that is missing. */
  const isKnownTenant = async ({ tenantId, isResolved, caller }: Denial): Promise<boolean> =>
    isResolved ||
    ((caller.allowedTenants === '*' || caller.allowedTenants.includes(tenantId)) &&
      (await tenants.find(tenantId)) !== undefined);

  const recordKnown = async (denial: Denial, signal: AbortSignal): Promise<void> => {
    if (!(await isKnownTenant(denial))) return;
    const { tenantId, caller, operation, requestId, decisions, count } = denial;
    const resource = { type: 'tenant', id: tenantId } as const;
    const record = await buildActivity(
      { type: 'access.denied', resource, operation },
      { principal: caller, requestId, decisions },
      deps,
    );
    const key = JSON.stringify([tenantId, record.actor, operation, record.policies]);
    const minute = getMinute();
    const earlier = windows.get(key);
    if (earlier?.minute === minute) {
      earlier.count += count;
      return;
    }
    if (writes >= maxWrites) {
      droppedDenials += count;
      return;
    }
    writes++;
    const window = { tenantId, record, minute, count: count + (earlier?.count ?? 0) };
    windows.set(key, window);
    await write(window, signal);
  };

  return {
    record: (denial) => runBriefly(denial.tenantId, (signal) => recordKnown(denial, signal)),

    async flush() {
      const minute = getMinute();
      const ended = [...windows].filter(([, window]) => window.minute < minute - 1);
      for (const [key] of ended) windows.delete(key);
      const counted = ended.map(([, window]) => window).filter(({ count }) => count > 0);
      await Promise.all(
        counted.map((window) => runBriefly(window.tenantId, (signal) => write(window, signal))),
      );
    },
  };
}
