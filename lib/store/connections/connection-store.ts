import type { ConnectionStore } from '../../domain/connections/connection-store.ts';
import { type Connection, maxConnections } from '../../domain/connections/connection.ts';
import { writeAppClient } from '../app-clients/app-client-store.ts';
import { toRecordItem, writeChange } from '../dynamodb/change-records.ts';
import { fromItem, ifVersion, readEntity } from '../dynamodb/entities.ts';
import { queryPrefix } from '../dynamodb/query.ts';
import { schemaVersion, type Tables } from '../dynamodb/tables.ts';
import { putIfAbsent, withConflict, type Write } from '../dynamodb/transaction.ts';
import { connectionKeys, connectionPrefix, keys } from '../keys.ts';

/** Connections in the partition of their tenant, beside their app clients. */
export function createConnectionStore(tables: Tables, now: () => number): ConnectionStore {
  const { directory } = tables;

  const count = (tenantId: string, delta: 1 | -1): Write => ({
    Update: {
      TableName: directory,
      Key: { ...connectionKeys.connectionCount(tenantId) },
      UpdateExpression: 'SET schemaVersion = :schemaVersion ADD activeCount :delta',
      ExpressionAttributeValues: {
        ':delta': delta,
        ':schemaVersion': schemaVersion,
        ...(delta > 0 && { ':max': maxConnections }),
      },
      ...(delta > 0 && {
        ConditionExpression: 'attribute_not_exists(activeCount) OR activeCount < :max',
      }),
    },
  });

  const remove = ({ tenantId, connectionId, ...before }: Connection): readonly Write[] => [
    {
      Delete: {
        TableName: directory,
        Key: { ...keys.connection(tenantId, connectionId) },
        ...ifVersion(before),
      },
    },
    putIfAbsent(directory, {
      ...connectionKeys.removedConnection(tenantId, connectionId),
      connectionId,
    }),
  ];

  return {
    async list(tenantId) {
      const items = await queryPrefix(tables, connectionPrefix(tenantId));
      return items.map((item) => fromItem(item) as Connection);
    },

    get: (tenantId, connectionId) =>
      readEntity<Connection>(tables, keys.connection(tenantId, connectionId)),

    async write({ before, after, record, deadline, isDeletion = false, appClient }) {
      const { tenantId, connectionId, version } = after;
      const item = { ...keys.connection(tenantId, connectionId), ...after };
      const put = putIfAbsent(directory, item, before && ifVersion(before));
      const writes = [
        ...withConflict('stale' as const, before && isDeletion ? remove(before) : [put]),
        ...withConflict('full' as const, [
          ...(before ? [] : [count(tenantId, 1)]),
          ...(isDeletion ? [count(tenantId, -1)] : []),
        ]),
      ];
      const key = connectionKeys.connectionChange(tenantId, connectionId, version);
      const recordItem = toRecordItem(key, record);
      const outcome = appClient
        ? await writeAppClient<'stale' | 'full'>(
            tables,
            {
              ...appClient,
              furtherWrites: [
                ...withConflict('stale' as const, [putIfAbsent(directory, recordItem)]),
                ...writes,
              ],
            },
            now,
          )
        : await writeChange(tables, { record: recordItem, writes, deadline }, now);
      return typeof outcome === 'string' ? outcome : outcome.conflict;
    },
  };
}
