import type { NestingVersion } from '../../domain/groups/group-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import type { Write } from '../dynamodb/transaction.ts';
import { keys } from '../keys.ts';

/** Reads the version of a tenant's nesting, which is 0 before the first change. */
export async function readNestingVersion(
  { client, directory }: Directory,
  tenantId: string,
): Promise<number> {
  const item = await getItem(client, directory, keys.groupNesting(tenantId));
  return Number(item?.['version'] ?? 0);
}

/**
 * Increments the version of a tenant's nesting, if it is unchanged. Two concurrent changes of
 * nested groups could otherwise close a cycle that neither of them sees.
 */
export const requireNesting = (
  TableName: string,
  tenantId: string,
  { nestingVersion }: NestingVersion,
): Write => ({
  Update: {
    TableName,
    Key: { ...keys.groupNesting(tenantId) },
    UpdateExpression: 'SET #version = :next, schemaVersion = :schemaVersion',
    ConditionExpression: nestingVersion === 0 ? 'attribute_not_exists(pk)' : '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: {
      ':next': nestingVersion + 1,
      ':schemaVersion': schemaVersion,
      ...(nestingVersion > 0 && { ':version': nestingVersion }),
    },
  },
});
