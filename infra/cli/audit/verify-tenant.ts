/** Verification of one tenant's feed, from the tables or from the archive. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem, StoredSegment } from '../../../lib/domain/checkpoints/chain.ts';
import {
  type ArchiveReader,
  checkpointPrefix,
} from '../../../lib/domain/checkpoints/checkpoint-archive.ts';
import {
  type Checkpoint,
  hashTenant,
  readPublicKey,
} from '../../../lib/domain/checkpoints/checkpoint.ts';
import { type NoteKey, parseNoteKey } from '../../../lib/domain/checkpoints/signed-note.ts';
import { createDirectoryVerifier } from '../../../lib/domain/checkpoints/verify-directory.ts';
import {
  type CheckpointObject,
  type FeedReport,
  verifyCheckpoints,
  verifyFeed,
} from '../../../lib/domain/checkpoints/verify-feed.ts';
import type { Uuid } from '../../../lib/domain/kernel/ids.ts';
import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import {
  createDirectoryEvidence,
  listStoredSegments,
} from '../../../lib/store/feed/evidence-store.ts';
import { createProgressBar } from '../progress-bar.ts';

/** Signed checkpoints of an archive, and the key that verified them. */
export interface VerifiedCheckpoints {
  readonly key: NoteKey | undefined;
  readonly checkpoints: readonly Checkpoint[];
  readonly problems: readonly Problem[];
}

/** Reads the checkpoints of an archive. Without a key, it uses that of the latest checkpoint. */
export async function readCheckpoints(
  archive: ArchiveReader,
  trustedKey: NoteKey | undefined,
): Promise<VerifiedCheckpoints> {
  const objects: CheckpointObject[] = [];
  for await (const name of archive.list(checkpointPrefix))
    objects.push({ name, text: await archive.get(name) });
  const latest = objects.at(-1);
  if (!latest) return { key: trustedKey, checkpoints: [], problems: [] };
  const key = trustedKey ?? parseNoteKey(readPublicKey(latest.text));
  if (!key) throw new Error(`${latest.name} has no public key. Pass it with --key.`);
  return { key, ...verifyCheckpoints(objects, key) };
}

interface Verification {
  readonly tenantId: Uuid;
  readonly verified: VerifiedCheckpoints;
}

/** Time until a change has its event. */
const numberingMs = 2000;
/** Looks for events of changes that are not numbered yet. */
const maxRounds = 3;

/** Verifies the feed in the tables, and the directory that it describes. */
export async function verifyTables(
  { tenantId, verified }: Verification,
  tables: Tables,
): Promise<FeedReport> {
  const verifier = createDirectoryVerifier(tenantId, createDirectoryEvidence(tables, Date.now));
  let directory: Awaited<ReturnType<typeof verifier.compare>> | undefined;
  async function* readSegments(): AsyncIterable<StoredSegment> {
    let last = 0;
    for (let round = 1; ; round++) {
      for await (const segment of listStoredSegments(tables, tenantId, last)) {
        last = segment.key;
        yield segment;
      }
      directory = await verifier.compare();
      if (!directory.isAhead || round === maxRounds) return;
      await sleep(numberingMs);
    }
  }
  const segments = readSegments();
  const report = await verify({ tenantId, verified }, { segments, onEvents: verifier.add });
  return { ...report, problems: [...report.problems, ...(directory?.problems ?? [])] };
}

/** The archive gets an event within 5 minutes, and within one hour after failures. */
const archiveDelayMs = 3600_000;

/** Verifies the feed in an archive. */
export function verifyArchive(
  verification: Verification,
  segments: AsyncIterable<StoredSegment>,
): Promise<FeedReport> {
  return verify(verification, { segments, delayMs: archiveDelayMs });
}

async function verify(
  { tenantId, verified }: Verification,
  {
    segments,
    delayMs = 0,
    onEvents = async () => {},
  }: Pick<Parameters<typeof verifyFeed>[0], 'segments'> &
    Partial<Pick<Parameters<typeof verifyFeed>[0], 'delayMs' | 'onEvents'>>,
): Promise<FeedReport> {
  const { checkpoints } = verified;
  const leaf = checkpoints.at(-1)?.leaves.get(hashTenant(tenantId));
  const bar = createProgressBar(leaf?.sequence ?? 0);
  let events = 0;
  const report = await verifyFeed({
    tenantId,
    segments,
    checkpoints,
    nowMs: Date.now(),
    delayMs,
    onEvents: async (batch) => {
      await onEvents(batch);
      events += batch.length;
      bar.show(events, `verified events: ${events}`);
    },
  });
  bar.end();
  return { ...report, problems: [...verified.problems, ...report.problems] };
}
