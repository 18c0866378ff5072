import { describe, expect, test } from 'vitest';
import { consumers } from '../../infra/build/bundle.ts';
import { compilePattern } from '../../infra/local/events/event-pattern.ts';
import { type Key, keys } from '../../lib/store/keys.ts';
import {
  getName,
  properties,
  resource,
  resources,
  renderArn,
  synthesize,
  type Template,
  template,
} from '../support/synthesized-stack.ts';

test('secrets of webhooks derive from a KMS key that survives the deletion of the stack', () => {
  const webhookKeys = (from: Template = template) =>
    resources('AWS::KMS::Key', from).filter(([id]) => id.startsWith('WebhookKey'));
  const [key] = webhookKeys();
  expect(key).toMatchObject([
    expect.stringContaining('WebhookKey1'),
    {
      DeletionPolicy: 'Retain',
      Properties: { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' },
    },
  ]);
  expect(webhookKeys(synthesize({ webhookKeys: ['2', '1'] }))).toContainEqual(key);
});

describe('links', () => {
  const linkKeys = (from: Template = template) =>
    resources('AWS::KMS::Key', from).filter(([id]) => id.startsWith('LinkKey'));

  test('are signed with a KMS key that survives the deletion of the stack', () => {
    expect(
      linkKeys().map(([id, { DeletionPolicy, Properties }]) => [
        id.slice(0, -8),
        DeletionPolicy,
        Properties.KeySpec,
        Properties.KeyUsage,
      ]),
    ).toEqual([['LinkKey1', 'Retain', 'HMAC_256', 'GENERATE_VERIFY_MAC']]);
  });

  test('use the new key first and keep the old key until it is removed', () => {
    const rotated = synthesize({ linkKeys: ['2', '1'] });
    expect(linkKeys(rotated)).toContainEqual(linkKeys()[0]);
    const { LINK_KEYS } = resource('AWS::Lambda::Function', 'Users', rotated).Properties.Environment
      .Variables;
    expect(JSON.parse(renderArn(LINK_KEYS))).toEqual([
      { id: '2', key: '<LinkKey2.Arn>' },
      { id: '1', key: '<LinkKey1.Arn>' },
    ]);
    expect(linkKeys(synthesize({ linkKeys: ['2'] })).map(([id]) => id.slice(0, -8))).toEqual([
      'LinkKey2',
    ]);
  });
});

describe('mails', () => {
  test('report bounces and complaints, but not deliveries, to the default event bus', () => {
    const [{ ConfigurationSetName, EventDestination }] = properties(
      'AWS::SES::ConfigurationSetEventDestination',
    );
    expect(getName(ConfigurationSetName)).toBe('Mail');
    expect(EventDestination).toMatchObject({
      Enabled: true,
      MatchingEventTypes: ['bounce', 'complaint', 'reject'],
    });
    expect(JSON.stringify(EventDestination.EventBridgeDestination)).toContain(
      ':event-bus/default"',
    );
  });
});

describe('the event bus', () => {
  const statements = (from: Template = template) =>
    resource('AWS::Events::EventBus', 'Events', from).Properties.Policy.Statement;
  const source = (account: string, name: string) => ({
    account,
    source: name,
    tenant: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
    roles: ['user'],
  });

  test('accepts one kind of event from each registered account, from its own sources', () => {
    const sources = [
      source('111111111111', 'com.example.crm'),
      source('222222222222', 'com.example.hr'),
      source('111111111111', 'com.example.wiki'),
    ];
    const allowed = statements(synthesize({ inviteSources: sources })).filter(
      ({ Effect }: { Effect: string }) => Effect === 'Allow',
    );
    expect(
      allowed.map(({ Principal, Condition }: any) => [renderArn(Principal.AWS), Condition]),
    ).toEqual(
      [
        { account: '111111111111', names: ['com.example.crm', 'com.example.wiki'] },
        { account: '222222222222', names: ['com.example.hr'] },
      ].map(({ account, names }) => [
        expect.stringMatching(`:iam::${account}:root$`),
        {
          'ForAllValues:StringEquals': { 'events:source': names },
          Null: { 'events:source': 'false' },
          StringEquals: { 'events:detail-type': 'User Invite Requested' },
        },
      ]),
    );
    for (const { Action, Resource: on } of allowed)
      expect([Action, renderArn(on)]).toEqual([
        'events:PutEvents',
        expect.stringMatching(/:event-bus\/roster$/),
      ]);
  });

  test('rejects unregistered sources, also from its own account', () => {
    const denied = (inviteSources: object[]) =>
      statements(synthesize({ inviteSources })).filter(
        ({ Effect }: { Effect: string }) => Effect === 'Deny',
      );
    const expected = (sources: string[]) => [
      expect.objectContaining({
        Action: 'events:PutEvents',
        Principal: { AWS: '*' },
        Condition: { 'ForAnyValue:StringNotEquals': { 'events:source': sources } },
      }),
    ];
    expect(denied([source('111111111111', 'com.example.crm')])).toEqual(
      expected(['roster', 'com.example.crm']),
    );
    expect(denied([])).toEqual(expected(['roster']));
    expect(statements(synthesize({ inviteSources: [] }))).toHaveLength(1);
  });
});

describe('the stream of the directory table', () => {
  const [mapping, sequencing] = properties('AWS::Lambda::EventSourceMapping');

  test('invokes the sequencer for inserted records of changes, one batch per shard at a time', () => {
    expect(sequencing).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 1,
      ParallelizationFactor: 1,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 24 * 3600,
      MaximumRetryAttempts: 20,
    });
    expect([renderArn(sequencing.EventSourceArn), getName(sequencing.FunctionName)]).toEqual([
      '<Directory.StreamArn>',
      'Sequencer',
    ]);
    const [{ Pattern }] = sequencing.FilterCriteria.Filters;
    const matches = compilePattern(JSON.parse(Pattern));
    const isNumbered = (eventName: string, sk: string) =>
      matches({ eventName, dynamodb: { Keys: { sk: { S: sk } } } });
    for (const sk of ['USER', 'CHANGE#0000000002', 'GROUPCHANGE#2026', 'ACTIVITY#2026']) {
      expect(isNumbered('INSERT', sk), sk).toBe(true);
      expect(isNumbered('MODIFY', sk), sk).toBe(false);
      expect(isNumbered('REMOVE', sk), sk).toBe(false);
    }
    for (const sk of ['USER#SIGNIN', 'SEGMENT#000000000001', 'VERSION', 'GROUP#1', 'TENANT'])
      expect(isNumbered('INSERT', sk), sk).toBe(false);
  });

  test('has no sequencer in a deployment without events, and nothing is exported', () => {
    const without = synthesize({ events: 'off' });
    expect(properties('AWS::Lambda::EventSourceMapping', without)).toHaveLength(1);
    expect(JSON.stringify(without)).not.toMatch(/Sequencer|WebhookDelivery|Export|Archive/);
  });

  test('invokes the mailer function only for pending mail', () => {
    expect(properties('AWS::Lambda::EventSourceMapping')).toHaveLength(2);
    expect([renderArn(mapping.EventSourceArn), getName(mapping.FunctionName)]).toEqual([
      '<Directory.StreamArn>',
      'Mailer',
    ]);
    expect(
      mapping.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern)),
    ).toEqual([
      {
        eventName: ['INSERT', 'MODIFY'],
        dynamodb: {
          Keys: { sk: { S: ['USER', 'RESET', { prefix: 'NOTICE#' }] } },
          NewImage: {
            dueAt: { S: [{ exists: true }] },
            mailAttempt: { M: { id: { S: [{ exists: false }] } } },
          },
        },
      },
    ]);
  });

  test('matches the keys of these items unless an attempt runs or waits', () => {
    const wakes = compilePattern(JSON.parse(mapping.FilterCriteria.Filters[0].Pattern));
    const isMatch = ({ sk }: Key, attributes: object) =>
      wakes({
        eventName: 'INSERT',
        dynamodb: { Keys: { sk: { S: sk } }, NewImage: { dueAt: { S: 'now' }, ...attributes } },
      });
    const woken = (key: Key) => isMatch(key, {});
    const mailAttempt = { M: { id: { S: 'a' } } };
    expect(isMatch(keys.user('', ''), { mailAttempt })).toBe(false);
    expect(
      [keys.user('', ''), keys.passwordReset('', ''), keys.accountNotice('', '', 2)].map(woken),
    ).toEqual([true, true, true]);
    expect([keys.userChange('', '', 2), keys.delivery('', '')].map(woken)).toEqual([false, false]);
  });

  test('retries a failing record alone, three times within an hour, then saves it', () => {
    expect(mapping).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 25,
      ParallelizationFactor: 2,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 3,
      MaximumRecordAgeInSeconds: 3600,
    });
    expect(renderArn(mapping.DestinationConfig.OnFailure.Destination)).toBe('<Failures.Arn>');
  });
});

describe('a rule', () => {
  const rule = (id: string, from: Template = template) =>
    resource('AWS::Events::Rule', id, from).Properties;
  const [undelivered] = properties('AWS::SQS::QueuePolicy');

  /** Functions of a rule, each with its own permission, and the queue for undeliverable events. */
  const started = (id: string) =>
    rule(id).Targets.map(({ Arn, DeadLetterConfig }: Record<string, any>) => {
      const isAllowed = properties('AWS::Lambda::Permission').some(
        ({ Principal, SourceArn, FunctionName }) =>
          Principal === 'events.amazonaws.com' &&
          getName(SourceArn) === id &&
          getName(FunctionName) === getName(Arn),
      );
      const isTaken = undelivered.PolicyDocument.Statement.some(
        ({ Action, Condition }: any) => Action === 'sqs:SendMessage' && getName(Condition) === id,
      );
      const unreached =
        DeadLetterConfig === undefined
          ? []
          : [isTaken ? `else ${getName(DeadLetterConfig.Arn)}` : 'else nothing'];
      return [isAllowed ? getName(Arn) : 'nobody', ...unreached].join(', ');
    });

  test('sweeps pending mail every five minutes', () => {
    expect(rule('Sweep')).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
    });
    expect(started('Sweep')).toEqual(['Mailer']);
  });

  test('checks verified domains daily', () => {
    expect(rule('DailyDomainChecks').ScheduleExpression).toBe('rate(1 day)');
    expect(started('DailyDomainChecks')).toEqual(['DomainChecks']);
  });

  test('takes a checkpoint daily and on request', () => {
    expect(rule('DailyCheckpoint').ScheduleExpression).toBe('rate(1 day)');
    expect(rule('CheckpointRequested').EventPattern).toEqual({
      source: ['roster'],
      'detail-type': ['Checkpoint Requested'],
    });
    expect(started('DailyCheckpoint')).toEqual(['Checkpoints']);
    expect(started('CheckpointRequested')).toEqual(['Checkpoints, else Undelivered']);
  });

  test('continues changes of groups every minute', () => {
    expect(rule('DeletedGroups').ScheduleExpression).toBe('rate(1 minute)');
    expect(started('DeletedGroups')).toEqual(['GroupCleanup']);
  });

  test('erases deleted tenants every 15 minutes', () => {
    expect(rule('DeletedTenants').ScheduleExpression).toBe('rate(15 minutes)');
    expect(started('DeletedTenants')).toEqual(['TenantErasure']);
  });

  test('exports feeds that advance, and every five minutes those that are due', () => {
    const { EventBusName, EventPattern } = rule('FeedEvents');
    expect(getName(EventBusName)).toBe('Events');
    expect(EventPattern).toEqual({ source: ['roster'], 'detail-type': ['Feed Advanced'] });
    expect(started('FeedEvents')).toEqual(['FeedExport, else Undelivered']);
    expect(rule('DueExports').ScheduleExpression).toBe('rate(5 minutes)');
    expect(started('DueExports')).toEqual(['FeedExport']);
  });

  test('delivers SES events about returned mail', () => {
    const { EventBusName, EventPattern } = rule('MailReturned');
    expect(EventBusName).toBeUndefined();
    expect(EventPattern).toEqual({
      source: ['aws.ses'],
      'detail-type': ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
      detail: {
        mail: {
          tags: { 'ses:configuration-set': [{ Ref: expect.stringMatching(/^Mail[0-9A-F]{8}$/) }] },
        },
      },
    });
    expect(started('MailReturned')).toEqual(['Mailer, else Undelivered']);
  });

  test('starts deliveries to webhooks for new events, test events, and every 5 minutes', () => {
    const { EventBusName, EventPattern } = rule('WebhookEvents');
    expect(getName(EventBusName)).toBe('Events');
    expect(EventPattern).toEqual({
      source: ['roster'],
      'detail-type': ['Feed Advanced', 'Webhook Test Requested'],
    });
    expect(rule('DueWebhooks')).toMatchObject({ ScheduleExpression: 'rate(5 minutes)' });
    expect(started('DueWebhooks')).toEqual(['WebhookDelivery']);
  });

  test('delivers invite requests of registered accounts and sources, and does not exist without any', () => {
    const { EventBusName, EventPattern } = rule('InviteRequested');
    expect(getName(EventBusName)).toBe('Events');
    expect(EventPattern).toEqual({
      account: ['123456789012'],
      source: ['com.example.crm'],
      'detail-type': ['User Invite Requested'],
    });
    expect(started('InviteRequested')).toEqual(['InviteRequests, else Undelivered']);
    const unregistered = resources('AWS::Events::Rule', synthesize({ inviteSources: [] })).map(
      ([id]) => id.slice(0, -8),
    );
    expect(unregistered.toSorted()).toEqual([
      'CheckpointRequested',
      'DailyCheckpoint',
      'DailyDomainChecks',
      'DeletedGroups',
      'DeletedTenants',
      'DueExports',
      'DueWebhooks',
      'FailureKept',
      'FeedEvents',
      'MailReturned',
      'Sweep',
      'WebhookEvents',
    ]);
  });
});

describe('an event that a function failed to process', () => {
  const bucket = resource('AWS::S3::Bucket', 'Failures');
  const queue = resource('AWS::SQS::Queue', 'Undelivered').Properties;

  test('is saved in full after three attempts', () => {
    const settings = properties('AWS::Lambda::EventInvokeConfig').map(
      ({ FunctionName, DestinationConfig, MaximumRetryAttempts }) => [
        getName(FunctionName),
        renderArn(DestinationConfig.OnFailure.Destination),
        MaximumRetryAttempts,
      ],
    );
    expect(settings).toHaveLength(consumers.length);
    expect(settings).toEqual([
      ['Checkpoints', '<Failures.Arn>', 2],
      ['Mailer', '<Failures.Arn>', 2],
      ['DomainChecks', '<Failures.Arn>', 2],
      ['GroupCleanup', '<Failures.Arn>', 2],
      ['TenantErasure', '<Failures.Arn>', 2],
      ['Sequencer', '<Failures.Arn>', 2],
      ['WebhookDelivery', '<Failures.Arn>', 2],
      ['FeedExport', '<Failures.Arn>', 2],
      ['InviteRequests', '<Failures.Arn>', 2],
    ]);
  });

  test('is private, encrypted, and kept for a month', () => {
    expect(bucket.DeletionPolicy).toBe('Retain');
    expect(bucket.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
        ],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      LifecycleConfiguration: { Rules: [{ ExpirationInDays: 30, Status: 'Enabled' }] },
    });
    // CloudFormation cannot delete a bucket with objects [F7].
    expect(
      resource('AWS::S3::Bucket', 'Failures', synthesize({ removalPolicy: 'destroy' }))
        .DeletionPolicy,
    ).toBe('Retain');
  });

  test('is reported to the queue that an alarm watches', () => {
    expect(bucket.Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    const { EventPattern, Targets } = resource('AWS::Events::Rule', 'FailureKept').Properties;
    expect(EventPattern).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: [{ Ref: expect.stringMatching(/^Failures[0-9A-F]{8}$/) }] } },
    });
    expect(Targets.map(({ Arn }: { Arn: unknown }) => getName(Arn))).toEqual(['Undelivered']);
    expect(queue).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 14 * 24 * 3600,
    });
  });

  test.each(['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy'])(
    'cannot be read without TLS (%s)',
    (type) => {
      const [{ PolicyDocument }] = properties(type);
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Principal: { AWS: '*' },
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        }),
      );
    },
  );
});

describe('the archive', () => {
  const bucket = (from: Template = template) => resource('AWS::S3::Bucket', 'Archive', from);

  test('locks each object for the configured days, then deletes it', () => {
    const { Properties, DeletionPolicy } = bucket();
    expect(DeletionPolicy).toBe('Retain');
    expect(Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Days: 400, Mode: 'GOVERNANCE' } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
      LifecycleConfiguration: {
        Rules: [
          { ExpirationInDays: 400, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
          { ExpiredObjectDeleteMarker: true },
        ],
      },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
    const changed = synthesize({
      removalPolicy: 'destroy',
      archive: { objectLock: 'compliance', days: 30 },
    });
    expect(bucket(changed).DeletionPolicy).toBe('Retain');
    expect(bucket(changed).Properties.ObjectLockConfiguration.Rule).toEqual({
      DefaultRetention: { Days: 30, Mode: 'COMPLIANCE' },
    });
  });

  test('accepts only TLS, and only new objects', () => {
    const [policy] = properties('AWS::S3::BucketPolicy').filter(
      ({ Bucket }) => getName(Bucket) === 'Archive',
    );
    expect(
      policy.PolicyDocument.Statement.map(({ Effect, Action, Condition }: any) => [
        Effect,
        Action,
        Condition,
      ]),
    ).toEqual([
      ['Deny', 's3:*', { Bool: { 'aws:SecureTransport': 'false' } }],
      ['Deny', 's3:PutObject', { Null: { 's3:if-none-match': 'true' } }],
    ]);
  });
});
