import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, inject, test } from 'vitest';
import { createTables } from '../../../infra/local/process/database.ts';
import { readTemplate } from '../../../infra/local/template/read-template.ts';
import { createTemporaryFolder } from '../../support/temporary-folder.ts';

// CloudFormation resources as the local server reads them.

const folder = createTemporaryFolder();

const newFunction = (Variables: object = {}, more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Handler: 'consumer.handler',
    Timeout: 7,
    MemorySize: 256,
    Environment: { Variables },
    ...more,
  },
});
const get = (...path: [string, string]) => ({ 'Fn::GetAtt': path });

const resources = {
  Table: {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: ['pk', 'outboxShard', 'dueAt'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      GlobalSecondaryIndexes: [
        {
          IndexName: 'outbox',
          KeySchema: [
            { AttributeName: 'outboxShard', KeyType: 'HASH' },
            { AttributeName: 'dueAt', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
          WriteProvisionedThroughputSettings: { WriteCapacityAutoScalingSettings: {} },
        },
      ],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      Replicas: [
        { Region: { Ref: 'AWS::Region' }, GlobalSecondaryIndexes: [{ IndexName: 'outbox' }] },
      ],
    },
  },
  Key: { Type: 'AWS::KMS::Key' },
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'failures' } },
  Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'roster' } },
  Mail: { Type: 'AWS::SES::ConfigurationSet' },
  Queue: { Type: 'AWS::SQS::Queue' },
  Consumer: newFunction({
    LINK_KEYS: { 'Fn::Join': ['', ['[{"id":"1","key":"', get('Key', 'Arn'), '"}]']] },
    KEY_ID: { Ref: 'Key' },
    BUCKET: { 'Fn::Sub': '${Bucket.Arn}/${AWS::AccountId}' },
    EVENT_BUS: { Ref: 'Bus' },
    BUS_ARN: get('Bus', 'Arn'),
    MAIL_CONFIGURATION_SET: { Ref: 'Mail' },
    TABLE_ARN: get('Table', 'Arn'),
  }),
  Unused: newFunction(),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: get('Table', 'StreamArn'),
      FunctionName: { Ref: 'Consumer' },
      StartingPosition: 'TRIM_HORIZON',
      ParallelizationFactor: 2,
      BatchSize: 25,
      MaximumBatchingWindowInSeconds: 2,
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 3600,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] },
      DestinationConfig: { OnFailure: { Destination: get('Bucket', 'Arn') } },
    },
  },
  Unbounded: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: get('Table', 'StreamArn'),
      FunctionName: get('Consumer', 'Arn'),
      StartingPosition: 'LATEST',
      MaximumRetryAttempts: -1,
    },
  },
  Disabled: { Type: 'AWS::Lambda::EventSourceMapping', Properties: { Enabled: false } },
  Sweep: {
    Type: 'AWS::Events::Rule',
    Properties: {
      ScheduleExpression: 'rate(5 minutes)',
      Targets: [{ Id: 'T', Arn: get('Consumer', 'Arn'), RetryPolicy: {}, DeadLetterConfig: {} }],
    },
  },
  Requested: {
    Type: 'AWS::Events::Rule',
    Properties: {
      EventBusName: get('Bus', 'Arn'),
      EventPattern: { detail: { tags: { set: [{ Ref: 'Mail' }] } }, source: [{ prefix: 'com.' }] },
      Targets: [
        { Id: 'T', Arn: get('Consumer', 'Arn') },
        { Id: 'U', Arn: get('Queue', 'Arn') },
      ],
    },
  },
  Off: {
    Type: 'AWS::Events::Rule',
    Properties: { State: 'DISABLED', ScheduleExpression: 'cron(0 0 * * ? *)', Targets: [] },
  },
  Invocation: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'Consumer' },
      Qualifier: '$LATEST',
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: get('Bucket', 'Arn') } },
    },
  },
};

function read(changes: object = {}) {
  writeFileSync(
    join(folder, 'Stack.template.json'),
    JSON.stringify({ Resources: { ...resources, ...changes } }),
  );
  return readTemplate(folder);
}

/** Returns the resource with other properties. */
const altered = (name: keyof typeof resources, changes: object) => {
  const { Type, Properties = {} } = resources[name] as { Type: string; Properties?: object };
  return { [name]: { Type, Properties: { ...Properties, ...changes } } };
};

test('resolves every reference of a function', () => {
  expect(read().functions).toEqual([
    {
      name: 'Consumer',
      folder: join(folder, 'functions', 'consumer'),
      handler: 'consumer.handler',
      timeoutMs: 7000,
      memoryMb: 256,
      environment: {
        LINK_KEYS: '[{"id":"1","key":"arn:aws:kms:local:000000000000:key/Key"}]',
        KEY_ID: 'Key',
        BUCKET: 'arn:aws:s3:::failures/000000000000',
        EVENT_BUS: 'roster',
        BUS_ARN: 'arn:aws:events:local:000000000000:event-bus/roster',
        MAIL_CONFIGURATION_SET: 'Mail',
        TABLE_ARN: 'arn:aws:dynamodb:local:000000000000:table/Table',
      },
    },
  ]);
});

test('reads an event source mapping', () => {
  const common = { functionName: 'Consumer', tableName: 'Table' };
  const { mappings } = read();
  expect(mappings).toEqual([
    {
      ...common,
      id: 'Mapping',
      startAt: 'TRIM_HORIZON',
      filters: [expect.any(Function)],
      lanes: 2,
      batchSize: 25,
      batchingWindowMs: 2000,
      reportsFailures: true,
      bisects: true,
      retries: 3,
      maximumAgeMs: 3_600_000,
      failureBucket: 'failures',
    },
    {
      ...common,
      id: 'Unbounded',
      startAt: 'LATEST',
      filters: [],
      lanes: 1,
      batchSize: 100,
      batchingWindowMs: 0,
      reportsFailures: false,
      bisects: false,
      retries: Infinity,
      maximumAgeMs: Infinity,
      failureBucket: undefined,
    },
  ]);
  expect(['INSERT', 'REMOVE'].map((eventName) => mappings[0]?.filters[0]?.({ eventName }))).toEqual(
    [true, false],
  );
});

test('reads a rule with its bus, schedule, pattern and function targets', () => {
  const { rules, eventBus } = read();
  const common = { functionNames: ['Consumer'], matches: expect.any(Function) };
  const [sweep, requested] = rules;
  expect(rules).toEqual([
    {
      ...common,
      arn: 'arn:aws:events:local:000000000000:rule/Sweep',
      bus: 'default',
      everyMs: 300_000,
    },
    {
      ...common,
      arn: 'arn:aws:events:local:000000000000:rule/Requested',
      bus: 'roster',
      everyMs: undefined,
    },
  ]);
  expect(eventBus).toBe('roster');

  const matching = ['Mail', 'Other'].map((set) =>
    requested?.matches({ source: 'com.example', detail: { tags: { set: [set] } } }),
  );
  expect(matching).toEqual([true, false]);
  const scheduled = { source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} };
  const resourcesOfEvents = [[sweep?.arn], [], ['arn:aws:events:local:000000000000:rule/Other']];
  expect(
    resourcesOfEvents.map((ofEvent) => sweep?.matches({ ...scheduled, resources: ofEvent })),
  ).toEqual([true, true, false]);
});

test('reads retries and dead letters of each function', () => {
  expect([...read().asynchronous]).toEqual([
    ['Consumer', { retries: 1, failureBucket: 'failures' }],
  ]);
});

test.each<[string, object, string]>([
  [
    'a stream of another type',
    altered('Mapping', { EventSourceArn: get('Queue', 'Arn') }),
    'Mapping: only table streams',
  ],
  [
    'a missing function',
    altered('Mapping', { FunctionName: 'Missing' }),
    'Mapping: "Missing" is not a function of the stack',
  ],
  [
    'a failure queue',
    altered('Invocation', {
      DestinationConfig: { OnFailure: { Destination: get('Queue', 'Arn') } },
    }),
    'Invocation: only a bucket',
  ],
  [
    'a cron schedule',
    altered('Sweep', { ScheduleExpression: 'cron(0 0 * * ? *)' }),
    'Sweep: the schedule cron',
  ],
  [
    'a target with an input',
    altered('Sweep', { Targets: [{ Id: 'T', Arn: get('Consumer', 'Arn'), Input: '{}' }] }),
    'Sweep: targets with Input',
  ],
  [
    'an unsupported pattern',
    altered('Requested', { EventPattern: { source: [{ suffix: 'x' }] } }),
    'suffix',
  ],
  [
    'an unresolved reference',
    { Consumer: newFunction({ X: { Ref: 'Nothing' } }) },
    'Consumer.Environment.X: {"Ref":"Nothing"} has no counterpart',
  ],
  [
    'an unsupported attribute',
    { Consumer: newFunction({ X: get('Queue', 'QueueUrl') }) },
    'Consumer.Environment.X',
  ],
])('rejects %s and names the resource', (_, changes, message) => {
  expect(() => read(changes)).toThrow(message);
});

describe('a table', () => {
  const client = () => new DynamoDBClient({ endpoint: inject('databaseEndpoint') });
  const owed = async (database: DynamoDBClient, TableName: string) => {
    const query = {
      TableName,
      IndexName: 'outbox',
      KeyConditionExpression: 'outboxShard = :shard',
      ExpressionAttributeValues: { ':shard': { S: '0' } },
    };
    return (await database.send(new QueryCommand(query))).Items?.map(({ pk }) => pk?.S);
  };
  const item = { pk: { S: 'a' }, outboxShard: { S: '0' }, dueAt: { S: '1' } };

  test('is created with its index and its stream', async () => {
    const TableName = `t${randomUUID()}`;
    const { tables } = read(altered('Table', { TableName }));
    expect(tables[0]?.create).toMatchObject({
      TableName,
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
    });
    const database = client();
    await createTables(database, tables);
    await database.send(new PutItemCommand({ TableName, Item: item }));
    expect(await owed(database, TableName)).toEqual(['a']);
  });

  test('gets an index that the stack added later, with its items', async () => {
    const TableName = `t${randomUUID()}`;
    const database = client();
    const before = read(
      altered('Table', {
        TableName,
        GlobalSecondaryIndexes: undefined,
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      }),
    );
    await createTables(database, before.tables);
    await database.send(new PutItemCommand({ TableName, Item: item }));
    for (let start = 0; start < 2; start++)
      await createTables(database, read(altered('Table', { TableName })).tables);
    expect(await owed(database, TableName)).toEqual(['a']);
  });
});
