import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  type ActivityRecord,
  type ActivityStore,
  formatActivityWindow,
} from '../../domain/feed/activity.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import { type Directory, schemaVersion, sendRequest, toUnavailable } from '../dynamodb/tables.ts';
import { type Key, keys } from '../keys.ts';

const retentionSeconds = 90 * 24 * 3600;

/** Adds the attributes of every activity item. */
const toItem = (record: ActivityRecord) => ({
  ...record,
  ttl: Math.ceil(Date.parse(record.at) / 1000) + retentionSeconds,
  schemaVersion,
});

const toKey = (tenantId: Uuid, { resource, at, activityId }: ActivityRecord): Key =>
  resource.type === 'user'
    ? keys.userActivity(tenantId, resource.id, { time: at, id: activityId })
    : keys.tenantActivity(tenantId, `READ#${at}#${activityId}`);

/** Stores activity records, which expire after 90 days. */
export function createActivityStore({ client, directory }: Directory): ActivityStore {
  return {
    async put(tenantId, record) {
      const Item = { ...toKey(tenantId, record), ...toItem(record) };
      const command = new PutCommand({ TableName: directory, Item });
      await sendRequest((options) => client.send(command, options));
    },

    async count(tenantId, record, { count, signal }) {
      // The first record of the window stays.
      const attributes = Object.entries(toItem(record)).filter(([, value]) => value !== undefined);
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.tenantActivity(tenantId, formatActivityWindow(record) ?? '') },
        UpdateExpression: `ADD #count :count SET ${attributes
          .map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`)
          .join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(
          ['count', ...attributes.map(([name]) => name)].map((name) => [`#${name}`, name]),
        ),
        ExpressionAttributeValues: {
          ':count': count,
          ...Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value])),
        },
      });
      await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
        throw toUnavailable(error);
      });
    },
  };
}
