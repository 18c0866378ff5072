import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { maxMembers } from '../../domain/groups/group.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { queryAll } from '../dynamodb/query.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import { sendConditionalWithRetry } from '../dynamodb/transaction.ts';
import { groupMembers, keys } from '../keys.ts';

/** Time between two counts of a group's members, which read all of them. */
const countIntervalMs = 10 * 60_000;

interface CountedGroup {
  readonly tenantId: string;
  readonly groupId: string;
  readonly deadline: EpochMs;
}

/**
 * Creates the counter of a group's members. The number is outside of the transactions, because
 * concurrent transactions on one item fail. A lost subtraction makes it too high, so the members of
 * a full group are counted again.
 */
export function createMemberCount({ client, directory }: Directory, now: () => number) {
  /** False if the number would exceed the maximum. */
  const add = (added: number, { tenantId, groupId, deadline }: CountedGroup): Promise<boolean> => {
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...keys.groupMemberCount(tenantId, groupId) },
      UpdateExpression: 'SET schemaVersion = :schemaVersion ADD memberCount :added',
      ConditionExpression: 'attribute_not_exists(memberCount) OR memberCount <= :max',
      ExpressionAttributeValues: {
        ':added': added,
        ':max': added > 0 ? maxMembers - added : Number.MAX_SAFE_INTEGER,
        ':schemaVersion': schemaVersion,
      },
    });
    return sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
  };

  /** Replaces the number by a new count, unless it changes meanwhile, every ten minutes. */
  const recount = async ({ tenantId, groupId, deadline }: CountedGroup): Promise<void> => {
    const key = keys.groupMemberCount(tenantId, groupId);
    const item = await getItem(client, directory, key);
    if (Number(item?.['countedAt'] ?? 0) > now() - countIntervalMs) return;
    const { pk, prefix } = groupMembers(tenantId, groupId);
    const members = await queryAll(client, {
      TableName: directory,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
      ProjectionExpression: 'sk',
      ConsistentRead: true,
    });
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...key },
      UpdateExpression: 'SET memberCount = :count, countedAt = :now',
      ConditionExpression: 'memberCount = :before',
      ExpressionAttributeValues: {
        ':count': members.length,
        ':now': now(),
        ':before': item?.['memberCount'] ?? 0,
      },
    });
    await sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
  };

  return {
    /** Counts new members before they are written. False if the group is full. */
    async reserve(added: number, group: CountedGroup): Promise<boolean> {
      if (await add(added, group)) return true;
      await recount(group);
      return add(added, group);
    },

    /** Subtracts removed members. A failure must not hide that they are removed. */
    async subtract(removed: number, group: CountedGroup): Promise<void> {
      if (removed === 0) return;
      await add(-removed, group).catch((error: unknown) => {
        if (!(error instanceof Failure && error.code === 'unavailable')) throw error;
      });
    },
  };
}
