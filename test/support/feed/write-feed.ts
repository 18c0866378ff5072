/** Feeds with chosen events, for tests of readers. */
import { randomUUID } from 'node:crypto';
import type { Anchor } from '../../../lib/domain/checkpoints/checkpoint-store.ts';
import { buildEventId, getEventIdKey } from '../../../lib/domain/feed/event-id.ts';
import type { FeedEvent } from '../../../lib/domain/feed/feed-event.ts';
import type { Segment } from '../../../lib/domain/feed/feed-store.ts';
import { hashSegment } from '../../../lib/domain/feed/segment.ts';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { createFeedReader } from '../../../lib/store/feed/feed-reader.ts';
import { createKeyring } from '../../../lib/store/keyring.ts';
import { keys } from '../../../lib/store/keys.ts';
import { type Service, type TenantSlug, tenantId } from '../service.ts';

/** Year 2286. */
const distantTtl = 9_999_999_999;

export type TestEvent = Partial<FeedEvent> & Pick<FeedEvent, 'type' | 'resource'>;

/** Completes an event as the first of a feed. */
export const numberedEvent = (event: TestEvent): FeedEvent =>
  numberEvents([event], { first: 1, idKey: '0123456789abcdef0123' })[0] as FeedEvent;

/** Completes events with numbers from `first`. */
const numberEvents = (
  events: readonly TestEvent[],
  { first, idKey }: { readonly first: number; readonly idKey: string },
): FeedEvent[] =>
  events.map((event, index) => {
    const sequence = first + index;
    const time = new Date(Date.UTC(2026, 0, 1, 0, 0, sequence)).toISOString();
    return {
      sequence,
      id: buildEventId(sequence, idKey),
      time,
      numberedAt: time,
      actor: { type: 'system', id: 'test' },
      changedFields: [],
      requestId: `request-${sequence}`,
      policies: [],
      ...event,
    };
  });

/** Writes segments of these sizes to the feed of a tenant. */
export async function writeFeed(
  { stored }: Pick<Service, 'stored'>,
  slug: TenantSlug,
  segments: readonly {
    readonly events: readonly TestEvent[];
    readonly first: number;
    readonly ttl?: number;
  }[],
): Promise<void> {
  const idKey = await getEventIdKey(tenantId[slug], createKeyring(stored));
  await stored.putAll(
    segments.map(({ events, first, ttl = distantTtl }) => ({
      ...keys.feedSegment(tenantId[slug], first),
      ...({
        first,
        last: first + events.length - 1,
        previousHash: '',
        hash: '',
        events: JSON.stringify(numberEvents(events, { first, idKey })),
        ttl,
      } satisfies Segment),
    })),
  );
}

/** Event about a new user. */
export const createdUser = (id = randomUUID()): TestEvent => ({
  type: 'user.created',
  resource: { type: 'user', id, version: 1 },
});

/** Event about a changed user. */
export const updatedUser = (id: string): TestEvent => ({
  type: 'user.updated',
  resource: { type: 'user', id, version: 2 },
  changedFields: ['name'],
});

/** Appends a segment to a feed, with its hash. Returns the ID of the first event. */
export async function appendEvents(
  { stored }: Pick<Service, 'stored'>,
  tenant: string,
  events: readonly TestEvent[],
  ttl = distantTtl,
): Promise<string> {
  const { sequence, hash: previousHash } = await createFeedReader(stored, () => 0).getHead(tenant);
  const first = sequence + 1;
  const idKey = await getEventIdKey(tenant, createKeyring(stored));
  const segment = {
    first,
    last: sequence + events.length,
    previousHash,
    events: JSON.stringify(numberEvents(events, { first, idKey })),
  };
  const hash = hashSegment(tenant, segment);
  await stored.put({ ...keys.feedSegment(tenant, first), ...segment, hash, ttl, schemaVersion });
  return buildEventId(first, idKey);
}

/** Saves the head of a tenant in a checkpoint whose signature is of no key. */
export async function writeAnchor(
  { stored }: Pick<Service, 'stored'>,
  slug: TenantSlug,
): Promise<void> {
  const proof = { note: 'note', publicKey: 'key', leaf: 'leaf', leafIndex: 1, path: ['hash'] };
  const anchor: Anchor = { sequence: 1, hash: 'hash', proof };
  await stored.put({ ...keys.feedAnchor(tenantId[slug]), ...anchor });
}
