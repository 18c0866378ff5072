import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { EpochMs, Timestamp } from '../kernel/time.ts';
import { buildEventId, type EventIdKey, getEventIdKey } from './event-id.ts';
import type { FeedEvent } from './feed-event.ts';
import type { FeedHead, Segment } from './feed-store.ts';
import type { FeedEnd, FeedWriter, VersionChange } from './feed-writer.ts';
import { hashSubject } from './activity.ts';
import { type NumberedVersions, orderChanges, toEntityKey } from './order-changes.ts';
import type { ChangeReader, RecordedChange } from './recorded-change.ts';
import { hashSegment, maxSegmentBytes, maxSegmentEvents } from './segment.ts';

export interface NumberingDependencies {
  readonly feed: FeedWriter;
  readonly changes: ChangeReader;
  readonly keyring: Keyring;
  /** Days for which events are retained. */
  readonly auditDays: number;
  readonly now: () => Date;
}

/**
 * Gives committed changes of a tenant the next numbers of its feed, each once and after all earlier
 * changes of the same entity. Changes can arrive repeatedly, in any order and in several processes
 * at once: the conditions of the writes decide. Returns the head. Throws `unavailable`.
 */
export async function numberChanges(
  {
    tenantId,
    changes,
    deadline,
  }: {
    readonly tenantId: Uuid;
    readonly changes: readonly RecordedChange[];
    readonly deadline: EpochMs;
  },
  deps: NumberingDependencies,
): Promise<FeedHead> {
  const { feed, keyring, now } = deps;
  const idKey = await getEventIdKey(tenantId, keyring);
  const versions = assumePreviousVersions(changes);
  for (;;) {
    const ordered = await orderChanges(tenantId, changes, versions, deps);
    let end = await feed.getEnd(tenantId);
    if (ordered.length === 0) return end;
    const contents = await Promise.all(ordered.map((change) => toContent(change, keyring)));
    for (let start = 0; start < ordered.length; ) {
      if (now().getTime() >= deadline)
        throw new Failure('unavailable', 'There was no time to number all changes');
      const segment = buildSegment(tenantId, contents.slice(start, start + maxSegmentEvents), {
        end,
        idKey,
        ...deps,
      });
      const count = segment.last - end.sequence;
      const numbered = ordered.slice(start, start + count);
      const changedVersions = listVersionChanges(numbered, versions);
      const outcome = await feed.append(tenantId, segment, { versions: changedVersions, deadline });
      if (outcome === 'stale') {
        versions.clear();
        break;
      }
      for (const { entity, after } of changedVersions) versions.set(toEntityKey(entity), after);
      end = { sequence: segment.last, hash: segment.hash, numberedAt: segment.numberedAt };
      start += count;
    }
  }
}

/** Assumes that the feed ends before the first change of each entity, which saves most reads. */
function assumePreviousVersions(changes: readonly RecordedChange[]): NumberedVersions {
  const versions: NumberedVersions = new Map();
  for (const change of changes) {
    const key = toEntityKey(change);
    versions.set(key, Math.min(versions.get(key) ?? Infinity, change.version - 1));
  }
  return versions;
}

function listVersionChanges(
  numbered: readonly RecordedChange[],
  versions: NumberedVersions,
): VersionChange[] {
  return [...Map.groupBy(numbered, toEntityKey)].map(([key, changes]) => ({
    entity: { kind: changes[0]!.kind, id: changes[0]!.id },
    before: versions.get(key) ?? 0,
    after: changes.at(-1)!.version,
  }));
}

type EventContent = RecordedChange['event'];

/** Replaces the subject of another issuer by its hash. */
async function toContent(
  { event, subject }: RecordedChange,
  keyring: Keyring,
): Promise<EventContent> {
  if (!subject) return event;
  return { ...event, actor: { type: 'external', id: await hashSubject(subject, keyring) } };
}

interface SegmentOptions {
  readonly end: FeedEnd;
  readonly idKey: EventIdKey;
  readonly auditDays: number;
  readonly now: () => Date;
}

/** Builds the segment after the end of the feed, from as many events as fit. */
function buildSegment(
  tenantId: Uuid,
  contents: readonly EventContent[],
  { end, idKey, auditDays, now }: SegmentOptions,
): Segment & { readonly numberedAt: Timestamp } {
  const time = now().toISOString();
  const numberedAt = end.numberedAt !== undefined && end.numberedAt > time ? end.numberedAt : time;
  const first = end.sequence + 1;
  const texts: string[] = [];
  let bytes = '[]'.length;
  for (const { type, time: changedAt, ...content } of contents) {
    const sequence = first + texts.length;
    const id = buildEventId(sequence, idKey);
    const event: FeedEvent = { sequence, id, type, time: changedAt, numberedAt, ...content };
    const text = JSON.stringify(event);
    bytes += Buffer.byteLength(text) + ','.length;
    if (texts.length > 0 && bytes > maxSegmentBytes) break;
    texts.push(text);
  }
  const position = {
    first,
    last: end.sequence + texts.length,
    previousHash: end.hash,
    events: `[${texts.join()}]`,
  };
  const ttl = Math.floor(Date.parse(numberedAt) / 1000) + auditDays * 24 * 3600;
  return { ...position, hash: hashSegment(tenantId, position), ttl, numberedAt };
}
