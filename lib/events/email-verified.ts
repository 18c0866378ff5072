import type { EventBus } from '../domain/kernel/event-bus.ts';
import { formatId, type IdPrefix, toHex } from '../domain/kernel/ids.ts';
import { logEvent } from '../runtime/event-log.ts';
import type { DirectoryEvent } from './directory-stream.ts';

export interface PublicationDependencies {
  readonly now: () => Date;
  readonly bus: EventBus;
  readonly idPrefix: IdPrefix;
}

/**
 * Sends `User Email Verified` to the event bus, with IDs alone. A repeated record sends the event
 * again. Throws `unavailable` if the bus rejects it.
 */
export async function publishEmailVerified(
  { tenantId, userId, version, at }: Extract<DirectoryEvent, { type: 'emailVerified' }>,
  { bus, idPrefix, now }: PublicationDependencies,
): Promise<void> {
  const log = (outcome: string, error?: unknown) =>
    logEvent({
      operation: 'publishEmailVerified',
      outcome,
      tenant: tenantId,
      subject: userId,
      time: now().getTime(),
      metrics: {},
      error,
    });
  const detail = { tenantId, userId: formatId(idPrefix, 'user', toHex(userId)), version };
  try {
    await bus.put('User Email Verified', detail, new Date(at));
    log('published');
  } catch (error) {
    log('error', error);
    throw error;
  }
}
