import { randomUUID } from 'node:crypto';
import type { FeedEvent } from '../../../lib/domain/feed/feed-event.ts';
import { hashSegment } from '../../../lib/domain/feed/segment.ts';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { createFeedReader } from '../../../lib/store/feed/feed-reader.ts';
import { keys } from '../../../lib/store/keys.ts';
import type { Service } from '../service.ts';

const time = '2026-01-01T00:00:00.000Z';
/** Year 2286. */
const distantTtl = 9_999_999_999;

/** Writes a segment with an event for each of these users, like the sequencer. */
export async function appendEvents(
  { stored }: Pick<Service, 'stored'>,
  tenantId: string,
  userIds: readonly string[],
  ttl = distantTtl,
): Promise<void> {
  const head = await createFeedReader(stored, () => 0).getHead(tenantId);
  const first = head.sequence + 1;
  const events = userIds.map(
    (id, index): FeedEvent => ({
      sequence: first + index,
      id: randomUUID(),
      type: 'user.updated',
      time,
      numberedAt: time,
      resource: { type: 'user', id, version: 2 },
      actor: { type: 'system', id: 'test' },
      changedFields: ['name'],
      requestId: 'request',
      policies: [],
    }),
  );
  const segment = {
    first,
    last: head.sequence + userIds.length,
    previousHash: head.hash,
    events: JSON.stringify(events),
  };
  const hash = hashSegment(tenantId, segment);
  await stored.put({ ...keys.feedSegment(tenantId, first), ...segment, hash, ttl, schemaVersion });
}
