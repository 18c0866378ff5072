import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RequestCounts } from '../domain/tenants/fair-share.ts';
import { keys } from './keys.ts';
import { schemaVersion, type Tables, unavailable } from './tables.ts';

/** Milliseconds that a request waits to be counted. */
const longestCount = 500;

/** How many requests there were of each tenant, in DynamoDB: for each window of time an item, which expires with it. */
export function requestCounts({ client, directory }: Pick<Tables, 'client' | 'directory'>): RequestCounts {
  return {
    async add(tenantId, requests, until) {
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.requestsOfTenant(tenantId, until) },
        UpdateExpression: 'ADD requests :requests SET expiresAt = :expiresAt, schemaVersion = :schemaVersion',
        ExpressionAttributeValues: { ':requests': requests, ':expiresAt': Math.ceil(until / 1000), ':schemaVersion': schemaVersion },
        ReturnValues: 'UPDATED_NEW',
      });
      try {
        const { Attributes } = await client.send(command, { abortSignal: AbortSignal.timeout(longestCount) });
        return Number(Attributes?.['requests']);
      } catch (error) {
        throw unavailable(error);
      }
    },
  };
}
