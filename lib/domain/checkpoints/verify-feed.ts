import type { FeedEvent } from '../feed/feed-event.ts';
import type { FeedHead } from '../feed/feed-store.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';
import { createChainVerifier, type LostEvents, type Problem, type StoredSegment } from './chain.ts';
import {
  type Checkpoint,
  hashNote,
  hashTenant,
  InvalidCheckpoint,
  type Leaf,
  openCheckpoint,
} from './checkpoint.ts';
import type { NoteKey } from './signed-note.ts';

/** Result of a verification. */
export interface FeedReport {
  readonly problems: readonly Problem[];
  /** Number of the oldest event. Undefined without events. */
  readonly oldest: number | undefined;
  readonly head: FeedHead;
  /** Events whose absence is explained by a restore of the directory. */
  readonly lost: readonly LostEvents[];
  /** Number of the last event that a checkpoint confirms. */
  readonly confirmed: number;
  /** Number of the last event in a recent checkpoint that is not in the archive yet. */
  readonly expected?: number;
}

interface FeedEvidence {
  readonly tenantId: Uuid;
  /** Segments in the order of their keys. */
  readonly segments: AsyncIterable<StoredSegment>;
  /** Checkpoints with valid signatures, in the order of their numbers. */
  readonly checkpoints: readonly Checkpoint[];
  readonly nowMs: EpochMs;
  /** Time in which an event reaches the segments. A checkpoint can be ahead of the archive. */
  readonly delayMs: DurationMs;
  /** Receives the events of each segment. */
  readonly onEvents: (events: readonly FeedEvent[]) => Promise<void>;
}

/** Verifies the chain of a feed, and compares it with checkpoints. */
export async function verifyFeed(evidence: FeedEvidence): Promise<FeedReport> {
  const { tenantId, segments, checkpoints, onEvents } = evidence;
  const leaves = listLeaves(checkpoints, hashTenant(tenantId));
  const confirmedNumbers = new Set(leaves.map(({ leaf }) => leaf.sequence));
  const hashes = new Map<number, string>();
  const problems: Problem[] = [];
  const lost: LostEvents[] = [];
  let verifier = createChainVerifier(tenantId);
  let oldest: number | undefined;
  for await (const segment of segments) {
    if (oldest === undefined) {
      oldest = segment.key;
      if (oldest === 1) verifier = createChainVerifier(tenantId, { sequence: 0, hash: '' });
    }
    const result = verifier.add(segment);
    problems.push(...result.problems);
    if (result.lost) lost.push(result.lost);
    if (confirmedNumbers.has(segment.last)) hashes.set(segment.last, segment.hash);
    await onEvents(result.events);
  }
  const head = verifier.head ?? { sequence: 0, hash: '' };
  const comparison = compareLeaves(leaves, {
    ...evidence,
    oldest: oldest ?? Infinity,
    head,
    hashes,
    lost,
  });
  const isKnown = ({ first = 0, last = 0 }: Problem): boolean =>
    problems.some((each) => (each.first ?? 0) <= last && (each.last ?? 0) >= first);
  return {
    problems: [...problems, ...comparison.problems.filter((problem) => !isKnown(problem))],
    oldest,
    head,
    lost,
    confirmed: comparison.confirmed,
    ...(comparison.expected !== undefined && { expected: comparison.expected }),
  };
}

interface DatedLeaf {
  readonly checkpoint: Checkpoint;
  readonly leaf: Leaf;
  /** Checkpoint before. */
  readonly before: Checkpoint | undefined;
}

/** Lists the heads of a tenant, each in its first checkpoint. */
const listLeaves = (checkpoints: readonly Checkpoint[], tenantHash: string): DatedLeaf[] => {
  const all = checkpoints.flatMap((checkpoint, index) => {
    const leaf = checkpoint.leaves.get(tenantHash);
    return leaf ? [{ checkpoint, leaf, before: checkpoints[index - 1] }] : [];
  });
  return all.filter(({ leaf }, index) => all[index - 1]?.leaf.hash !== leaf.hash);
};

interface Chain extends Pick<FeedEvidence, 'nowMs' | 'delayMs'> {
  readonly oldest: number;
  readonly head: FeedHead;
  /** Hashes of the segments that end at a number of a leaf. */
  readonly hashes: ReadonlyMap<number, string>;
  readonly lost: readonly LostEvents[];
}

type Comparison = Pick<FeedReport, 'problems' | 'confirmed' | 'expected'>;

/** Compares the heads in checkpoints with the segments. Reports the first difference only. */
function compareLeaves(
  leaves: readonly DatedLeaf[],
  { oldest, head, hashes, lost, nowMs, delayMs }: Chain,
): Comparison {
  let confirmed = 0;
  for (const [index, dated] of leaves.entries()) {
    const { checkpoint, leaf } = dated;
    const { sequence, hash, ttl } = leaf;
    const isExpired = ttl * 1000 <= nowMs;
    const name = `checkpoint ${checkpoint.number} of ${checkpoint.time}`;
    const report = (kind: Problem['kind'], range: readonly number[], detail: string) => {
      const [first, last] = range as [number, number];
      return { problems: [{ kind, first, last, detail: `${name} ${detail}` }], confirmed };
    };
    const isDelayed = Date.parse(checkpoint.time) + delayMs > nowMs;
    if (sequence <= confirmed) return report('checkpoint', [sequence, confirmed], 'goes back');
    if (sequence > head.sequence) {
      if (isExpired) continue;
      return isDelayed
        ? { problems: [], confirmed, expected: sequence }
        : report('cut', [head.sequence + 1, sequence], 'has them');
    }
    if (sequence < oldest) {
      if (isExpired) continue;
      return report('removed', [confirmed + 1, sequence], 'has them, and they have not expired');
    }
    if (index === 0 && oldest > 1 && estimateFirstTtlMs(dated) > nowMs)
      return report('removed', [1, oldest - 1], 'has them, and they have not expired');
    if (!hashes.has(sequence) && isLost(leaf, lost)) continue;
    if (hashes.get(sequence) !== hash)
      return report('replaced', [Math.max(confirmed + 1, oldest), sequence], 'has another hash');
    confirmed = sequence;
  }
  return { problems: [], confirmed };
}

/** True for the head of events that a restore lost. The hash of their end is known. */
const isLost = ({ sequence, hash }: Leaf, lost: readonly LostEvents[]): boolean =>
  lost.some(
    ({ first, head }) =>
      (first <= sequence && sequence < head.sequence) ||
      (sequence === head.sequence && hash === head.hash),
  );

const dayMs: DurationMs = 24 * 3600_000;

/**
 * Estimates the earliest end of the retention of a tenant's first events, which are later than the
 * checkpoint before. The first checkpoint is taken within a day. 0 if earlier checkpoints are
 * missing.
 */
function estimateFirstTtlMs({ checkpoint, leaf, before }: DatedLeaf): EpochMs {
  if (!before && checkpoint.number > 1) return 0;
  const intervalMs = before ? Date.parse(checkpoint.time) - Date.parse(before.time) : dayMs;
  return leaf.ttl * 1000 - intervalMs;
}

/** Object of the archive. */
export interface CheckpointObject {
  readonly name: string;
  readonly text: string;
}

/**
 * Opens checkpoints in the order of their names. Verifies their signatures and that each one names
 * the one before. The first one in a copy of the archive can follow expired ones.
 */
export function verifyCheckpoints(
  objects: readonly CheckpointObject[],
  key: NoteKey,
): { readonly checkpoints: readonly Checkpoint[]; readonly problems: readonly Problem[] } {
  const checkpoints: Checkpoint[] = [];
  const problems: Problem[] = [];
  for (const { name, text } of objects) {
    const report = (detail: string) => problems.push({ kind: 'checkpoint', detail });
    try {
      const checkpoint = openCheckpoint(text, key);
      const before = checkpoints.at(-1);
      checkpoints.push(checkpoint);
      if (!before) continue;
      if (checkpoint.number !== before.number + 1)
        report(`${name}: the checkpoint before is ${before.number}, not ${checkpoint.number - 1}`);
      else if (checkpoint.previousHash !== hashNote(before.note))
        report(`${name}: it continues another checkpoint ${before.number}`);
    } catch (error) {
      if (!(error instanceof InvalidCheckpoint)) throw error;
      report(`${name}: ${error.message}`);
    }
  }
  return { checkpoints, problems };
}
