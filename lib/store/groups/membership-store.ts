import { randomUUID } from 'node:crypto';
import type { MemberRef } from '../../domain/groups/group.ts';
import type {
  MembershipChange,
  MembershipChangeRecord,
  MembershipStore,
  Nesting,
} from '../../domain/groups/group-store.ts';
import type { AuditEntry } from '../../domain/kernel/change-record.ts';
import type { DurationMs } from '../../domain/kernel/time.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { createSalt, writeChange } from '../dynamodb/change-records.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { queryPage, queryPrefix } from '../dynamodb/query.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import { putIfAbsent, withConflict, type Write } from '../dynamodb/transaction.ts';
import { groupMembers, keys, memberKinds, memberships, toMemberKey } from '../keys.ts';
import { combineGroupWrite } from './group-writes.ts';
import {
  fromMemberItem,
  listMembersWithPending,
  listOpenJobs,
  readPendingMembers,
} from './member-jobs.ts';
import {
  type MemberJobFinder,
  overlayMemberships,
  type PendingMemberships,
  readPendingMemberships,
} from './pending-memberships.ts';
import { reserveMembers, subtractMembers } from './member-count.ts';
import { readMembersVersion, updateMembersVersion } from './members-version.ts';
import { requireNesting } from './nesting-version.ts';

const initialPauseMs = 50;
const maxPauseMs = 1600;

/**
 * Waits after a concurrent change of nested groups. Otherwise all callers try again at once, and
 * all but one are stale again.
 */
const pauseBeforeRetry = (attempt: number, remainingMs: DurationMs): Promise<void> =>
  new Promise((resolve) => {
    const pauseMs = Math.random() * Math.min(initialPauseMs * 2 ** attempt, maxPauseMs);
    setTimeout(resolve, Math.min(pauseMs, Math.max(remainingMs, 0)));
  });

/** Memberships, in the collections of the group and of the member. */
export function createMembershipStore(
  tables: Directory,
  now: () => number,
  finder: MemberJobFinder,
): MembershipStore {
  const { client, directory } = tables;

  return {
    async get(tenantId, groupId, member) {
      const key = keys.groupMember(tenantId, groupId, toMemberKey(member));
      const item = await getItem(client, directory, key);
      return item && fromMemberItem(item);
    },

    async getAll(tenantId, groupId, members, jobs = []) {
      const pending = await readPendingMembers(tables, jobs);
      const memberKeys = members.map((member) =>
        keys.groupMember(tenantId, groupId, toMemberKey(member)),
      );
      const items = await batchGet(tables, memberKeys);
      const bySk = new Map(items.map((item) => [item['sk'], fromMemberItem(item)]));
      return memberKeys.map(({ sk }, index) => {
        const { kind, id } = members[index] ?? {};
        const stored = bySk.get(sk);
        if (kind !== 'user' || id === undefined || !pending.has(id)) return stored;
        const membership = pending.get(id);
        return membership && (stored ?? membership);
      });
    },

    async listMembers(tenantId, groupId, { kind, after, limit }) {
      if (kind === undefined || kind === 'user') {
        const jobs = await listOpenJobs(tables, tenantId, groupId);
        const group = { tenantId, groupId, jobs };
        if (jobs.length > 0) return listMembersWithPending(tables, group, { kind, after, limit });
      }
      const { pk, prefix } = groupMembers(tenantId, groupId, kind && memberKinds[kind]);
      const { items } = await queryPage(client, directory, {
        pk,
        prefix,
        after: after === undefined ? undefined : { pk, sk: after },
        limit: limit + 1,
      });
      const page = items.slice(0, limit);
      return {
        memberships: page.map((item) => ({
          ...fromMemberItem(item),
          position: String(item['sk']),
        })),
        next: items.length > limit ? String(page.at(-1)?.['sk']) : undefined,
      };
    },

    async listGroups(tenantId, member, { after, limit }) {
      const memberKey = toMemberKey(member);
      const { pk, prefix } = memberships(tenantId, memberKey);
      const pending: PendingMemberships =
        member.kind === 'user'
          ? await readPendingMemberships(tables, member.id, await finder.findMemberJobs(tenantId))
          : new Map();
      if (pending.size > 0) {
        const stored = await queryPrefix(tables, { pk, prefix });
        const groups = overlayMemberships(stored.map(fromMemberItem), pending);
        const start = groups.findIndex(({ groupId }) => after === undefined || groupId > after);
        const rest = start < 0 ? [] : groups.slice(start, start + limit + 1);
        const page = rest.slice(0, limit);
        return {
          memberships: page,
          next: rest.length > limit ? page.at(-1)?.groupId : undefined,
        };
      }
      const { items } = await queryPage(client, directory, {
        pk,
        prefix,
        after: after === undefined ? undefined : keys.membership(tenantId, after, memberKey),
        limit: limit + 1,
      });
      const page = items.slice(0, limit).map(fromMemberItem);
      return {
        memberships: page,
        next: items.length > limit ? page.at(-1)?.groupId : undefined,
      };
    },

    async listGroupIds(tenantId, member) {
      const items = await queryPrefix(tables, memberships(tenantId, toMemberKey(member)));
      return items.map(({ groupId }) => String(groupId));
    },

    async write(tenantId, groupId, options) {
      const { changes, audit, nesting, version, deadline, attempt, group: groupWrite } = options;
      const added = changes.filter(({ before }) => before === undefined).length;
      const removed = changes.filter(({ after }) => after === undefined).length;
      const group = { tenantId, groupId };
      const limit = { deadline, now };
      if (added > 0 && !(await reserveMembers(tables, { ...group, added }, limit))) return 'full';
      const { records, writes } = combineGroupWrite(directory, groupWrite);
      const [first, ...others] = [
        ...records,
        ...changes.map((change) => toChangeRecordItem(tenantId, change, audit)),
      ];
      if (!first) return 'written';
      const memberWrites = [
        ...others.map((item) => putIfAbsent(directory, item)),
        ...changes.flatMap((change) =>
          buildMembershipWrites(directory, tenantId, { change, nesting }),
        ),
        ...(nesting ? [requireNesting(directory, tenantId, nesting)] : []),
        ...(version ? [updateMembersVersion(directory, group, version)] : []),
      ];
      // Without a known outcome, the members stay counted.
      const outcome = await writeChange(
        tables,
        {
          record: first,
          writes: [...writes, ...withConflict('stale' as const, memberWrites)],
          deadline,
        },
        now,
      );
      const isWritten = outcome === 'written';
      await subtractMembers(tables, { ...group, removed: isWritten ? removed : added }, limit);
      if (!isWritten && nesting) await pauseBeforeRetry(attempt, deadline - now());
      return typeof outcome === 'object' ? outcome.conflict : outcome;
    },

    getVersion: (tenantId, groupId) => readMembersVersion(tables, tenantId, groupId),
  };
}

/** Item of the change of a membership, in the collection of the member. */
export function toChangeRecordItem(
  tenantId: string,
  { before, after }: MembershipChange,
  { id = randomUUID(), ...audit }: AuditEntry & { readonly id?: string },
) {
  const membership = after ?? before;
  if (!membership) throw new Error('A change of a membership has no membership');
  const { groupId, member, status } = membership;
  const record: MembershipChangeRecord = {
    action: !before ? 'addMember' : after ? 'updateMember' : 'removeMember',
    groupId,
    status,
    ...audit,
  };
  const position = { time: audit.at, id };
  const key = keys.membershipChange(tenantId, toMemberKey(member), position);
  return { ...key, tenantId, memberId: member.id, salt: createSalt(), ...record };
}

/** Writes of both directions, and the conditions that a new member still exists. */
export function buildMembershipWrites(
  TableName: string,
  tenantId: string,
  {
    change: { before, after },
    nesting,
    createsMember = false,
  }: {
    readonly change: MembershipChange;
    readonly nesting: Nesting | undefined;
    /** True if the same transaction creates the member. */
    readonly createsMember?: boolean;
  },
): Write[] {
  const membership = after ?? before;
  if (!membership) return [];
  const { groupId, member } = membership;
  const memberKey = toMemberKey(member);
  const ifUnchanged = before && {
    ConditionExpression: 'joinedAt = :joinedAt AND #status = :status',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':joinedAt': before.joinedAt, ':status': before.status },
  };
  const bothKeys = [
    keys.groupMember(tenantId, groupId, memberKey),
    keys.membership(tenantId, groupId, memberKey),
  ];
  if (!after)
    return [
      ...bothKeys.map((key): Write => ({ Delete: { TableName, Key: { ...key }, ...ifUnchanged } })),
      // A deleted group has no parents, and gets those of its memberships when it is restored.
      ...(member.kind === 'group' && nesting?.groups.has(member.id)
        ? [
            updateParents(TableName, tenantId, {
              groupId: member.id,
              expression: 'DELETE',
              parent: groupId,
            }),
          ]
        : []),
    ];
  const { kind, id } = member;
  const attributes = {
    tenantId,
    groupId,
    memberKind: kind,
    memberId: id,
    status: after.status,
    joinedAt: after.joinedAt,
    addedBy: after.addedBy,
  };
  return [
    ...bothKeys.map((key) => putIfAbsent(TableName, { ...key, ...attributes }, ifUnchanged)),
    ...(before || createsMember ? [] : [requireMember(TableName, tenantId, member)]),
    ...(kind === 'group' && !before
      ? [updateParents(TableName, tenantId, { groupId: id, expression: 'ADD', parent: groupId })]
      : []),
  ];
}

/** Requires that a new member exists. Else an erasure could leave its memberships behind. */
function requireMember(TableName: string, tenantId: string, { kind, id }: MemberRef): Write {
  const checks = {
    user: {
      key: keys.user(tenantId, id),
      condition: 'attribute_exists(pk) AND attribute_not_exists(deletion)',
    },
    appClient: {
      key: keys.appClient(tenantId, id),
      condition: 'attribute_exists(pk) AND attribute_not_exists(revocation)',
    },
    group: {
      key: keys.group(tenantId, id),
      condition: 'attribute_exists(pk) AND attribute_not_exists(deletion)',
    },
  };
  const { key, condition } = checks[kind];
  return { ConditionCheck: { TableName, Key: { ...key }, ConditionExpression: condition } };
}

/** Adds or removes a parent in the item that decisions read. */
export const updateParents = (
  TableName: string,
  tenantId: string,
  {
    groupId,
    expression,
    parent,
  }: {
    readonly groupId: string;
    readonly expression: 'ADD' | 'DELETE';
    readonly parent: string;
  },
): Write => ({
  Update: {
    TableName,
    Key: { ...keys.groupRoles(tenantId, groupId) },
    UpdateExpression: `SET groupId = :groupId, schemaVersion = :schemaVersion ${expression} parents :parents`,
    ...(expression === 'DELETE' && { ConditionExpression: 'attribute_exists(pk)' }),
    ExpressionAttributeValues: {
      ':groupId': groupId,
      ':schemaVersion': schemaVersion,
      ':parents': new Set([parent]),
    },
  },
});
