import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { maxMembers } from '../../domain/groups/group.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { queryPrefix } from '../dynamodb/query.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import { sendConditionalWithRetry, type TimeLimit } from '../dynamodb/transaction.ts';
import { groupMembers, keys } from '../keys.ts';
import { listOpenJobs } from './member-jobs.ts';

/** Time between two counts of a group's members, which read all of them. */
const countIntervalMs = 10 * 60_000;

interface CountedGroup {
  readonly tenantId: string;
  readonly groupId: string;
}

/**
 * Adds to the number of a group's members. False if it would exceed the maximum. The number is
 * outside of the transactions, because concurrent transactions on one item fail. A lost subtraction
 * makes it too high, so the members of a full group are counted again.
 */
function add(
  { client, directory }: Directory,
  { tenantId, groupId, added }: CountedGroup & { readonly added: number },
  { deadline, now }: TimeLimit,
): Promise<boolean> {
  const command = new UpdateCommand({
    TableName: directory,
    Key: { ...keys.groupMemberCount(tenantId, groupId) },
    UpdateExpression: 'SET schemaVersion = :schemaVersion ADD memberCount :added',
    ConditionExpression: 'attribute_not_exists(memberCount) OR memberCount <= :max',
    ExpressionAttributeValues: {
      ':added': added,
      ':max': maxMembers - Math.max(added, 0),
      ':schemaVersion': schemaVersion,
    },
  });
  return sendConditionalWithRetry((options) => client.send(command, options), deadline, now);
}

/** Counts new members before they are written. False if the group is full. */
export async function reserveMembers(
  tables: Directory,
  group: CountedGroup & { readonly added: number },
  limit: TimeLimit,
): Promise<boolean> {
  if (await add(tables, group, limit)) return true;
  await recountMembers(tables, group, limit);
  return add(tables, group, limit);
}

/** Subtracts removed members. A failure must not hide the removal. */
export async function subtractMembers(
  tables: Directory,
  { removed, ...group }: CountedGroup & { readonly removed: number },
  limit: TimeLimit,
): Promise<void> {
  if (removed === 0) return;
  await add(tables, { ...group, added: -removed }, limit).catch((error: unknown) => {
    if (!(error instanceof Failure && error.code === 'unavailable')) throw error;
  });
}

/** Replaces the number with a new count at most every ten minutes, unless it changes meanwhile. */
async function recountMembers(
  tables: Directory,
  { tenantId, groupId }: CountedGroup,
  { deadline, now }: TimeLimit,
): Promise<void> {
  const { client, directory } = tables;
  const key = keys.groupMemberCount(tenantId, groupId);
  const item = await getItem(client, directory, key);
  if (Number(item?.['countedAt'] ?? 0) > now() - countIntervalMs) return;
  // The members that a job adds are not stored yet.
  if ((await listOpenJobs(tables, tenantId, groupId)).length > 0) return;
  const members = await queryPrefix(tables, groupMembers(tenantId, groupId), {
    ProjectionExpression: 'sk',
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
}
