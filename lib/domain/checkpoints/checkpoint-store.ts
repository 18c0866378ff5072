import type { FeedHead } from '../feed/feed-store.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { InclusionProof } from './checkpoint.ts';

/** Head of a tenant's feed in the latest checkpoint. It outlives the segments of an idle tenant. */
export interface Anchor extends FeedHead {
  readonly proof: InclusionProof;
}

/** Stores anchors. Throws `unavailable`. */
export interface AnchorStore {
  find(tenantId: Uuid): Promise<Anchor | undefined>;
  /** Saves an anchor, unless a later one is stored. */
  save(tenantId: Uuid, anchor: Anchor): Promise<void>;
}

/** Stores checkpoints in the archive, in which nothing can be overwritten. */
export interface CheckpointArchive {
  /** Reads the object of the checkpoint with the highest number. */
  findLatest(): Promise<string | undefined>;
  /** Stores a checkpoint. False if there is one with this number. */
  put(number: number, text: string): Promise<boolean>;
}
