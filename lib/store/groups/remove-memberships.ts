import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { EndedMembershipStore } from '../../domain/groups/group-store.ts';
import { batchDelete } from '../dynamodb/batch-write.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  sendConditionalWithRetry,
  type TimeLimit,
} from '../dynamodb/transaction.ts';
import {
  type Key,
  keys,
  type MemberKey,
  memberships,
  parseMembershipKey,
  toMemberKey,
} from '../keys.ts';
import { subtractMembers } from './member-count.ts';

/** Groups that a member leaves at a time. */
const concurrency = 10;

interface RemovedMember {
  readonly tenantId: string;
  readonly member: MemberKey;
  readonly groupIds: readonly string[];
}

/**
 * Removes a member from groups, in the collections of the groups only. Delete the items of the
 * member afterwards, so a repetition finds the rest. Throws `unavailable` at the deadline.
 */
export async function removeFromGroups(
  tables: Directory,
  { tenantId, member, groupIds }: RemovedMember,
  { deadline, now }: TimeLimit,
): Promise<void> {
  const { client, directory } = tables;
  const leave = async (groupId: string): Promise<void> => {
    const command = new DeleteCommand({
      TableName: directory,
      Key: { ...keys.groupMember(tenantId, groupId, member) },
      ConditionExpression: 'attribute_exists(pk)',
    });
    const isRemoved = await sendConditionalWithRetry(
      (options) => client.send(command, options),
      deadline,
      now,
    );
    const removed = isRemoved ? 1 : 0;
    await subtractMembers(tables, { tenantId, groupId, removed }, { deadline, now });
  };
  for (let start = 0; start < groupIds.length; start += concurrency)
    await Promise.all(groupIds.slice(start, start + concurrency).map(leave));
}

/** Removes all memberships of a member page by page. A repetition removes the rest. */
export const createEndedMembershipStore = (
  tables: Directory,
  now: () => number,
): EndedMembershipStore => ({
  async removeAll(tenantId, member, deadline) {
    const memberKey = toMemberKey(member);
    const { pk, prefix } = memberships(tenantId, memberKey);
    let after: Key | undefined;
    do {
      if (now() >= deadline) throw outcomeUnknown();
      const { items, next } = await queryPage(tables.client, tables.directory, {
        pk,
        prefix,
        after,
        attributes: ['sk'],
      });
      const itemKeys = items.map(({ sk }) => ({ pk, sk: String(sk) }));
      const groupIds = itemKeys.flatMap((key) => parseMembershipKey(key) ?? []);
      await removeFromGroups(tables, { tenantId, member: memberKey, groupIds }, { deadline, now });
      await batchDelete(tables, itemKeys, { deadline, now });
      after = next;
    } while (after);
  },
});
