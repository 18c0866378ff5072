/** Feeds that tests write segment by segment. */
import { hashSegment } from '../../../lib/domain/feed/segment.ts';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { keys } from '../../../lib/store/keys.ts';
import type { Service } from '../service.ts';

const daySeconds = 24 * 3600;

/** Item of a segment. Tests damage its attributes. */
export interface SegmentItem {
  readonly pk: string;
  readonly sk: string;
  readonly first: number;
  readonly last: number;
  readonly previousHash: string;
  readonly hash: string;
  readonly events: string;
  readonly ttl: number;
  readonly schemaVersion: number;
}

/** Position after the last segment. */
type Head = Pick<SegmentItem, 'last' | 'hash'>;

/** Builds a segment with a correct hash. */
export function buildSegment(
  tenant: string,
  { last: before, hash: previousHash }: Head,
  {
    size,
    at,
    days = 400,
    name = 'event',
  }: {
    readonly size: number;
    readonly at: Date;
    readonly days?: number;
    readonly name?: string;
  },
): SegmentItem {
  const first = before + 1;
  const events = Array.from({ length: size }, (_, index) => ({
    sequence: first + index,
    type: 'user.updated',
    numberedAt: at.toISOString(),
    resource: { type: 'user', id: name },
  }));
  const position = { first, last: before + size, previousHash, events: JSON.stringify(events) };
  return {
    ...keys.feedSegment(tenant, first),
    ...position,
    hash: hashSegment(tenant, position),
    ttl: Math.floor(at.getTime() / 1000) + days * daySeconds,
    schemaVersion,
  };
}

/** Creates a function that appends segments of these sizes to a feed, and returns all of them. */
export function createFeed({ stored }: Pick<Service, 'stored'>, tenant: string) {
  const segments: SegmentItem[] = [];
  return async (
    sizes: readonly number[],
    options: Omit<Parameters<typeof buildSegment>[2], 'size'>,
  ): Promise<readonly SegmentItem[]> => {
    for (const size of sizes) {
      const head = segments.at(-1) ?? { last: 0, hash: '' };
      segments.push(buildSegment(tenant, head, { ...options, size }));
    }
    await stored.putAll(segments);
    return segments;
  };
}
