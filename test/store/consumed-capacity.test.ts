/**
 * Units that the database reports, which the tenant limits and docs/cost.md rely on. Expectations:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { outboxIndex } from '../../lib/store/keys.ts';
import { sendRequest } from '../support/database/database-client.ts';
import { createTestTables } from '../support/database/tables.ts';

const { directory: TableName } = await createTestTables({ hasOutboxIndex: true });

const pk = { S: 'p' };
/** Item of this size. The names and `pk` take 6 bytes. */
const createItem = (bytes: number, sk = `z${randomUUID()}`) => ({
  pk,
  sk: { S: sk },
  v: { S: 'x'.repeat(bytes - 6 - sk.length) },
});
const put = (Item: object) => ({ TableName, Item });
const indexKeys = { [outboxIndex.partition]: { S: '0' }, [outboxIndex.sort]: { S: '1' } };
const remove = (sk: string) => ({ TableName, Key: { pk, sk: { S: sk } } });

const sizes = { small: 100, kib: 1024, 'above kib': 1025, 'above 4 kib': 4097 };
for (const [sk, bytes] of Object.entries(sizes))
  await sendRequest('PutItem', JSON.stringify(put(createItem(bytes, sk))));

it.each([
  ['a write of 1,024 bytes', 1, 'PutItem', put(createItem(1024))],
  ['a write of 1,025 bytes', 2, 'PutItem', put(createItem(1025))],
  ['a write of an index entry', 2, 'PutItem', put({ ...createItem(100), ...indexKeys })],
  ['a replacement, by the larger item', 2, 'PutItem', put(createItem(100, 'above kib'))],
  ['a deletion without an item', 1, 'DeleteItem', remove('none')],
  ['a strong read of a missing item', 1, 'GetItem', { ...remove('none'), ConsistentRead: true }],
  [
    'a strong read of 4,097 bytes',
    2,
    'GetItem',
    { ...remove('above 4 kib'), ConsistentRead: true },
  ],
  [
    'a query, by the sum of its items',
    2,
    'Query',
    query({ ':from': 'above 4 kib', ':to': 'small' }),
  ],
  ['a query without items', 1, 'Query', query({ ':from': 'none', ':to': 'none' })],
  [
    'a batch of reads, per item',
    4,
    'BatchGetItem',
    {
      RequestItems: {
        [TableName]: {
          Keys: ['small', 'above 4 kib', 'none'].map((sk) => remove(sk).Key),
          ConsistentRead: true,
        },
      },
    },
  ],
  [
    'a transaction, twice per item',
    6,
    'TransactWriteItems',
    { TransactItems: [{ Put: put(createItem(1024)) }, { Put: put(createItem(1025)) }] },
  ],
  [
    'a transaction with an index entry',
    3,
    'TransactWriteItems',
    { TransactItems: [{ Put: put({ ...createItem(100), ...indexKeys }) }] },
  ],
])('%s consumes %i units', async (_what, units, operation, input) => {
  const request = { ...input, ReturnConsumedCapacity: 'TOTAL' };
  const { ConsumedCapacity } = (await sendRequest(operation, JSON.stringify(request))) as {
    ConsumedCapacity: object | object[];
  };
  expect([ConsumedCapacity].flat()).toMatchObject([{ CapacityUnits: units }]);
});

function query(range: { readonly ':from': string; readonly ':to': string }) {
  const values = Object.entries(range).map(([name, sk]) => [name, { S: sk }]);
  return {
    TableName,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    // A projection does not reduce the units.
    ProjectionExpression: 'sk',
    ExpressionAttributeValues: { ':pk': pk, ...Object.fromEntries(values) },
    ConsistentRead: true,
  };
}
