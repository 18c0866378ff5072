import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, describe, expect, inject, test } from 'vitest';
import type { StreamMapping } from '../../../infra/local/template/event-sources.ts';
import { createTables } from '../../../infra/local/process/database.ts';
import { createDeadLetterStore } from '../../../infra/local/events/dead-letters.ts';
import { startStreamPump, type StreamPump } from '../../../infra/local/events/stream-pump.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

// Event source mappings on streams of the embedded database, with the behavior of Lambda.

const folder = createTemporaryFolder();
const endpoint = inject('databaseEndpoint');
const client = new DynamoDBClient({ endpoint });
const pumps: StreamPump[] = [];

afterEach(async () => {
  for (const pump of pumps.splice(0)) await pump.stop();
});

/** Creates a table with a stream, and a function that writes to it. */
async function newTable() {
  const tableName = `t${randomUUID()}`;
  const create = {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' as const },
  };
  await createTables(client, [{ create }]);
  const puts = async (...names: string[]) => {
    for (const pk of names)
      await client.send(
        new PutItemCommand({ TableName: tableName, Item: { pk: { S: pk }, n: { N: '1' } } }),
      );
    for (const pump of pumps) pump.wake();
  };
  return { tableName, puts };
}

type Behaviour = (names: string[], event: DynamoDBStreamEvent) => unknown;

interface Options extends Partial<StreamMapping> {
  readonly positionsFile?: string;
  readonly timeoutMs?: number;
  readonly retryDelayMs?: number;
}

/**
 * Starts a consumer of a table. `batches` are the names that it received.
 */
function follows(
  tableName: string,
  behaviour: Behaviour,
  { positionsFile, timeoutMs = 60_000, retryDelayMs = 1, ...changes }: Options = {},
) {
  const batches: string[] = [];
  const events: DynamoDBStreamEvent[] = [];
  const deadLetters: { bucket: string | undefined; place: string; record: any }[] = [];
  const failures: unknown[] = [];
  const handler = (event: DynamoDBStreamEvent) => {
    const names = event.Records.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S ?? '');
    batches.push(names.join(' '));
    events.push(event);
    return behaviour(names, event);
  };
  const mapping: StreamMapping = {
    id: 'Mapping',
    functionName: 'Consumer',
    tableName,
    startAt: 'TRIM_HORIZON',
    filters: [],
    lanes: 1,
    batchSize: 100,
    batchingWindowMs: 0,
    reportsFailures: true,
    bisects: false,
    retries: Infinity,
    maximumAgeMs: Infinity,
    failureBucket: 'Failures',
    ...changes,
  };
  const pump = startStreamPump({
    endpoint,
    mappings: [mapping],
    functions: new Map([['Consumer', { name: 'Consumer', handler, timeoutMs, memoryMb: 128 }]]),
    saveDeadLetter: (bucket, place, record) => deadLetters.push({ bucket, place, record }),
    onFailure: (_name, error) => failures.push(error),
    retryDelayMs,
    ...(positionsFile && { positionsFile }),
  });
  pumps.push(pump);
  return { batches, events, deadLetters, failures, stop: pump.stop };
}

const listSequenceNumbers = (event: DynamoDBStreamEvent | undefined) =>
  event?.Records.map(({ dynamodb }) => dynamodb?.SequenceNumber) ?? [];

const until = (assertion: () => void) => expect.poll(assertion, { interval: 5 });
const settled = (batches: readonly string[]) => until(() => batches);

/** Partial batch response for these records. */
const failing = (event: DynamoDBStreamEvent, ...names: string[]) => ({
  batchItemFailures: event.Records.filter(({ dynamodb }) =>
    names.includes(dynamodb?.Keys?.pk?.S ?? ''),
  ).map(({ dynamodb }) => ({
    itemIdentifier: dynamodb?.SequenceNumber,
  })),
});

describe('a new consumer', () => {
  test('receives earlier records in order and in the format of Lambda', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b', 'a2');
    const { batches, events } = follows(tableName, () => undefined);
    await settled(batches).toEqual(['a b a2']);
    const [record] = events[0]?.Records ?? [];
    expect(record).toEqual({
      eventID: expect.any(String),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: expect.any(String),
      eventSourceARN: expect.stringContaining(`:table/${tableName}/stream/`),
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { pk: { S: 'a' } },
        NewImage: { pk: { S: 'a' }, n: { N: '1' } },
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(
      Math.abs(Date.now() / 1000 - (record?.dynamodb?.ApproximateCreationDateTime ?? 0)),
    ).toBeLessThan(60);
  });

  test('receives only later records if it starts at the latest', async () => {
    const { tableName, puts } = await newTable();
    await puts('before');
    const { batches } = follows(tableName, () => undefined, { startAt: 'LATEST' });
    const putAgain = async () => {
      await puts('after');
      return batches.join(' ');
    };
    await expect.poll(putAgain).toContain('after');
    expect(batches.join(' ')).not.toContain('before');
  });

  test('receives later records once', async () => {
    const { tableName, puts } = await newTable();
    const { batches } = follows(tableName, () => undefined, { batchSize: 1 });
    for (const name of ['a', 'b', 'c']) await puts(name);
    await settled(batches).toEqual(['a', 'b', 'c']);
  });
});

describe('batches', () => {
  test('have a maximum size', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b', 'c', 'd', 'e');
    const { batches } = follows(tableName, () => undefined, { batchSize: 2 });
    await settled(batches).toEqual(['a b', 'c d', 'e']);
  });

  test('wait until they are full', async () => {
    const { tableName, puts } = await newTable();
    const { batches } = follows(tableName, () => undefined, {
      batchSize: 3,
      batchingWindowMs: 60_000,
    });
    await puts('a', 'b', 'c', 'd');
    await settled(batches).toEqual(['a b c']);
  });

  test('wait at most for their window', async () => {
    const { tableName, puts } = await newTable();
    await puts('a');
    const { batches } = follows(tableName, () => undefined, {
      batchSize: 3,
      batchingWindowMs: 100,
    });
    await settled(batches).toEqual(['a']);
  });

  test('contain only records that match a filter', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'skip', 'b', 'c', 'skip2');
    const isNamed =
      (...names: string[]) =>
      (record: unknown) =>
        names.includes((record as DynamoDBStreamEvent['Records'][0]).dynamodb?.Keys?.pk?.S ?? '');
    const { batches } = follows(tableName, () => undefined, {
      filters: [isNamed('a'), isNamed('b', 'c')],
    });
    await settled(batches).toEqual(['a b c']);
  });
});

describe('lanes', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];

  test('share all items, each item in one lane', async () => {
    const { tableName, puts } = await newTable();
    await puts(...names);
    const { batches } = follows(tableName, () => undefined, { lanes: 2 });
    await until(() => batches.toSorted()).toEqual(['a c e', 'b d f']);
  });

  test('do not wait for each other', async () => {
    const { tableName, puts } = await newTable();
    await puts(...names);
    const failing: Behaviour = (given) => {
      if (given.includes('a')) throw new Error('not now');
    };
    const { batches } = follows(tableName, failing, { lanes: 2, batchSize: 1 });
    await until(() => batches.filter((name) => name !== 'a')).toEqual(['b', 'd', 'f']);
    await until(() => batches.filter((name) => name === 'a').length).toBeGreaterThan(2);
  });
});

describe('a batch for which the function returns', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['no list of failures', { batchItemFailures: null }],
    ['an empty list of failures', { batchItemFailures: [] }],
    ['an unrelated object', { statusCode: 500 }],
  ])('%s is finished', async (_, answer) => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b');
    const { batches, failures } = follows(tableName, () => answer, { batchSize: 1 });
    await settled(batches).toEqual(['a', 'b']);
    expect(failures).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['a failure with an empty ID', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a failure without an ID', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['a failure with another key', { batchItemFailures: [{ sequenceNumber: '1' }] }],
    [
      'a failure of a record outside the batch',
      { batchItemFailures: [{ itemIdentifier: '99999999' }] },
    ],
    ['null as a failure', { batchItemFailures: [null] }],
    ['failures that are not a list', { batchItemFailures: 'all' }],
    ['a value that is not an object', 'ok'],
  ])('%s is retried as a whole', async (_, answer) => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b', 'c');
    let times = 0;
    const { batches, failures } = follows(tableName, () => (times++ === 0 ? answer : undefined));
    await settled(batches).toEqual(['a b c', 'a b c']);
    expect(failures).toHaveLength(1);
  });

  test('failed records is retried from the first of them', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b', 'c', 'd');
    let times = 0;
    const { batches } = follows(tableName, (_names, event) =>
      times++ === 0 ? failing(event, 'd', 'b') : undefined,
    );
    await settled(batches).toEqual(['a b c d', 'b c d']);
  });

  test('failed records is finished if the mapping does not use partial responses', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b');
    const { batches } = follows(tableName, (_names, event) => failing(event, 'a'), {
      reportsFailures: false,
      batchSize: 1,
    });
    await settled(batches).toEqual(['a', 'b']);
  });
});

describe('a function that fails', () => {
  const throwing =
    (poison: string): Behaviour =>
    (names) => {
      if (names.includes(poison)) throw new Error(`cannot do ${poison}`);
    };

  test('receives the batch again before later ones', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b', 'c');
    let times = 0;
    const behaviour = () => {
      if (times++ < 3) throw new Error('not now');
    };
    const { batches, failures } = follows(tableName, behaviour, { batchSize: 2 });
    await settled(batches).toEqual(['a b', 'a b', 'a b', 'a b', 'c']);
    expect(failures).toHaveLength(3);
  });

  test('by timeout receives the batch again', async () => {
    const { tableName, puts } = await newTable();
    await puts('a');
    let times = 0;
    const behaviour = () => (times++ === 0 ? new Promise(() => {}) : undefined);
    const { batches, failures } = follows(tableName, behaviour, { timeoutMs: 30 });
    await settled(batches).toEqual(['a', 'a']);
    expect(String(failures[0])).toContain('Task timed out after 0.03 seconds');
  });

  test('receives unchanged records, even if it modified them', async () => {
    const { tableName, puts } = await newTable();
    await puts('a');
    let times = 0;
    const { events } = follows(tableName, (_names, event) => {
      if (times++ > 0) return;
      event.Records.length = 0;
      throw new Error('not now');
    });
    await until(() => events[1]?.Records.length).toBe(1);
  });

  test('receives the next batch after the last attempt, and the failed batch is saved', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'poison', 'b');
    const { batches, events, deadLetters } = follows(tableName, throwing('poison'), {
      batchSize: 2,
      retries: 2,
    });
    await settled(batches).toEqual(['a poison', 'a poison', 'a poison', 'b']);
    const [startSequenceNumber, endSequenceNumber] = listSequenceNumbers(events[0]);
    expect(deadLetters).toEqual([
      {
        bucket: 'Failures',
        place: expect.stringMatching(/^aws\/lambda\/Mapping\/shardId-/),
        record: {
          version: '1.0',
          timestamp: expect.any(String),
          requestContext: {
            requestId: expect.any(String),
            functionArn: expect.stringMatching(/^arn:aws:lambda:.*:function:Consumer:\$LATEST$/),
            condition: 'RetryAttemptsExhausted',
            approximateInvokeCount: 3,
          },
          responseContext: {
            statusCode: 200,
            executedVersion: '$LATEST',
            functionError: 'Unhandled',
          },
          DDBStreamBatchInfo: {
            shardId: expect.stringMatching(/^shardId-/),
            startSequenceNumber,
            endSequenceNumber,
            approximateArrivalOfFirstRecord: expect.stringMatching(/Z$/),
            approximateArrivalOfLastRecord: expect.stringMatching(/Z$/),
            batchSize: 2,
            streamArn: expect.stringContaining(tableName),
          },
          payload: expect.stringContaining('"poison"'),
        },
      },
    ]);
    expect(JSON.parse(deadLetters[0]?.record.payload).Records).toHaveLength(2);
  });

  test('receives halves until the failing record is alone', async () => {
    const { tableName, puts } = await newTable();
    const names = ['0', '1', '2', '3', '4', 'poison', '6', '7', '8', '9'];
    await puts(...names);
    const done: string[] = [];
    const behaviour: Behaviour = (given, event) => {
      throwing('poison')(given, event);
      done.push(...given);
    };
    const { batches, deadLetters } = follows(tableName, behaviour, {
      bisects: true,
      retries: 1,
      reportsFailures: false,
    });
    await until(() => done).toEqual(names.filter((name) => name !== 'poison'));
    expect(batches.slice(0, 5)).toEqual([
      names.join(' '),
      '0 1 2 3 4',
      'poison 6 7 8 9',
      'poison 6 7',
      'poison 6',
    ]);
    expect(
      deadLetters.map(({ record }) => [
        record.DDBStreamBatchInfo.batchSize,
        record.requestContext.approximateInvokeCount,
      ]),
    ).toEqual([[1, 2]]);
  });

  test('by reporting one record repeatedly gets it and later records saved, and earlier ones finished', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'poison', 'c');
    const { batches, events, deadLetters } = follows(
      tableName,
      (_names, event) => failing(event, 'poison'),
      {
        bisects: true,
        retries: 2,
      },
    );
    await until(() => deadLetters).toHaveLength(1);
    await puts('d');
    await settled(batches).toEqual(['a poison c', 'poison c', 'poison c', 'd']);
    const [startSequenceNumber, endSequenceNumber] = listSequenceNumbers(events[1]);
    expect(deadLetters[0]?.record).toMatchObject({
      requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 3 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      DDBStreamBatchInfo: { startSequenceNumber, endSequenceNumber, batchSize: 2 },
    });
    expect(deadLetters[0]?.record.responseContext).not.toHaveProperty('functionError');
  });

  test('gets the full number of attempts for the rest of a partly finished batch', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'poison');
    let times = 0;
    const { batches, deadLetters } = follows(
      tableName,
      (_names, event) => {
        if (times++ === 0) throw new Error('not now');
        return failing(event, 'poison');
      },
      { retries: 2 },
    );
    await until(() => deadLetters).toHaveLength(1);
    expect(batches).toEqual(['a poison', 'a poison', 'poison', 'poison']);
    expect(deadLetters[0]?.record.requestContext.approximateInvokeCount).toBe(3);
  });

  test('does not receive records above the maximum age', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b');
    const { batches, deadLetters } = follows(tableName, () => undefined, { maximumAgeMs: 0 });
    await until(() => deadLetters).toHaveLength(1);
    expect(batches).toEqual([]);
    expect(deadLetters[0]?.record).toMatchObject({
      requestContext: { condition: 'RecordAgeExceeded', approximateInvokeCount: 0 },
      DDBStreamBatchInfo: { batchSize: 2 },
    });
    expect(deadLetters[0]?.record).not.toHaveProperty('responseContext');
  });
});

describe('after a restart', () => {
  const positionsFile = join(folder, 'positions.json');

  test('a consumer continues at its position', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b');
    const before = follows(tableName, (_names, event) => failing(event, 'b'), { positionsFile });
    await until(() => before.batches.length).toBeGreaterThan(1);
    await before.stop();
    await puts('c');
    const { batches } = follows(tableName, () => undefined, { positionsFile });
    await settled(batches).toEqual(['b c']);
  });

  test('each lane continues at its own position', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b', 'c', 'd');
    const failing: Behaviour = (given) => {
      if (given.includes('a')) throw new Error('not now');
    };
    const options = { positionsFile, lanes: 2, batchSize: 1 };
    const before = follows(tableName, failing, options);
    await until(() => before.batches.filter((name) => name !== 'a')).toEqual(['b', 'd']);
    await until(() => before.batches.filter((name) => name === 'a').length).toBeGreaterThan(1);
    await before.stop();
    await puts('e', 'f');
    const { batches } = follows(tableName, () => undefined, options);
    await until(() => batches.toSorted()).toEqual(['a', 'c', 'e', 'f']);
  });

  test('it does not receive dropped records', async () => {
    const { tableName, puts } = await newTable();
    await puts('a', 'b');
    const throws = () => {
      throw new Error('not now');
    };
    const before = follows(tableName, throws, {
      positionsFile,
      batchSize: 1,
      retries: 1,
      retryDelayMs: 100,
    });
    await until(() => before.batches).toEqual(['a', 'a', 'b']);
    await before.stop();
    const { batches } = follows(tableName, () => undefined, { positionsFile });
    await settled(batches).toEqual(['b']);
  });

  test('it receives all records if the position was lost', async () => {
    const { tableName, puts } = await newTable();
    await puts('a');
    for (const file of [positionsFile, join(folder, 'none.json')]) {
      const { batches, stop } = follows(tableName, () => undefined, { positionsFile: file });
      await settled(batches).toEqual(['a']);
      await stop();
    }
  });
});

test('saves dead letters as files with the keys that Lambda uses', () => {
  createDeadLetterStore(folder)('Failures', 'aws/lambda/Mapping/shard', { payload: 'x' });
  createDeadLetterStore(folder)(undefined, 'aws/lambda/Mapping/shard', { payload: 'nowhere' });
  const deadLetters = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.name.startsWith('20'),
  );
  const files = deadLetters
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  expect(files.map((file) => relative(folder, file))).toEqual([
    expect.stringMatching(
      /^Failures\/aws\/lambda\/Mapping\/shard\/(\d{4})\/(\d\d)\/(\d\d)\/\1-\2-\3T\d\d\.\d\d\.\d\d-[0-9a-f-]{36}\.json$/,
    ),
  ]);
  expect(JSON.parse(readFileSync(files[0] ?? '', 'utf8'))).toEqual({ payload: 'x' });
});

test('reports a table without a stream', async () => {
  const { failures } = follows(`t${randomUUID()}`, () => undefined);
  await until(() => String(failures[0])).toMatch(/has no stream|ResourceNotFoundException/);
});
