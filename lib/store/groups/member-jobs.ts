import type { Membership } from '../../domain/groups/group.ts';
import type { ListedMembership } from '../../domain/groups/group-store.ts';
import type { GroupKey } from '../../domain/groups/group-cleanup-store.ts';
import { isOpen, type MemberJob } from '../../domain/groups/member-job.ts';
import { batchGetOrdered } from '../dynamodb/batch-get.ts';
import { queryPage, queryPrefix } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { groupMembers, keys, memberJobs, parseMemberSortKey, toMemberKey } from '../keys.ts';
import { fromMemberJobItem, idBytes, toAddedMembership } from './pending-memberships.ts';

/** Lists the jobs of a group, including finished ones, in their order. */
export const listJobs = async (
  tables: Directory,
  tenantId: string,
  groupId: string,
): Promise<readonly MemberJob[]> =>
  (await queryPrefix(tables, memberJobs(tenantId, groupId))).map(fromMemberJobItem);

export const listOpenJobs = async (
  tables: Directory,
  tenantId: string,
  groupId: string,
): Promise<readonly MemberJob[]> => (await listJobs(tables, tenantId, groupId)).filter(isOpen);

/** Unpacks the IDs of users in a part of a job. */
export function unpackIds(packed: unknown): readonly string[] {
  if (!(packed instanceof Uint8Array)) return [];
  const hex = Buffer.from(packed).toString('hex');
  return Array.from({ length: packed.length / idBytes }, (_, index) =>
    formatUuid(hex.slice(index * 32, (index + 1) * 32)),
  );
}

export const formatUuid = (hex: string): string =>
  hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** Changes of the users in a group that are still to be applied. Undefined for a removal. */
export type PendingMembers = ReadonlyMap<string, Membership | undefined>;

/**
 * Reads what jobs of a group change. Read the stored members afterwards: a job that is finished
 * meanwhile is missing here, and has changed them.
 */
export async function readPendingMembers(
  tables: Directory,
  jobs: readonly MemberJob[],
): Promise<PendingMembers> {
  const pending = new Map<string, Membership | undefined>();
  for (const job of jobs) {
    const parts = await batchGetOrdered(
      tables,
      Array.from({ length: 2 ** job.partBits }, (_, part) =>
        keys.memberJobPart(job.tenantId, job.jobId, part),
      ),
    );
    for (const part of parts) {
      for (const id of unpackIds(part?.['removed'])) pending.set(id, undefined);
      for (const id of unpackIds(part?.['added'])) pending.set(id, toAddedMembership(job, id));
    }
  }
  return pending;
}

interface MemberPage {
  /** Sort key after which the page starts. */
  readonly after: string | undefined;
  readonly limit: number;
}

interface GroupWithPending extends GroupKey {
  readonly pending: PendingMembers;
}

/** Lists a page of the members of a group with pending changes: users, or members of all kinds. */
export async function listMembersWithPending(
  tables: Directory,
  { jobs, ...ids }: GroupKey & { readonly jobs: readonly MemberJob[] },
  { kind, after, limit }: MemberPage & { readonly kind: 'user' | undefined },
): Promise<{ readonly memberships: readonly ListedMembership[]; readonly next?: string }> {
  const { tenantId, groupId } = ids;
  const group = { ...ids, pending: await readPendingMembers(tables, jobs) };
  const isInUsers = after !== undefined && parseMemberSortKey(after) !== '';
  const others: Membership[] = [];
  if (kind === undefined && !isInUsers) {
    const { pk, prefix } = groupMembers(tenantId, groupId);
    const start = after === undefined ? undefined : { pk, sk: after };
    const query = { pk, prefix, after: start, limit: limit + 1 };
    const { items } = await queryPage(tables.client, tables.directory, query);
    others.push(...items.map(fromMemberItem).filter(({ member }) => member.kind !== 'user'));
  }
  const users =
    others.length > limit
      ? []
      : await listUsersWithPending(tables, group, {
          after: isInUsers ? after : undefined,
          limit: limit + 1 - others.length,
        });
  const members = [...others, ...users].map((membership) => ({
    ...membership,
    position: keys.groupMember(tenantId, groupId, toMemberKey(membership.member)).sk,
  }));
  const page = members.slice(0, limit);
  return { memberships: page, next: members.length > limit ? page.at(-1)?.position : undefined };
}

async function listUsersWithPending(
  { client, directory }: Directory,
  { tenantId, groupId, pending }: GroupWithPending,
  { after, limit }: MemberPage,
): Promise<readonly Membership[]> {
  const { pk, prefix } = groupMembers(tenantId, groupId, 'USER');
  const users: Membership[] = [];
  const storedIds = new Set<string>();
  let position = after;
  let isLast = false;
  while (!isLast && users.length < limit) {
    const start = position === undefined ? undefined : { pk, sk: position };
    const query = { pk, prefix, after: start, limit };
    const { items, next } = await queryPage(client, directory, query);
    for (const membership of items.map(fromMemberItem)) {
      const { id } = membership.member;
      storedIds.add(id);
      if (!pending.has(id) || pending.get(id)) users.push(membership);
    }
    position = next?.sk;
    isLast = next === undefined;
  }
  const firstId = after === undefined ? '' : parseMemberSortKey(after);
  const isOnPage = (id: string): boolean =>
    id > firstId && (position === undefined || isLast || id <= parseMemberSortKey(position));
  for (const [id, membership] of pending)
    if (membership && !storedIds.has(id) && isOnPage(id)) users.push(membership);
  return users.toSorted((a, b) => (a.member.id < b.member.id ? -1 : 1)).slice(0, limit);
}

export const fromMemberItem = ({
  groupId,
  memberKind,
  memberId,
  status,
  joinedAt,
  addedBy,
}: Record<string, unknown>): Membership =>
  ({
    groupId,
    member: { kind: memberKind, id: memberId },
    status,
    joinedAt,
    addedBy,
  }) as Membership;
