import type { FeedReader } from '../feed/feed-store.ts';
import type { Uuid } from '../kernel/ids.ts';
import { createLimiter } from '../kernel/limiter.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { ListedTenant, TenantList } from '../tenants/tenant-store.ts';
import { createChainVerifier, type Problem } from './chain.ts';
import {
  type Checkpoint,
  hashNote,
  hashTenant,
  type Leaf,
  openCheckpoint,
  signCheckpoint,
  type SignedCheckpoint,
} from './checkpoint.ts';
import type { AnchorStore, CheckpointArchive } from './checkpoint-store.ts';
import type { NoteSigner } from './signed-note.ts';

export interface CheckpointDependencies {
  readonly tenants: TenantList;
  readonly feed: Pick<FeedReader, 'getHead' | 'listSegments'>;
  readonly anchors: AnchorStore;
  readonly archive: CheckpointArchive;
  readonly getSigner: () => Promise<NoteSigner>;
  readonly now: () => Date;
  /** Reports a feed that does not extend the checkpoint before. */
  readonly onProblem: (tenantId: Uuid | undefined, problem: Problem) => void;
}

export interface CheckpointSummary {
  readonly number: number;
  readonly tenants: number;
  /** Tenants whose feed does not extend the checkpoint before. */
  readonly refused: number;
  /** Tenants whose new events were not verified before the deadline. */
  readonly postponed: number;
}

const concurrency = 8;
/** Segments can expire while the tenant is verified. */
const expiryMarginSeconds = 3600;

/** Result of the verification of a tenant. Without a leaf, the tenant has no events. */
interface Progress {
  readonly leaf: Leaf | undefined;
  readonly outcome: 'extended' | 'refused' | 'postponed';
}

/**
 * Verifies what was added to each feed since the last checkpoint, and signs the new heads. A feed
 * that does not extend its previous head keeps this head in the new checkpoint. Throws if the last
 * checkpoint is invalid, or if another run has taken the same checkpoint.
 */
export async function takeCheckpoint(
  deadline: EpochMs,
  deps: CheckpointDependencies,
): Promise<CheckpointSummary> {
  const signer = await deps.getSigner();
  const latest = await deps.archive.findLatest();
  const before = latest === undefined ? undefined : openCheckpoint(latest, signer);
  const tenants = await Array.fromAsync(deps.tenants.listAll());
  const limit = createLimiter(concurrency, Infinity);
  const progress = await Promise.all(
    tenants.map((tenant) => limit(() => advance(tenant, { before, deadline, deps }))),
  );
  const missing = findMissing(tenants, before);
  for (const [tenantHash] of missing) deps.onProblem(undefined, missingTenant(tenantHash));

  const heads = tenants.flatMap(({ tenantId }, index): [string, Leaf][] => {
    const leaf = progress[index]?.leaf;
    return leaf ? [[hashTenant(tenantId), leaf]] : [];
  });
  const number = (before?.number ?? 0) + 1;
  const content = {
    number,
    time: deps.now().toISOString(),
    previousHash: before ? hashNote(before.note) : '',
    leaves: new Map([...heads, ...missing]),
  };
  const signed = await signCheckpoint(content, signer);
  if (!(await deps.archive.put(number, signed.text)))
    throw new Error(`Checkpoint ${number} exists, because another run has taken it.`);
  await saveAnchors(tenants, { leaves: content.leaves, signed, deps });

  const count = (outcome: Progress['outcome']): number =>
    progress.filter((each) => each.outcome === outcome).length;
  return {
    number,
    tenants: content.leaves.size,
    refused: count('refused') + missing.length,
    postponed: count('postponed'),
  };
}

async function saveAnchors(
  tenants: readonly ListedTenant[],
  {
    leaves,
    signed,
    deps,
  }: {
    readonly leaves: ReadonlyMap<string, Leaf>;
    readonly signed: SignedCheckpoint;
    readonly deps: CheckpointDependencies;
  },
): Promise<void> {
  const limit = createLimiter(concurrency, Infinity);
  await Promise.all(
    tenants.map(async ({ tenantId }) => {
      const tenantHash = hashTenant(tenantId);
      const [leaf, proof] = [leaves.get(tenantHash), signed.proofs.get(tenantHash)];
      if (!leaf || !proof) return;
      const { sequence, hash } = leaf;
      await limit(() => deps.anchors.save(tenantId, { sequence, hash, proof }));
    }),
  );
}

/** Leaves of the checkpoint before whose tenants are no longer listed. */
const findMissing = (
  tenants: readonly ListedTenant[],
  before: Checkpoint | undefined,
): [string, Leaf][] => {
  const tenantHashes = new Set(tenants.map(({ tenantId }) => hashTenant(tenantId)));
  return [...(before?.leaves ?? [])].filter(([tenantHash]) => !tenantHashes.has(tenantHash));
};

const missingTenant = (tenantHash: string): Problem => ({
  kind: 'removed',
  detail: `no tenant has the hash ${tenantHash}, which the checkpoint before contains`,
});

interface Run {
  readonly before: Checkpoint | undefined;
  readonly deadline: EpochMs;
  readonly deps: CheckpointDependencies;
}

/** Verifies the events of a tenant after its previous head. */
async function advance(
  { tenantId, erasedAt }: ListedTenant,
  { before, deadline, deps }: Run,
): Promise<Progress> {
  const previous = before?.leaves.get(hashTenant(tenantId));
  const isExpired = (leaf: Leaf): boolean =>
    leaf.ttl <= deps.now().getTime() / 1000 + expiryMarginSeconds;
  const head = await deps.feed.getHead(tenantId);
  // The first checkpoint of an archive accepts feeds whose first events have expired.
  const start = before && { sequence: 0, hash: '' };
  if (head.sequence === 0 && !previous) return { leaf: undefined, outcome: 'extended' };
  const refuse = (problem: Problem): Progress => {
    deps.onProblem(tenantId, problem);
    return { leaf: previous, outcome: 'refused' };
  };

  const verifier = createChainVerifier(tenantId, previous ?? start);
  // Expired segments are not read, so the previous head itself can be missing.
  let [leaf, isPreviousFound] = [previous, previous === undefined || isExpired(previous)];
  for await (const segment of deps.feed.listSegments(tenantId, previous?.sequence ?? 1)) {
    if (deps.now().getTime() >= deadline) return { leaf: previous, outcome: 'postponed' };
    const { last, hash, ttl } = segment;
    if (previous?.sequence === last) {
      if (previous.hash !== hash) return refuse(replaced(previous));
      isPreviousFound = true;
      continue;
    }
    const { problems, lost } = verifier.add({ ...segment, key: segment.first });
    const [problem] = problems;
    if (problem) return refuse(problem);
    isPreviousFound ||= lost !== undefined && lost.first <= (previous?.sequence ?? 0);
    leaf = { sequence: last, hash, ttl };
  }
  // The feed of an erased tenant ends with its retention.
  if (erasedAt !== undefined && (!leaf || isExpired(leaf)))
    return { leaf: undefined, outcome: 'extended' };
  const end = leaf?.sequence ?? 0;
  if (!isPreviousFound || head.sequence < (previous?.sequence ?? 0) || head.sequence > end)
    return refuse(cut(Math.min(end, head.sequence), Math.max(end, head.sequence)));
  return { leaf, outcome: 'extended' };
}

const replaced = ({ sequence }: Leaf): Problem => ({
  kind: 'replaced',
  first: sequence,
  last: sequence,
  detail: 'the checkpoint before has another hash',
});

const cut = (remaining: number, last: number): Problem => ({
  kind: 'cut',
  first: Math.min(remaining + 1, last),
  last,
  detail: 'the segments are missing',
});
