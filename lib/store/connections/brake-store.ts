import { QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { BrakeStore } from '../../domain/connections/brake.ts';
import { getItem } from '../dynamodb/get-item.ts';
import {
  type Directory,
  schemaVersion,
  sendConditionalWrite,
  sendRequest,
} from '../dynamodb/tables.ts';
import { connectionKeys, keys } from '../keys.ts';

/** Time for which the counter of an hour is needed. */
const counterSeconds = 2 * 3600;

/** Counters and state of the brake in the partition of the connection. */
export function createBrakeStore({ client, directory }: Directory, now: () => number): BrakeStore {
  const update = (
    key: object,
    UpdateExpression: string,
    values: object,
    rest: Partial<ConstructorParameters<typeof UpdateCommand>[0]> = {},
  ) =>
    new UpdateCommand({
      TableName: directory,
      Key: { ...key },
      UpdateExpression: `${UpdateExpression}${UpdateExpression.includes('SET') ? ',' : ' SET'} schemaVersion = :schemaVersion`,
      ExpressionAttributeValues: { ...values, ':schemaVersion': schemaVersion },
      ...rest,
    });

  return {
    async get({ tenantId, connectionId }) {
      const key = connectionKeys.brake(tenantId, connectionId);
      return (await getItem(client, directory, key)) ?? {};
    },

    async count({ tenantId, connectionId }, hour, added) {
      const command = update(
        connectionKeys.brakeCounter(tenantId, connectionId, hour),
        'ADD userCount :added SET #ttl = :ttl',
        { ':added': added, ':ttl': Math.ceil(now() / 1000) + counterSeconds },
        { ExpressionAttributeNames: { '#ttl': 'ttl' }, ReturnValues: 'ALL_NEW' },
      );
      const { Attributes = {} } = await sendRequest((options) => client.send(command, options));
      return {
        total: Number(Attributes['userCount']),
        threshold: Attributes['threshold'] as number | undefined,
      };
    },

    async saveThreshold({ tenantId, connectionId }, hour, threshold) {
      const command = update(
        connectionKeys.brakeCounter(tenantId, connectionId, hour),
        'SET threshold = :threshold',
        { ':threshold': threshold },
      );
      await sendRequest((options) => client.send(command, options));
    },

    async countManagedUsers({ tenantId, connectionId }) {
      const { pk, sk } = keys.emailClaim(tenantId, '');
      let count = 0;
      let ExclusiveStartKey: Record<string, unknown> | undefined;
      do {
        const command: QueryCommand = new QueryCommand({
          TableName: directory,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          FilterExpression: 'connectionId = :connectionId',
          ExpressionAttributeValues: {
            ':pk': pk,
            ':prefix': sk,
            ':connectionId': connectionId,
          },
          Select: 'COUNT',
          ExclusiveStartKey,
        });
        const page = await sendRequest((options) => client.send(command, options));
        count += page.Count ?? 0;
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
      return count;
    },

    trip({ tenantId, connectionId }, { trippedAt, count, threshold }) {
      const command = update(
        connectionKeys.brake(tenantId, connectionId),
        'SET trippedAt = :trippedAt, #count = :count, threshold = :threshold',
        {
          ':trippedAt': trippedAt,
          ':count': count,
          ':threshold': threshold,
          ':hour': trippedAt.slice(0, '2026-01-31T12'.length),
        },
        {
          ExpressionAttributeNames: { '#count': 'count' },
          ConditionExpression:
            '(attribute_not_exists(trippedAt) OR NOT begins_with(trippedAt, :hour)) AND (attribute_not_exists(releasedUntil) OR releasedUntil < :trippedAt)',
        },
      );
      return sendConditionalWrite((options) => client.send(command, options));
    },

    async release({ tenantId, connectionId }, { releasedAt, releasedUntil }) {
      const command = update(
        connectionKeys.brake(tenantId, connectionId),
        'SET releasedAt = :releasedAt, releasedUntil = :releasedUntil',
        { ':releasedAt': releasedAt, ':releasedUntil': releasedUntil },
      );
      await sendRequest((options) => client.send(command, options));
    },
  };
}
