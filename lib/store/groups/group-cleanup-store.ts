import { randomUUID } from 'node:crypto';
import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { GroupCleanupStore, GroupKey } from '../../domain/groups/group-cleanup-store.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { batchDelete } from '../dynamodb/batch-write.ts';
import { ifVersion } from '../dynamodb/entities.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { queryPage, queryPages, queryPrefix } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  sendConditionalWithRetry,
  sendWithRetry,
  transact,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import {
  deletedGroupShard,
  groupMembers,
  type Key,
  keys,
  type MemberKey,
  memberships,
  outboxIndex,
  parseGroupKey,
} from '../keys.ts';
import { updateParents } from './membership-store.ts';
import { readNestingVersion, requireNesting } from './nesting-version.ts';

/**
 * Members whose items are deleted at a time. Sequential batches stay below the write rate of one
 * partition of DynamoDB, which other groups of the tenant can share.
 */
const pageSize = 25;

export function createGroupCleanupStore(tables: Directory, now: () => number): GroupCleanupStore {
  const { client, directory } = tables;
  const toDelete = (key: Key): Write => ({ Delete: { TableName: directory, Key: { ...key } } });
  const toGroupMember = (groupId: string): MemberKey => ({ kind: 'GROUP', id: groupId });

  /** Writes all or none. False if a condition failed. Throws `unavailable` at the deadline. */
  const writeAll = async (writes: readonly Write[], deadline: EpochMs): Promise<boolean> => {
    const conditionalWrites = withConflict('stale' as const, writes);
    const request = { writes: conditionalWrites, token: randomUUID(), deadline };
    const outcome = await transact(client, request, now);
    if (outcome === 'unknown') throw outcomeUnknown();
    return outcome === 'written';
  };

  const deleteItem = (key: Key, deadline: EpochMs): Promise<object> =>
    sendWithRetry(
      (options) =>
        client.send(new DeleteCommand({ TableName: directory, Key: { ...key } }), options),
      deadline,
      now,
    );

  /** Reads the IDs at the end of the sort keys. */
  const readIds = async (range: { readonly pk: string; readonly prefix: string }) => {
    const items = await queryPrefix(tables, range, { ProjectionExpression: 'sk' });
    return items.map(({ sk }) => String(sk).slice(range.prefix.length));
  };

  /** Removes the edge to a nested group, which loses the parent that decisions read. */
  const removeNestedGroup = async (
    { tenantId, groupId }: GroupKey,
    nestedId: string,
    deadline: EpochMs,
  ): Promise<void> => {
    const edge = [
      keys.groupMember(tenantId, groupId, toGroupMember(nestedId)),
      keys.membership(tenantId, groupId, toGroupMember(nestedId)),
    ].map(toDelete);
    for (let isRemoved = false; !isRemoved; ) {
      if (now() >= deadline) throw outcomeUnknown();
      // In this order: a nested group that is restored meanwhile makes the write stale.
      const nestingVersion = await readNestingVersion(tables, tenantId);
      const roles = await getItem(client, directory, keys.groupRoles(tenantId, nestedId));
      const parent = { groupId: nestedId, expression: 'DELETE', parent: groupId } as const;
      isRemoved = await writeAll(
        [
          ...edge,
          // A deleted group has no such item.
          ...(roles ? [updateParents(directory, tenantId, parent)] : []),
          requireNesting(directory, tenantId, { nestingVersion }),
        ],
        deadline,
      );
    }
  };

  /** Removes users and app clients page by page. The group's own items are last. */
  const removeMembers = async (
    { tenantId, groupId }: GroupKey,
    kind: 'USER' | 'APPCLIENT',
    deadline: EpochMs,
  ): Promise<void> => {
    const { pk, prefix } = groupMembers(tenantId, groupId, kind);
    for (;;) {
      if (now() >= deadline) throw outcomeUnknown();
      const { items } = await queryPage(client, directory, {
        pk,
        prefix,
        limit: pageSize,
        attributes: ['sk'],
      });
      if (items.length === 0) return;
      const members = items.map(({ sk }) => ({ kind, id: String(sk).slice(prefix.length) }));
      const time = { deadline, now };
      const memberSide = members.map((member) => keys.membership(tenantId, groupId, member));
      await batchDelete(tables, memberSide, time);
      const groupSide = members.map((member) => keys.groupMember(tenantId, groupId, member));
      await batchDelete(tables, groupSide, time);
    }
  };

  /** Removes the group from a group above it, which counts its members. */
  const leaveParent = async (
    { tenantId, groupId }: GroupKey,
    parentId: string,
    deadline: EpochMs,
  ): Promise<void> => {
    const group = toGroupMember(groupId);
    const memberKey = keys.groupMember(tenantId, parentId, group);
    const membershipKey = keys.membership(tenantId, parentId, group);
    const isMember = { ConditionExpression: 'attribute_exists(pk)' };
    const isRemoved = await writeAll(
      [
        { Delete: { TableName: directory, Key: { ...memberKey }, ...isMember } },
        toDelete(membershipKey),
        {
          Update: {
            TableName: directory,
            Key: { ...keys.groupMemberCount(tenantId, parentId) },
            UpdateExpression: 'ADD memberCount :removed',
            ExpressionAttributeValues: { ':removed': -1 },
          },
        },
      ],
      deadline,
    );
    // The cleanup of the parent removed the other item.
    if (!isRemoved) await deleteItem(membershipKey, deadline);
  };

  return {
    async *listDeleted(before) {
      const query = {
        TableName: directory,
        IndexName: outboxIndex.name,
        KeyConditionExpression: '#partition = :shard AND #sort < :before',
        ExpressionAttributeNames: {
          '#partition': outboxIndex.partition,
          '#sort': outboxIndex.sort,
        },
        ExpressionAttributeValues: { ':shard': deletedGroupShard, ':before': before },
      };
      for await (const items of queryPages(client, query))
        for (const { pk, sk } of items) yield parseGroupKey({ pk: String(pk), sk: String(sk) });
    },

    finalize(group, deadline) {
      const { ConditionExpression, ...condition } = ifVersion(group, 'attribute_exists(deletion)');
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.group(group.tenantId, group.groupId) },
        UpdateExpression: 'SET deletion.isFinal = :true',
        ConditionExpression,
        ExpressionAttributeNames: condition.ExpressionAttributeNames,
        ExpressionAttributeValues: { ...condition.ExpressionAttributeValues, ':true': true },
      });
      return sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
    },

    async removeMemberships(key, deadline) {
      const { tenantId, groupId } = key;
      for (const nestedId of await readIds(groupMembers(tenantId, groupId, 'GROUP')))
        await removeNestedGroup(key, nestedId, deadline);
      await removeMembers(key, 'APPCLIENT', deadline);
      await removeMembers(key, 'USER', deadline);
      for (const parentId of await readIds(memberships(tenantId, toGroupMember(groupId))))
        await leaveParent(key, parentId, deadline);
    },

    async finish({ tenantId, groupId }, deadline) {
      await deleteItem(keys.groupMemberCount(tenantId, groupId), deadline);
      return writeAll(
        [
          {
            Update: {
              TableName: directory,
              Key: { ...keys.group(tenantId, groupId) },
              UpdateExpression: `REMOVE ${outboxIndex.partition}, ${outboxIndex.sort}`,
              ConditionExpression: `attribute_exists(${outboxIndex.partition})`,
            },
          },
          {
            Update: {
              TableName: directory,
              Key: { ...keys.groupCount(tenantId) },
              UpdateExpression: 'ADD totalCount :removed',
              ExpressionAttributeValues: { ':removed': -1 },
            },
          },
        ],
        deadline,
      );
    },
  };
}
