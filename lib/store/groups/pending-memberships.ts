import type { Membership } from '../../domain/groups/group.ts';
import { isOpen, type MemberJob } from '../../domain/groups/member-job.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

/** Finds the large changes of members in a tenant. */
export interface MemberJobFinder {
  findMemberJobs(tenantId: string): Promise<readonly MemberJob[]>;
}

export function fromMemberJobItem(item: Record<string, unknown>): MemberJob {
  const { outboxShard: _shard, dueAt: _dueAt, token: _token, ...job } = toAttributes(item);
  return job as unknown as MemberJob;
}

/** Packs a user ID into 16 bytes. */
export const packId = (userId: string): Buffer => Buffer.from(userId.replaceAll('-', ''), 'hex');

/** Returns the part of a job that has a user ID. Parts are in the order of IDs. */
export const findPart = ({ partBits }: Pick<MemberJob, 'partBits'>, userId: string): number =>
  Number.parseInt(userId.slice(0, 2), 16) >> (8 - partBits);

export const idBytes = 16;

function hasId(ids: unknown, id: Buffer): boolean {
  if (!(ids instanceof Uint8Array)) return false;
  for (let at = 0; at < ids.length; at += idBytes)
    if (id.equals(ids.subarray(at, at + idBytes))) return true;
  return false;
}

/** Changes of the groups of a user that are still to be applied. Undefined for a removal. */
export type PendingMemberships = ReadonlyMap<string, Membership | undefined>;

/**
 * Reads what open jobs of a tenant change for a user. Read the stored memberships afterwards: a job
 * that is finished meanwhile is missing here, and has changed them.
 */
export async function readPendingMemberships(
  { client, directory }: Directory,
  userId: string,
  jobs: readonly MemberJob[],
): Promise<PendingMemberships> {
  const id = packId(userId);
  const changes = await Promise.all(
    jobs.filter(isOpen).map(async (job): Promise<[string, Membership | undefined][]> => {
      const key = keys.memberJobPart(job.tenantId, job.jobId, findPart(job, userId));
      const part = await getItem(client, directory, key);
      if (hasId(part?.['added'], id)) return [[job.groupId, toAddedMembership(job, userId)]];
      return hasId(part?.['removed'], id) ? [[job.groupId, undefined]] : [];
    }),
  );
  return new Map(changes.flat());
}

/** Membership of a user whom a job adds. */
export const toAddedMembership = ({ groupId, audit }: MemberJob, id: string): Membership => ({
  groupId,
  member: { kind: 'user', id },
  status: 'member',
  joinedAt: audit.at,
  addedBy: audit.by,
});

/** Applies pending changes to the memberships of a user, in the order of the groups' IDs. */
export function overlayMemberships<M extends { readonly groupId: string }>(
  stored: readonly M[],
  pending: PendingMemberships,
): readonly (M | Membership)[] {
  if (pending.size === 0) return stored;
  const byGroup = new Map(stored.map((membership) => [membership.groupId, membership]));
  const unchanged = stored.filter(({ groupId }) => !pending.has(groupId) || pending.get(groupId));
  const added = [...pending.values()].flatMap((each) =>
    each && !byGroup.has(each.groupId) ? [each] : [],
  );
  return [...unchanged, ...added].toSorted((a, b) => (a.groupId < b.groupId ? -1 : 1));
}
