import { createHash } from 'node:crypto';
import type { FeedHead } from '../feed/feed-store.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { EpochSeconds, Timestamp } from '../kernel/time.ts';
import { type AuditPaths, computeAuditPaths, hashLeaf } from './merkle-tree.ts';
import { formatNoteKey, type NoteKey, type NoteSigner, openNote, signNote } from './signed-note.ts';

/** Head of a tenant's feed in a checkpoint. */
export interface Leaf extends FeedHead {
  /** End of the retention of the last segment. */
  readonly ttl: EpochSeconds;
}

/** Heads of the feeds of all tenants at a time. */
export interface CheckpointContent {
  /** 1 for the first checkpoint of a deployment. */
  readonly number: number;
  readonly time: Timestamp;
  /** SHA-256 (hexadecimal) of the note before. Empty in the first checkpoint. */
  readonly previousHash: string;
  /** Leaves by the hash of the tenant. */
  readonly leaves: ReadonlyMap<string, Leaf>;
}

export interface Checkpoint extends CheckpointContent {
  /** Signed note with the root of the leaves (c2sp.org/tlog-checkpoint). */
  readonly note: string;
}

/** Proof that a checkpoint contains a leaf. */
export interface InclusionProof {
  readonly note: string;
  /** Verifier key of the note (c2sp.org/signed-note). */
  readonly publicKey: string;
  /** Data of the leaf. */
  readonly leaf: string;
  readonly leafIndex: number;
  /** Audit path (RFC 6962 §2.1.1), base64. */
  readonly path: readonly string[];
}

/** Checkpoint with the proofs of its leaves. */
export interface SignedCheckpoint {
  /** Text of the object in the archive. */
  readonly text: string;
  /** Proofs by the hash of the tenant. */
  readonly proofs: ReadonlyMap<string, InclusionProof>;
}

/** Identifies a tenant in checkpoints, without its ID. */
export const hashTenant = (tenantId: Uuid): string =>
  createHash('sha256').update(`roster tenant ${tenantId}`).digest('hex');

export const hashNote = (note: string): string => createHash('sha256').update(note).digest('hex');

const formatLeaf = (tenantHash: string, { sequence, hash, ttl }: Leaf): string =>
  `${tenantHash} ${sequence} ${hash} ${ttl}`;

/** Lists the data of all leaves. The first has the checkpoint before, the others are sorted. */
const listLeaves = ({ previousHash, leaves }: CheckpointContent): string[] => [
  `previous ${previousHash}`,
  ...[...leaves].map(([tenantHash, leaf]) => formatLeaf(tenantHash, leaf)).toSorted(),
];

const buildTree = (leaves: readonly string[]): AuditPaths =>
  computeAuditPaths(leaves.map((leaf) => hashLeaf(leaf)));

/** Formats origin, size and root. Each checkpoint is a log of its own, with its own origin. */
const formatText = (
  { number, time }: CheckpointContent,
  { name }: NoteKey,
  { root, paths }: AuditPaths,
): string => `${name}/${number}/${time}\n${paths.length}\n${root.toString('base64')}\n`;

/** Signs a checkpoint and proves each of its leaves. */
export async function signCheckpoint(
  content: CheckpointContent,
  signer: NoteSigner,
): Promise<SignedCheckpoint> {
  const leaves = listLeaves(content);
  const tree = buildTree(leaves);
  const note = await signNote(formatText(content, signer, tree), signer);
  const publicKey = formatNoteKey(signer);
  const proofs = leaves.map((leaf, leafIndex): [string, InclusionProof] => [
    leaf.split(' ', 1)[0] ?? '',
    {
      note,
      publicKey,
      leaf,
      leafIndex,
      path: tree.paths[leafIndex]?.map((hash) => hash.toString('base64')) ?? [],
    },
  ]);
  return {
    text: `${JSON.stringify({ publicKey, note, leaves }, undefined, 1)}\n`,
    proofs: new Map(proofs),
  };
}

/** Object in the archive that is no checkpoint, or whose signature or root does not match. */
export class InvalidCheckpoint extends Error {}

/** Reads a checkpoint from the archive. Throws `InvalidCheckpoint`. */
export function openCheckpoint(text: string, key: NoteKey): Checkpoint {
  const { note, leaves } = parseObject(text);
  const signedText = openNote(note, key);
  if (signedText === undefined) throw new InvalidCheckpoint('the signature does not match');
  const [origin = ''] = signedText.split('\n');
  const [, number, time] = /\/([1-9]\d*)\/([^/]+)$/.exec(origin) ?? [];
  if (number === undefined || time === undefined)
    throw new InvalidCheckpoint('the origin does not match');
  const content = { number: Number(number), time, ...parseLeaves(leaves) };
  // Compares with the text that these leaves lead to, which also covers the origin and the size.
  if (formatText(content, key, buildTree(leaves)) !== signedText)
    throw new InvalidCheckpoint('the leaves do not match the signed root');
  return { ...content, note };
}

/** Reads the verifier key that a checkpoint names, which proves nothing by itself. */
export const readPublicKey = (text: string): string => parseObject(text).publicKey;

function parseObject(text: string) {
  const { publicKey, note, leaves } = parseJson(text);
  if (typeof publicKey !== 'string' || typeof note !== 'string' || !Array.isArray(leaves))
    throw new InvalidCheckpoint('the object has another format');
  return { publicKey, note, leaves: leaves.map(String) };
}

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new InvalidCheckpoint('the object has another format');
  }
}

function parseLeaves([first = '', ...others]: readonly string[]) {
  const leaves = others.map((line): [string, Leaf] => {
    const [tenantHash = '', sequence, hash = '', ttl] = line.split(' ');
    return [tenantHash, { sequence: Number(sequence), hash, ttl: Number(ttl) }];
  });
  return { previousHash: first.replace(/^previous /, ''), leaves: new Map(leaves) };
}
