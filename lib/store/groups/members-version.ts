import type { MembersVersion, MembersVersionChange } from '../../domain/groups/members-version.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import type { Write } from '../dynamodb/transaction.ts';
import { keys } from '../keys.ts';

/** Reads the version of the members of a managed group, which is 0 before the first change. */
export async function readMembersVersion(
  { client, directory }: Directory,
  tenantId: string,
  groupId: string,
): Promise<MembersVersion> {
  const item = await getItem(client, directory, keys.groupMembersVersion(tenantId, groupId));
  const changedAt = item?.['changedAt'];
  return {
    version: Number(item?.['version'] ?? 0),
    ...(typeof changedAt === 'string' && { changedAt }),
  };
}

/** Increments the version of the members, if it is the expected one. */
export const updateMembersVersion = (
  TableName: string,
  { tenantId, groupId }: { readonly tenantId: string; readonly groupId: string },
  { at, expected }: MembersVersionChange,
): Write => ({
  Update: {
    TableName,
    Key: { ...keys.groupMembersVersion(tenantId, groupId) },
    UpdateExpression: 'SET changedAt = :at, schemaVersion = :schemaVersion ADD #version :one',
    ...(expected !== undefined && {
      ConditionExpression: expected === 0 ? 'attribute_not_exists(pk)' : '#version = :expected',
    }),
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: {
      ':at': at,
      ':one': 1,
      ':schemaVersion': schemaVersion,
      ...(expected !== undefined && expected > 0 && { ':expected': expected }),
    },
  },
});
