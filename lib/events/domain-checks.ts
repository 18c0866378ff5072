import type { Context, ScheduledEvent } from 'aws-lambda';
import { type CheckDependencies, checkDomains } from '../domain/domains/check-domains.ts';
import type { DurationMs } from '../domain/kernel/time.ts';
import { logEvent } from '../runtime/event-log.ts';

/** Time for the checks that run at the deadline, each with a look-up and a write. */
const reserveMs: DurationMs = 15_000;

/** Checks verified domains that are due, and logs each one without its DNS record. */
export const createDomainChecks =
  (deps: Omit<CheckDependencies, 'onChecked'>) =>
  (_event: ScheduledEvent, context: Context): Promise<void> => {
    const deadline = deps.now().getTime() + context.getRemainingTimeInMillis() - reserveMs;
    return checkDomains(deadline, {
      ...deps,
      onChecked: ({ tenantId, domainId }, outcome) => {
        if (outcome === 'found') return;
        const time = deps.now().getTime();
        const line = { outcome, tenant: tenantId, subject: domainId, time, metrics: {} };
        logEvent({ operation: 'checkDomain', ...line });
      },
    });
  };
