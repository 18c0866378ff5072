import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  type ActivityRecord,
  type ActivityStore,
  formatActivityWindow,
} from '../../domain/feed/activity.ts';
import { type Directory, schemaVersion, toUnavailable } from '../dynamodb/tables.ts';
import { type Key, keys } from '../keys.ts';

const retentionSeconds = 90 * 24 * 3600;

/** Adds the attributes of every activity item. */
export const toActivityItem = (record: ActivityRecord) => ({
  ...record,
  ttl: Math.ceil(Date.parse(record.at) / 1000) + retentionSeconds,
  schemaVersion,
});

/** Gets the window in which a record is counted. Throws for a type without a count. */
export function getActivityWindow(record: ActivityRecord): string {
  const window = formatActivityWindow(record);
  if (window === undefined) throw new Error(`Events of the type ${record.type} have no count`);
  return window;
}

/** Builds the update that adds to the count of a window. Its first record stays. */
export function buildCount(
  directory: string,
  key: Key,
  { record, count }: { readonly record: ActivityRecord; readonly count: number },
): UpdateCommand {
  const values = Object.entries({ ...toActivityItem(record), count }).filter(
    ([, value]) => value !== undefined,
  );
  const names = values.map(([name]) => name);
  const assignments = names
    .filter((name) => name !== 'count')
    .map((name) => `#${name} = if_not_exists(#${name}, :${name})`);
  return new UpdateCommand({
    TableName: directory,
    Key: { ...key },
    UpdateExpression: `ADD #count :count SET ${assignments.join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(
      values.map(([name, value]) => [`:${name}`, value]),
    ),
  });
}

/** Stores activity records, which expire after 90 days. */
export function createActivityStore({ client, directory }: Directory): ActivityStore {
  return {
    async count(tenantId, record, { count, signal }) {
      const key = keys.tenantActivity(tenantId, getActivityWindow(record));
      const command = buildCount(directory, key, { record, count });
      await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
        throw toUnavailable(error);
      });
    },
  };
}
