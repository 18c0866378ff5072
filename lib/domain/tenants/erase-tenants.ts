import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';
import type { TenantErasureStore } from './tenant-erasure-store.ts';

export interface ErasureDependencies {
  readonly erasures: TenantErasureStore;
  readonly now: () => Date;
  /** Reports the outcome for a tenant, with the error of a failed erasure. */
  readonly onErasure: (
    tenantId: Uuid,
    outcome: 'erased' | 'incomplete' | 'failed',
    error?: unknown,
  ) => void;
}

/** Longer than a function can cache the tenant and then write to it. */
const graceMs: DurationMs = 5 * 60_000;

/**
 * Erases the deleted tenants that can no longer be restored. Stops at the deadline; the next run
 * continues. Throws the last error after all tenants were tried.
 */
export async function eraseTenants(deadline: EpochMs, deps: ErasureDependencies): Promise<void> {
  let lastError: unknown;
  for await (const tenantId of deps.erasures.listDeleted()) {
    if (deps.now().getTime() >= deadline) break;
    try {
      const outcome = await eraseTenant(tenantId, deadline, deps);
      if (outcome !== 'unchanged') deps.onErasure(tenantId, outcome);
    } catch (error) {
      lastError = error;
      deps.onErasure(tenantId, 'failed', error);
    }
  }
  if (lastError !== undefined) throw lastError;
}

async function eraseTenant(
  tenantId: Uuid,
  deadline: EpochMs,
  { erasures, now }: ErasureDependencies,
): Promise<'erased' | 'incomplete' | 'unchanged'> {
  const before = new Date(now().getTime() - graceMs).toISOString();
  try {
    const tenant = await erasures.get(tenantId);
    if (!tenant?.deletion || tenant.deletion.eraseAfter > before) return 'unchanged';
    const startedAt = now().toISOString();
    if (!tenant.erasure && !(await erasures.start(tenant, startedAt, deadline))) return 'unchanged';
    await erasures.removeData(tenant, deadline);
    await erasures.finish(tenantId, now().toISOString(), deadline);
    return 'erased';
  } catch (error) {
    const isLate = now().getTime() >= deadline;
    if (isLate && error instanceof Failure && error.code === 'unavailable') return 'incomplete';
    throw error;
  }
}
