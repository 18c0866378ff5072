import type { FeedEvent } from '../feed/feed-event.ts';
import type { FeedHead, Segment } from '../feed/feed-store.ts';
import { hashSegment } from '../feed/segment.ts';
import type { Uuid } from '../kernel/ids.ts';

/**
 * Damage to a feed. `edited`: the text does not match its hash. `replaced`: text and hash match, but
 * not the hash that a later segment or a checkpoint has. `removed` and `cut`: events are missing
 * before others, or at the end. `reordered`: events are at the place of others.
 */
export interface Problem {
  readonly kind:
    | 'edited'
    | 'replaced'
    | 'removed'
    | 'cut'
    | 'reordered'
    | 'checkpoint'
    | 'directory';
  /** Numbers of the events. Undefined for problems of a checkpoint or of the directory. */
  readonly first?: number;
  readonly last?: number;
  readonly detail: string;
}

/** Segment with the number in its key. */
export interface StoredSegment extends Omit<Segment, 'ttl'> {
  readonly key: number;
}

/** End of the part of a chain that is verified, and the first number of its last segment. */
interface Position extends FeedHead {
  readonly first: number;
}

/** Numbers of events that a restore of the directory lost, and the head at their end. */
export interface LostEvents {
  readonly first: number;
  readonly head: FeedHead;
}

/** Verifies consecutive segments. */
export interface ChainVerifier {
  /** Verifies the next segment. `lost` are events whose absence it explains. */
  add(segment: StoredSegment): {
    readonly problems: readonly Problem[];
    readonly events: FeedEvent[];
    readonly lost: LostEvents | undefined;
  };
  /** End of the chain, with the stored hash of its last segment. */
  readonly head: FeedHead | undefined;
}

/** Verifies a chain from a head. Without a head, it accepts any first segment. */
export function createChainVerifier(tenantId: Uuid, start?: FeedHead): ChainVerifier {
  let position: Position | undefined = start && { ...start, first: start.sequence };
  return {
    get head() {
      return position;
    },
    add(segment) {
      const { first, last, hash, key } = segment;
      const events = parseEvents(segment.events);
      const range = { first: key, last: Math.max(key, last) };
      const lost = findLostEvents(segment);
      const problems: Problem[] = [...findGap(segment, position, lost)];
      const moved = findForeignRange(segment, lost ? undefined : events);
      if (moved) problems.push({ kind: 'reordered', ...range, detail: moved });
      else if (hashSegment(tenantId, segment) !== hash || events === undefined)
        problems.push({ kind: 'edited', ...range, detail: 'the text does not match its hash' });
      position = { sequence: last, hash, first };
      return { problems, events: events ?? [], lost };
    },
  };
}

/** Finds the lost events in the segment of a `feed.restored`. Undefined for other segments. */
export function findLostEvents({ first, last, events }: StoredSegment): LostEvents | undefined {
  const [event, ...others] = parseEvents(events) ?? [];
  const head = event?.type === 'feed.restored' && others.length === 0 ? event.lostHead : undefined;
  return head && event?.sequence === last && head.sequence === last - 1
    ? { first, head }
    : undefined;
}

/** Compares a segment with the end of the one before. */
function findGap(
  segment: StoredSegment,
  before: Position | undefined,
  lost: LostEvents | undefined,
): Problem[] {
  if (before === undefined) return [];
  const next = before.sequence + 1;
  // A checkpoint and the archive can have events that the directory lost.
  if (lost && segment.key < next && before.sequence <= lost.head.sequence)
    return before.sequence < lost.head.sequence || before.hash === lost.head.hash
      ? []
      : [
          {
            kind: 'replaced',
            first: before.first,
            last: before.sequence,
            detail: `event ${segment.last} names another event as the last one that was lost`,
          },
        ];
  if (segment.key > next)
    return [{ kind: 'removed', first: next, last: segment.key - 1, detail: 'no segment has them' }];
  if (segment.key < next)
    return [
      {
        kind: 'reordered',
        first: segment.key,
        last: before.sequence,
        detail: 'two segments have them',
      },
    ];
  if (segment.previousHash === before.hash) return [];
  const detail = `event ${next} continues another event`;
  return [{ kind: 'replaced', first: before.first, last: before.sequence, detail }];
}

/** Describes the events of another place. Undefined for the events of this place. */
function findForeignRange(
  { key, first, last }: StoredSegment,
  events: readonly FeedEvent[] | undefined,
): string | undefined {
  if (key !== first) return `the segment has the events from ${first}`;
  const [actual] = events ?? [];
  const isInOrder = events?.every(({ sequence }, index) => sequence === first + index) ?? true;
  if (isInOrder && (events === undefined || events.length === last - first + 1)) return undefined;
  return `the text has ${events?.length} events from ${actual?.sequence}`;
}

function parseEvents(text: string): FeedEvent[] | undefined {
  try {
    const events: unknown = JSON.parse(text);
    return Array.isArray(events) && events.length > 0 ? (events as FeedEvent[]) : undefined;
  } catch {
    return undefined;
  }
}
