import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { RequestCounter } from '../domain/tenants/rate-limit.ts';
import { type Directory, schemaVersion, toUnavailable } from './dynamodb/tables.ts';
import { keys } from './keys.ts';

/** Requests do not wait longer to be counted. */
const timeoutMs = 500;

const toRequestsName = (principal: string): string => `requests#${principal}`;
const toUnitsName = (principal: string): string => `units#${principal}`;

/** Counts the consumption of tenants and their busiest principals, in one item per window. */
export function createRequestCounter({ client, directory }: Directory): RequestCounter {
  return {
    async add(tenantId, windowEndMs, { requests, units, reserveRequests: reserved, principals }) {
      const counts: Readonly<Record<string, number>> = {
        requests,
        units,
        ...(reserved > 0 && { reserved }),
        ...Object.fromEntries(
          [...principals].flatMap(([principal, consumption]) => [
            [toRequestsName(principal), consumption.requests],
            [toUnitsName(principal), consumption.units],
          ]),
        ),
      };
      const names = Object.keys(counts);
      const additions = names.map((_, index) => `#n${index} :n${index}`).join(', ');
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.requestCounter(tenantId, windowEndMs) },
        UpdateExpression: `ADD ${additions} SET #ttl = :ttl, schemaVersion = :schemaVersion`,
        ExpressionAttributeNames: {
          '#ttl': 'ttl',
          ...Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
        },
        ExpressionAttributeValues: {
          ...Object.fromEntries(names.map((name, index) => [`:n${index}`, counts[name]])),
          ':ttl': Math.ceil(windowEndMs / 1000),
          ':schemaVersion': schemaVersion,
        },
        ReturnValues: 'UPDATED_NEW',
      });
      try {
        const { Attributes = {} } = await client.send(command, {
          abortSignal: AbortSignal.timeout(timeoutMs),
        });
        const getCount = (name: string): number => Number(Attributes[name] ?? 0);
        return {
          requests: getCount('requests'),
          units: getCount('units'),
          reserveRequests: getCount('reserved'),
          principals: new Map(
            [...principals.keys()].map((principal) => [
              principal,
              {
                requests: getCount(toRequestsName(principal)),
                units: getCount(toUnitsName(principal)),
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
