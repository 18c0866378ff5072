import type { Context, ScheduledEvent } from 'aws-lambda';
import { type ErasureDependencies, eraseTenants } from '../domain/tenants/erase-tenants.ts';
import { getDeadline } from '../runtime/deadline.ts';
import { logEvent } from '../runtime/event-log.ts';

/** Erases deleted tenants, and logs each. */
export const createTenantErasure =
  (deps: Omit<ErasureDependencies, 'onErasure'>) =>
  (_event: ScheduledEvent, context: Context): Promise<void> =>
    eraseTenants(getDeadline(deps.now(), context.getRemainingTimeInMillis()), {
      ...deps,
      onErasure: (tenantId, outcome, error) => {
        const time = deps.now().getTime();
        logEvent({ operation: 'eraseTenant', outcome, tenant: tenantId, time, metrics: {}, error });
      },
    });
