import { randomUUID } from 'node:crypto';
import { buildEventId, getEventIdKey } from '../feed/event-id.ts';
import type { FeedEvent } from '../feed/feed-event.ts';
import type { FeedHead } from '../feed/feed-store.ts';
import type { FeedEnd } from '../feed/feed-writer.ts';
import type { NumberingDependencies } from '../feed/number-changes.ts';
import { hashSegment } from '../feed/segment.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs } from '../kernel/time.ts';

/** Stands for the caller in the event. */
const component = 'events-reconcile';
const maxWrites = 5;

interface LostFeed {
  readonly tenantId: Uuid;
  /** Last event that is known outside of the directory. */
  readonly lostHead: FeedHead;
  readonly deadline: EpochMs;
}

/**
 * Continues a feed that a restore of the directory cut, after the last number that readers can have.
 * The event `feed.restored` has the next number, and its segment takes the place of the lost events.
 * Returns the end of the feed before, or undefined for a feed that is not cut. Throws `unavailable`.
 */
export async function reportLostEvents(
  { tenantId, lostHead, deadline }: LostFeed,
  { feed, keyring, auditDays, now }: Omit<NumberingDependencies, 'changes'>,
): Promise<FeedEnd | undefined> {
  const idKey = await getEventIdKey(tenantId, keyring);
  for (let writes = 0; writes < maxWrites; writes++) {
    const end = await feed.getEnd(tenantId);
    if (end.sequence >= lostHead.sequence) return undefined;
    const time = now().toISOString();
    const numberedAt =
      end.numberedAt !== undefined && end.numberedAt > time ? end.numberedAt : time;
    const sequence = lostHead.sequence + 1;
    const event: FeedEvent = {
      sequence,
      id: buildEventId(sequence, idKey),
      type: 'feed.restored',
      time,
      numberedAt,
      resource: { type: 'tenant', id: tenantId },
      actor: { type: 'system', id: component },
      changedFields: [],
      requestId: randomUUID(),
      policies: [],
      lostHead,
    };
    const position = {
      first: end.sequence + 1,
      last: sequence,
      previousHash: end.hash,
      events: JSON.stringify([event]),
    };
    const segment = {
      ...position,
      hash: hashSegment(tenantId, position),
      ttl: Math.floor(Date.parse(numberedAt) / 1000) + auditDays * 24 * 3600,
      numberedAt,
    };
    if ((await feed.append(tenantId, segment, { versions: [], deadline })) === 'written')
      return end;
  }
  throw new Failure('unavailable', 'The feed changes too often');
}
