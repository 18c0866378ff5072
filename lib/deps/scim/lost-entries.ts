import type { Connection } from '../../domain/connections/connection.ts';
import { logEvent } from '../../runtime/event-log.ts';

/** Logs an entry that could not be written. */
export const logLostEntry =
  (nowMs: () => number) =>
  (
    { tenantId, connectionId }: Pick<Connection, 'tenantId' | 'connectionId'>,
    error: unknown,
  ): void =>
    logEvent({
      operation: 'logConnectionRequest',
      outcome: 'failed',
      tenant: tenantId,
      subject: connectionId,
      time: nowMs(),
      metrics: {},
      error,
    });
