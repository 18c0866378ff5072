import { createHash } from 'node:crypto';
import type { Uuid } from '../kernel/ids.ts';
import type { Segment } from './feed-store.ts';

/** Maximum number of events in a segment. */
export const maxSegmentEvents = 49;

/** Maximum size of the events of a segment. Readers read whole segments. */
export const maxSegmentBytes = 64 * 1024;

/** Separates these hashes from other uses of SHA-256. */
const hashDomain = 'roster feed segment 1';

/**
 * Computes the hash of a segment (SHA-256, hexadecimal) over its position, the hash of the segment
 * before and the exact text of its events. The length of each part precedes it as 4 bytes, big
 * endian.
 */
export function hashSegment(
  tenantId: Uuid,
  {
    first,
    last,
    previousHash,
    events,
  }: Pick<Segment, 'first' | 'last' | 'previousHash' | 'events'>,
): string {
  const hash = createHash('sha256');
  for (const part of [hashDomain, tenantId, String(first), String(last), previousHash, events]) {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex');
}
