import type { Connection } from '../../domain/connections/connection.ts';
import { logEvent } from '../../runtime/event-log.ts';

/** Creates the function that logs a failure which the request of a connection survives. */
const createFailureLog =
  (operation: 'logConnectionRequest' | 'countDeprovisioning') =>
  (nowMs: () => number) =>
  (
    { tenantId, connectionId }: Pick<Connection, 'tenantId' | 'connectionId'>,
    error: unknown,
  ): void =>
    logEvent({
      operation,
      outcome: 'failed',
      tenant: tenantId,
      subject: connectionId,
      time: nowMs(),
      metrics: {},
      error,
    });

/** Logs an entry that could not be written. */
export const logLostEntry = createFailureLog('logConnectionRequest');

/** Logs a deprovisioned user who could not be counted. */
export const logLostCount = createFailureLog('countDeprovisioning');
