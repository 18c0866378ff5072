import { createHash } from 'node:crypto';

// RFC 6962 §2.1: the first byte separates the hashes of leaves from those of nodes.
const hashNode = (left: Buffer, right: Buffer): Buffer =>
  createHash('sha256').update('\u0001').update(left).update(right).digest();

/** Hashes the data of a leaf (RFC 6962 §2.1). */
export const hashLeaf = (data: string): Buffer =>
  createHash('sha256').update('\u0000').update(data).digest();

/** Largest power of 2 below a size of at least 2. */
const splitSize = (size: number): number => 2 ** Math.floor(Math.log2(size - 1));

/** Root of a tree, and the audit path of each leaf, from the leaf up. */
export interface AuditPaths {
  readonly root: Buffer;
  readonly paths: readonly (readonly Buffer[])[];
}

/** Computes the root and the audit paths from the hashes of the leaves (RFC 6962 §2.1, §2.1.1). */
export function computeAuditPaths(leaves: readonly Buffer[]): AuditPaths {
  const [leaf] = leaves;
  if (leaf === undefined) return { root: createHash('sha256').digest(), paths: [] };
  if (leaves.length === 1) return { root: leaf, paths: [[]] };
  const split = splitSize(leaves.length);
  const first = computeAuditPaths(leaves.slice(0, split));
  const second = computeAuditPaths(leaves.slice(split));
  return {
    root: hashNode(first.root, second.root),
    paths: [
      ...first.paths.map((path) => [...path, second.root]),
      ...second.paths.map((path) => [...path, first.root]),
    ],
  };
}

/**
 * Computes the root to which an audit path leads. Undefined if the path has another length than a
 * tree of this size needs (RFC 9162 §2.1.3.2).
 */
export function followAuditPath({
  leaf,
  index,
  size,
  path,
}: {
  readonly leaf: Buffer;
  readonly index: number;
  readonly size: number;
  readonly path: readonly Buffer[];
}): Buffer | undefined {
  if (index >= size) return undefined;
  let [position, last, hash] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      hash = hashNode(sibling, hash);
      while (position % 2 === 0 && position !== 0) [position, last] = [position / 2, last >> 1];
    } else hash = hashNode(hash, sibling);
    [position, last] = [position >> 1, last >> 1];
  }
  return last === 0 ? hash : undefined;
}
