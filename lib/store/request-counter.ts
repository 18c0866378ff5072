import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RequestCounter } from '../domain/tenants/rate-limit.ts';
import { keys } from './keys.ts';
import { schemaVersion, type Tables, toUnavailable } from './dynamodb/tables.ts';

/** Milliseconds that a request waits to be counted. */
const longestCount = 500;

const requestsAttribute = (principal: string): string => `requests#${principal}`;
const unitsAttribute = (principal: string): string => `units#${principal}`;

/** Consumption of each tenant and its busy principals, in DynamoDB: an item for each window of time, which expires with it. */
export function createRequestCounter({
  client,
  directory,
}: Pick<Tables, 'client' | 'directory'>): RequestCounter {
  return {
    async add(tenantId, until, { requests, units, reserved, principals }) {
      const counts: Readonly<Record<string, number>> = {
        requests,
        units,
        ...(reserved > 0 && { reserved }),
        ...Object.fromEntries(
          [...principals].flatMap(([principal, counted]) => [
            [requestsAttribute(principal), counted.requests],
            [unitsAttribute(principal), counted.units],
          ]),
        ),
      };
      const names = Object.keys(counts);
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.requestCounter(tenantId, until) },
        UpdateExpression: `ADD ${names.map((_, index) => `#n${index} :n${index}`).join(', ')} SET #ttl = :ttl, schemaVersion = :schemaVersion`,
        ExpressionAttributeNames: {
          '#ttl': 'ttl',
          ...Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
        },
        ExpressionAttributeValues: {
          ...Object.fromEntries(names.map((name, index) => [`:n${index}`, counts[name]])),
          ':ttl': Math.ceil(until / 1000),
          ':schemaVersion': schemaVersion,
        },
        ReturnValues: 'UPDATED_NEW',
      });
      try {
        const { Attributes = {} } = await client.send(command, {
          abortSignal: AbortSignal.timeout(longestCount),
        });
        const read = (name: string): number => Number(Attributes[name] ?? 0);
        return {
          requests: read('requests'),
          units: read('units'),
          reserved: read('reserved'),
          principals: new Map(
            [...principals.keys()].map((principal) => [
              principal,
              {
                requests: read(requestsAttribute(principal)),
                units: read(unitsAttribute(principal)),
              },
            ]),
          ),
        };
      } catch (error) {
        throw toUnavailable(error);
      }
    },
  };
}
