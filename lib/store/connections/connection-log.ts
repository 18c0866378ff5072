import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type {
  ConnectionLog,
  LogEntry,
  LoggedConnection,
  LogPage,
  LogQuery,
} from '../../domain/connections/connection-log.ts';
import type { User } from '../../domain/users/user.ts';
import { isBeingErased } from '../../domain/users/user.ts';
import { batchDelete, batchWrite } from '../dynamodb/batch-write.ts';
import { batchGetOrdered } from '../dynamodb/batch-get.ts';
import { type Directory, schemaVersion, sendRequest } from '../dynamodb/tables.ts';
import { type Key, keys, userConnectionLog } from '../keys.ts';

/** A request does not wait longer for its entry. */
const timeoutMs = 500;
/** Entries that a page with a filter reads at most, up to 1 MB. */
const maxScannedEntries = 500;
const daySeconds = 24 * 3600;

type ConnectionRef = Pick<LoggedConnection, 'tenantId' | 'connectionId'>;

/**
 * Stores requests in the partition of their connection. A change of a user has a pointer in the
 * partition of the user, from which searches and the erasure of the user find it. Calls `onFailure`
 * for a failed write.
 */
export function createConnectionLog(
  { client, directory }: Directory,
  now: () => number,
  onFailure: (connection: ConnectionRef, error: unknown) => void,
): ConnectionLog {
  const write = async (connection: LoggedConnection, entry: LogEntry): Promise<void> => {
    const { tenantId, connectionId, logDays } = connection;
    const options = { abortSignal: AbortSignal.timeout(timeoutMs) };
    const limit = { deadline: now() + timeoutMs, now };
    const position = `${entry.at}#${entry.requestId}`;
    const key = keys.connectionLog(tenantId, connectionId, position);
    const ttl = Math.ceil(Date.parse(entry.at) / 1000) + logDays * daySeconds;
    const failed = entry.status >= 400;
    const { userId } = entry;
    const hasPointer = userId !== undefined && entry.method !== 'GET';
    const pointer = hasPointer
      ? toPointerKey(tenantId, userId, { position, connectionId })
      : undefined;
    const items = [
      { ...key, entry: JSON.stringify(entry), failed, ttl, schemaVersion },
      ...(pointer ? [{ ...pointer, connectionId, position, failed, ttl, schemaVersion }] : []),
    ];
    const puts = items.map((Item) => ({ PutRequest: { Item } }));
    await batchWrite({ client, directory }, puts, limit);
    if (userId === undefined) return;
    // An erasure that follows this read removes both items. An earlier one may have missed them.
    const read = new GetCommand({
      TableName: directory,
      Key: { ...keys.user(tenantId, userId) },
      ConsistentRead: true,
    });
    const { Item: user } = await client.send(read, options);
    if (user && !isBeingErased(user as User)) return;
    await batchDelete({ client, directory }, [key, ...(pointer ? [pointer] : [])], limit);
  };

  /** Queries a range of sort keys from the end. */
  const query = async (
    range: { readonly pk: string; readonly prefix: string },
    { limit, after, failed, from, to }: LogQuery,
    connectionId?: string,
  ) => {
    const isFiltered = failed !== undefined || connectionId !== undefined;
    const command = new QueryCommand({
      TableName: directory,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      FilterExpression: [
        '#ttl > :now',
        ...(failed === undefined ? [] : ['failed = :failed']),
        ...(connectionId === undefined ? [] : ['connectionId = :connectionId']),
      ].join(' AND '),
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: {
        ':pk': range.pk,
        ':from': `${range.prefix}${from ?? ''}`,
        // Before the time itself. `~` follows all characters of times.
        ':to': `${range.prefix}${to ?? '~'}`,
        ':now': Math.floor(now() / 1000),
        ...(failed !== undefined && { ':failed': failed }),
        ...(connectionId !== undefined && { ':connectionId': connectionId }),
      },
      ExclusiveStartKey: after === undefined ? undefined : { pk: range.pk, sk: after },
      Limit: isFiltered ? maxScannedEntries : limit + 1,
      ScanIndexForward: false,
      ConsistentRead: true,
    });
    const { Items = [], LastEvaluatedKey } = await sendRequest((options) =>
      client.send(command, options),
    );
    const items = Items.slice(0, limit);
    const last = Items.length > limit ? items.at(-1) : LastEvaluatedKey;
    return { items, next: last && String(last['sk']) };
  };

  return {
    write: (connection, entry) =>
      write(connection, entry).catch((error: unknown) => onFailure(connection, error)),

    async list({ tenantId, connectionId }, listQuery): Promise<LogPage> {
      const { userId } = listQuery;
      if (userId === undefined) {
        const { pk, sk: prefix } = keys.connectionLog(tenantId, connectionId, '');
        const { items, next } = await query({ pk, prefix }, listQuery);
        return { entries: items.map(toPageEntry), next };
      }
      const range = userConnectionLog(tenantId, userId);
      const { items: pointers, next } = await query(range, listQuery, connectionId);
      const found = await batchGetOrdered(
        { client, directory },
        pointers.map(({ position }) =>
          keys.connectionLog(tenantId, connectionId, String(position)),
        ),
      );
      const entries = found.flatMap((item, index) =>
        item ? [{ ...toPageEntry(item), position: String(pointers[index]?.['sk']) }] : [],
      );
      return { entries, next };
    },
  };
}

const toPageEntry = (item: Readonly<Record<string, unknown>>) => ({
  entry: JSON.parse(String(item['entry'])) as LogEntry,
  position: String(item['sk']),
});

/** Builds the key of the pointer to an entry. */
function toPointerKey(
  tenantId: string,
  userId: string,
  { position, connectionId }: { readonly position: string; readonly connectionId: string },
): Key {
  const { pk, prefix } = userConnectionLog(tenantId, userId);
  return { pk, sk: `${prefix}${position}#${connectionId}` };
}
