import { Validations } from 'aws-cdk-lib';
import type { CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { describe, expect, test } from 'vitest';
import { consumers, type DeployedFunction } from '../../infra/build/bundle.ts';
import { toLogicalId } from '../../infra/constructs/functions.ts';
import { grants } from '../../infra/constructs/grants.ts';
import { listPathRoutes } from '../../lib/api/path-routes.ts';
import { readSection } from '../support/project/docs-examples.ts';
import {
  createTestStack,
  example,
  getName,
  properties,
  resource,
  resources,
  renderArn,
  synthesize,
  type Template,
  template,
} from '../support/synthesized-stack.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

describe('routes', () => {
  test('match the route table and lead to its functions', () => {
    const integrations = new Map(
      resources('AWS::ApiGatewayV2::Integration').map(([id, { Properties }]) => [
        id,
        getName(Properties.IntegrationUri),
      ]),
    );
    const found = properties('AWS::ApiGatewayV2::Route').map(
      ({ RouteKey, Target }) => `${RouteKey} → ${integrations.get(Target['Fn::Join'][1][1].Ref)}`,
    );
    const names = {
      tokens: 'Tokens',
      users: 'Users',
      account: 'Account',
      'bulk-users': 'BulkUsers',
      passwords: 'Passwords',
      'link-redemption': 'LinkRedemption',
      'invitation-links': 'InvitationLinks',
      tenants: 'Tenants',
      groups: 'Groups',
      feed: 'Feed',
      logos: 'Logos',
      documents: 'Documents',
      domains: 'Domains',
      'app-clients': 'AppClients',
      'sign-in': 'SignIn',
      webhooks: 'Webhooks',
      scim: 'Scim',
      connections: 'Connections',
    };
    expect(found.toSorted()).toEqual(
      listPathRoutes()
        .map((row) => `${row.routeKey} → ${names[row.function]}`)
        .toSorted(),
    );
  });

  test('have a second route with a slash at the end in SCIM', () => {
    const keys = properties('AWS::ApiGatewayV2::Route').map(({ RouteKey }) => String(RouteKey));
    const ofScim = keys.filter((key) => key.includes(' /scim/v2'));
    const withSlash = ofScim.filter((key) => key.endsWith('/'));
    expect(withSlash).toContain('ANY /scim/v2/Users/{userId}/');
    expect(withSlash.map((key) => key.slice(0, -1)).toSorted()).toEqual(
      ofScim.filter((key) => !key.endsWith('/')).toSorted(),
    );
    expect(keys.filter((key) => key.endsWith('/'))).toEqual(withSlash);
  });

  test('have one integration and one permission per function, with payload format 2.0', () => {
    const integrations = properties('AWS::ApiGatewayV2::Integration');
    const permissions = properties('AWS::Lambda::Permission').filter(
      ({ Principal }) => Principal === 'apigateway.amazonaws.com',
    );
    const names = [
      'Account',
      'AppClients',
      'BulkUsers',
      'Connections',
      'Documents',
      'Domains',
      'Feed',
      'Groups',
      'InvitationLinks',
      'LinkRedemption',
      'Logos',
      'Passwords',
      'Scim',
      'SignIn',
      'Tenants',
      'Tokens',
      'Users',
      'Webhooks',
    ];
    expect(integrations.map(({ IntegrationUri }) => getName(IntegrationUri)).toSorted()).toEqual(
      names,
    );
    expect(new Set(integrations.map(({ PayloadFormatVersion }) => PayloadFormatVersion))).toEqual(
      new Set(['2.0']),
    );
    expect(permissions.map(({ FunctionName }) => getName(FunctionName)).toSorted()).toEqual(names);
    for (const { SourceArn } of permissions) expect(renderArn(SourceArn)).toMatch(/:<Api>\/\*$/);
  });

  test('stay below 300 routes and integrations and 500 resources', () => {
    expect(resources('AWS::ApiGatewayV2::Route').length).toBeLessThan(250);
    expect(Object.keys(template.Resources).length).toBeLessThan(450);
  });
});

describe('rights', () => {
  /** `<Directory.Arn>` → `Directory`. Indexes and ARNs without a resource stay in full. */
  const render = (on: unknown) =>
    renderArn(on).replace(/^<(\w+)\.(Arn|StreamArn)>$/, (_, name: string, kind: string) =>
      kind === 'Arn' ? name : `${name} stream`,
    );
  const log = (on: string) => ({
    Effect: 'Allow',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    on,
  });
  const statements = (id: string, from: Template = template) => {
    const {
      AssumeRolePolicyDocument,
      Description: _,
      Policies,
      ...others
    } = resource('AWS::IAM::Role', `${id}Role`, from).Properties;
    expect(others, 'no managed policy').toEqual({});
    expect(AssumeRolePolicyDocument.Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
    const all = (Policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    return all.map(({ Action, Resource: on, ...rest }) => ({
      ...rest,
      actions: [Action].flat().toSorted(),
      on: [on].flat().map(render).join(' '),
    }));
  };

  const onIds = {
    directory: 'Directory',
    secrets: 'Secrets',
    outbox: '<Directory.Arn>/index/outbox',
    eventBus: 'Events',
    archivedEvents: '<Archive.Arn>/events/*',
    checkpoints: '<Archive.Arn>/checkpoints/*',
    archive: 'Archive',
  } as const;
  const stream = {
    Effect: 'Allow',
    actions: [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ],
    on: 'Directory stream',
  };
  const deliveries = {
    mailer: [
      stream,
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
    sequencer: [
      stream,
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
    'domain-checks': [
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
    'group-cleanup': [
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
    'tenant-erasure': [
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
    'webhook-delivery': [
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
    checkpoints: [
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
    'feed-export': [
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
    'invite-requests': [
      { Effect: 'Allow', actions: ['s3:ListBucket'], on: 'Failures' },
      { Effect: 'Allow', actions: ['s3:PutObject'], on: '<Failures.Arn>/*' },
    ],
  };
  const ses = (...identities: string[]) =>
    ['configuration-set/<Mail>', ...identities.map((name) => `identity/${name}`).toSorted()]
      .map((part) => `arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:${part}`)
      .join(' ');

  test.each(Object.keys(grants) as DeployedFunction[])(
    '%s can write its log and has exactly its grants, with keys by key policy',
    (name) => {
      const id = name.replaceAll(/(^|-)([a-z])/g, (_match, _dash, letter: string) =>
        letter.toUpperCase(),
      );
      const granted = grants[name].statements.filter(({ on }) => on in onIds);
      const isTable = (on: string) => ['directory', 'secrets'].includes(on);
      /** One line for each action, resource and condition, because CDK merges statements. */
      const expand = (statement: { actions: readonly string[]; on: string; Condition?: unknown }) =>
        statement.actions.map(
          (action) => `${action} on ${statement.on} if ${JSON.stringify(statement.Condition)}`,
        );
      const limit = (partitions: readonly string[], attributes?: readonly string[]) => ({
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
        ...(attributes && { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': attributes } }),
        Null: { 'dynamodb:LeadingKeys': 'false' },
      });
      const found = statements(id).filter(({ actions }) => !actions.includes('ses:SendEmail'));
      expect(found.flatMap(expand).toSorted()).toEqual(
        [
          log(`${id}Logs`),
          ...granted.map(({ on, actions, partitions, attributes }) => ({
            actions,
            on: onIds[on as keyof typeof onIds],
            ...(partitions && { Condition: limit(partitions, attributes) }),
            // The function sees only the names of checkpoints.
            ...(on === 'archive' && {
              Condition: { StringEquals: { 's3:prefix': 'checkpoints/' } },
            }),
          })),
          ...((deliveries as Record<string, { actions: string[]; on: string }[]>)[name] ?? []),
        ]
          .flatMap(expand)
          .toSorted(),
      );
      // No table access without a partition condition.
      expect(
        granted.filter(({ on, partitions = [] }) => isTable(on) && partitions.length === 0),
      ).toEqual([]);
    },
  );

  describe('keys', () => {
    const getKeyPolicy = (id: string, from: Template = template) =>
      (
        resource('AWS::KMS::Key', id, from).Properties.KeyPolicy.Statement as (Statement & {
          Principal: { AWS: unknown };
          Sid: string;
        })[]
      ).map(
        ({ Sid, Principal, Action }) =>
          `${Sid}: ${renderArn(Principal.AWS)} ${[Action].flat().toSorted().join(' ')}`,
      );

    test('can be used only by functions and administered by the account [SEC-21]', () => {
      const [administration = '', ...users] = getKeyPolicy('SigningKey1');
      expect(administration).toMatch(
        /^Administration: arn:<AWS::Partition>:iam::<AWS::AccountId>:root kms:/,
      );
      for (const action of ['PutKeyPolicy', 'ScheduleKeyDeletion', 'DescribeKey'])
        expect(administration).toContain(`kms:${action}`);
      // Only the key policy grants signing and verifying.
      expect(administration).not.toMatch(
        /\*|kms:(\w*Sign|\w*Mac|Verify|Encrypt|Decrypt|CreateGrant|GetPublicKey)/,
      );
      const getters = [
        'Users',
        'Account',
        'BulkUsers',
        'Passwords',
        'InvitationLinks',
        'AppClients',
        'Tenants',
        'Domains',
        'Groups',
        'Feed',
        'Scim',
        'Webhooks',
        'Connections',
      ];
      expect(users.toSorted()).toEqual(
        [
          ...getters.map((id) => `${id}: <${id}Role.Arn> kms:GetPublicKey`),
          ...['SignIn', 'Tokens'].map((id) => `${id}: <${id}Role.Arn> kms:GetPublicKey kms:Sign`),
        ].toSorted(),
      );
      expect(getKeyPolicy('LinkKey1').slice(1).toSorted()).toEqual([
        'InvitationLinks: <InvitationLinksRole.Arn> kms:GenerateMac',
        'LinkRedemption: <LinkRedemptionRole.Arn> kms:VerifyMac',
        'Mailer: <MailerRole.Arn> kms:GenerateMac',
      ]);
      expect(getKeyPolicy('WebhookKey1').slice(1).toSorted()).toEqual([
        'WebhookDelivery: <WebhookDeliveryRole.Arn> kms:GenerateMac',
        'Webhooks: <WebhooksRole.Arn> kms:GenerateMac',
      ]);
      expect(getKeyPolicy('CheckpointKey').slice(1)).toEqual([
        'Checkpoints: <CheckpointsRole.Arn> kms:GetPublicKey kms:Sign',
      ]);
      expect(JSON.stringify(resources('AWS::IAM::Role'))).not.toContain('kms:');
    });

    test('have the same policy if there are several', () => {
      const rotated = synthesize({ linkKeys: ['2', '1'] });
      expect(getKeyPolicy('LinkKey2', rotated)).toEqual(getKeyPolicy('LinkKey1', rotated));
    });
  });

  test('only the mailer function sends mail, only from senders of the deployment [SEC-21]', () => {
    const sending = (mail?: object) =>
      statements('Mailer', mail && synthesize({ mail })).filter(({ actions }) =>
        actions.includes('ses:SendEmail'),
      );
    expect(sending()).toEqual([
      {
        Effect: 'Allow',
        actions: ['ses:SendEmail'],
        on: ses('accounts@example.com', 'example.com', '*@example.com'),
        Condition: { StringLike: { 'ses:FromAddress': ['accounts@example.com', '*@example.com'] } },
      },
    ]);
    expect(sending({ from: 'a@mail.example.com', senders: ['b@globex.example'] })).toMatchObject([
      {
        on: ses(
          'a@mail.example.com',
          'mail.example.com',
          'example.com',
          'b@globex.example',
          'globex.example',
        ),
        Condition: {
          StringLike: { 'ses:FromAddress': ['a@mail.example.com', 'b@globex.example'] },
        },
      },
    ]);
    const listRoles = (pattern: RegExp) =>
      properties('AWS::IAM::Role')
        .filter((role) => pattern.test(JSON.stringify(role)))
        .map(({ Description }) => String(Description));
    expect(listRoles(/ses:/)).toEqual(['Rights of the mailer function']);
    expect(listRoles(/index/).toSorted()).toEqual([
      'Rights of the feed-export function',
      'Rights of the group-cleanup function',
      'Rights of the mailer function',
      'Rights of the webhook-delivery function',
    ]);
  });

  test('the documents function can only write its log', () => {
    expect(statements('Documents')).toEqual([log('DocumentsLogs')]);
  });

  test('only these roles have policies', () => {
    expect(resources('AWS::IAM::Policy')).toEqual([]);
    expect(resources('AWS::IAM::ManagedPolicy')).toEqual([]);
    expect(resources('AWS::IAM::Role')).toHaveLength(Object.keys(grants).length);
  });
});

describe('tables', () => {
  const table = (id: string, from: Template = template) =>
    resource('AWS::DynamoDB::GlobalTable', id, from);

  test.each(['Directory', 'Secrets'])(
    '%s is on demand, encrypted, recoverable, protected and retained',
    (id) => {
      const { Properties, DeletionPolicy } = table(id);
      expect(Properties).toMatchObject({
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        SSESpecification: { SSEEnabled: true },
      });
      expect(Properties.Replicas).toMatchObject([
        {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          Region: { Ref: 'AWS::Region' },
        },
      ]);
      expect(Properties).not.toHaveProperty('LocalSecondaryIndexes');
      expect(DeletionPolicy).toBe('Retain');
    },
  );

  test('only the directory table has a stream and a TTL attribute', () => {
    expect(table('Directory').Properties).toMatchObject({
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
    });
    expect(table('Secrets').Properties).not.toHaveProperty('StreamSpecification');
    expect(table('Secrets').Properties).not.toHaveProperty('TimeToLiveSpecification');
  });

  test('the directory table has a keys-only index of pending mail', () => {
    expect(table('Directory').Properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'outbox',
        KeySchema: [
          { AttributeName: 'outboxShard', KeyType: 'HASH' },
          { AttributeName: 'dueAt', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
    expect(table('Secrets').Properties).not.toHaveProperty('GlobalSecondaryIndexes');
  });

  test('can be deleted with the stack if the configuration says so', () => {
    const destroyed = synthesize({ removalPolicy: 'destroy' });
    for (const id of ['Directory', 'Secrets']) {
      expect(table(id, destroyed).DeletionPolicy).toBe('Delete');
      expect(table(id, destroyed).Properties.Replicas[0].DeletionProtectionEnabled).toBe(false);
    }
    for (const [, { DeletionPolicy }] of resources('AWS::Logs::LogGroup', destroyed))
      expect(DeletionPolicy).toBe('Delete');
  });
});

describe('functions', () => {
  test('run on arm64 and Node 24 and write their own log groups', () => {
    const functions = resources('AWS::Lambda::Function');
    expect(functions.map(([id]) => id.slice(0, -8)).toSorted()).toEqual([
      'Account',
      'AppClients',
      'BulkUsers',
      'Checkpoints',
      'Connections',
      'Documents',
      'DomainChecks',
      'Domains',
      'Feed',
      'FeedExport',
      'GroupCleanup',
      'Groups',
      'InvitationLinks',
      'InviteRequests',
      'LinkRedemption',
      'Logos',
      'Mailer',
      'Passwords',
      'Scim',
      'Sequencer',
      'SignIn',
      'TenantErasure',
      'Tenants',
      'Tokens',
      'Users',
      'WebhookDelivery',
      'Webhooks',
    ]);
    for (const [id, { Properties }] of functions) {
      expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x' });
      expect(getName(Properties.LoggingConfig.LogGroup)).toBe(`${id.slice(0, -8)}Logs`);
    }
  });

  test.each([
    ['Users', 'users', 1769, 10],
    ['Account', 'account', 1769, 10],
    ['BulkUsers', 'bulk-users', 1769, 25],
    ['Passwords', 'passwords', 1769, 10],
    ['LinkRedemption', 'link-redemption', 1769, 10],
    ['InvitationLinks', 'invitation-links', 1769, 10],
    ['Tenants', 'tenants', 1769, 10],
    ['Groups', 'groups', 1769, 10],
    ['Feed', 'feed', 1769, 10],
    ['GroupCleanup', 'group-cleanup', 256, 300],
    ['TenantErasure', 'tenant-erasure', 256, 300],
    ['AppClients', 'app-clients', 1769, 10],
    ['Domains', 'domains', 1769, 10],
    ['Connections', 'connections', 1769, 10],
    ['Logos', 'logos', 512, 5],
    ['DomainChecks', 'domain-checks', 256, 300],
    ['Tokens', 'tokens', 1769, 10],
    ['SignIn', 'sign-in', 1769, 10],
    ['Mailer', 'mailer', 512, 60],
    ['InviteRequests', 'invite-requests', 1769, 10],
    ['Sequencer', 'sequencer', 512, 60],
    ['WebhookDelivery', 'webhook-delivery', 256, 120],
    ['FeedExport', 'feed-export', 256, 60],
    ['Checkpoints', 'checkpoints', 512, 900],
  ])(
    '%s has its memory, its timeout and the settings of the deployment',
    (id, name, MemorySize, Timeout) => {
      const properties = resource('AWS::Lambda::Function', id).Properties;
      expect(properties).toMatchObject({ MemorySize, Timeout, Handler: `${name}.handler` });
      const {
        DIRECTORY_TABLE,
        SECRETS_TABLE,
        MAIL_CONFIGURATION_SET,
        EVENT_BUS,
        LINK_KEYS,
        WEBHOOK_KEYS,
        ISSUERS,
        INVITE_SOURCES,
        ...others
      } = properties.Environment.Variables;
      expect(
        [DIRECTORY_TABLE, SECRETS_TABLE, MAIL_CONFIGURATION_SET, EVENT_BUS].map(getName),
      ).toEqual(['Directory', 'Secrets', 'Mail', 'Events']);
      expect(JSON.parse(renderArn(LINK_KEYS))).toEqual([{ id: '1', key: '<LinkKey1.Arn>' }]);
      expect(JSON.parse(renderArn(WEBHOOK_KEYS))).toEqual([{ id: '1', key: '<WebhookKey1.Arn>' }]);
      expect(JSON.parse(ISSUERS)).toMatchObject(example.issuers);
      expect(JSON.parse(INVITE_SOURCES)).toEqual(example.inviteSources);
      const { SIGNING_KEYS, OWN_ISSUER, API_ENDPOINT, ARCHIVE_URL, CHECKPOINT_KEY, ...plain } =
        others;
      expect(renderArn(API_ENDPOINT)).toBe('<Api.ApiEndpoint>');
      expect(renderArn(CHECKPOINT_KEY)).toBe('<CheckpointKey.Arn>');
      expect(renderArn(ARCHIVE_URL)).toBe('https://<Archive.RegionalDomainName>');
      expect(JSON.parse(renderArn(SIGNING_KEYS))).toEqual({ current: '<SigningKey1.Arn>' });
      expect(JSON.parse(renderArn(OWN_ISSUER))).toEqual({
        issuer: '<Api.ApiEndpoint>',
        audience: '<Api.ApiEndpoint>',
        resourceServers: ['https://billing.example.com'],
      });
      expect(plain).toEqual({
        DEPLOYMENT: 'Roster',
        ID_PREFIX: 'cradl',
        CRADL_ID_PREFIX: 'cradl',
        PERMISSIONS: 'invoices:approve',
        PASSWORD_MIN_LENGTH: '15',
        RESTORE_DAYS: '30',
        TENANT_HOST_SUFFIX: 'admin.example.com',
        INVITATION_DAYS: '7',
        DNS_RESOLVERS: 'system,1.1.1.1',
        WEBHOOK_PORTS: '[443]',
        EVENTS: 'on',
        AUDIT_DAYS: '400',
        TENANT_REQUESTS_PER_SECOND: '50',
        TENANT_UNITS_PER_SECOND: '2000',
        PRINCIPAL_SHARE: '0.5',
        MAIL_FROM: 'accounts@example.com',
        MAIL_SENDERS: 'accounts@example.com,example.com',
        MAILS_PER_TENANT_HOUR: '500',
        MAILS_PER_RECIPIENT_DAY: '5',
        MAILS_PER_SECOND: '7',
      });
    },
  );

  test('reserve concurrency only if configured, and the mailer divides the rate by it', () => {
    const synthesizeWith = (mail: object, more: object = {}) =>
      synthesize({
        mail: { from: 'accounts@example.com', ...mail },
        webhookConcurrency: undefined,
        ...more,
      });
    const listReserved = (from: Template) =>
      Object.keys(grants).flatMap((name) => {
        const id = toLogicalId(name as DeployedFunction);
        const { Properties } = resource('AWS::Lambda::Function', id, from);
        const { ReservedConcurrentExecutions: count } = Properties;
        return count === undefined ? [] : [[name, count]];
      });
    const getRate = (from: Template) =>
      resource('AWS::Lambda::Function', 'Mailer', from).Properties.Environment.Variables
        .MAILS_PER_SECOND;
    const byDefault = synthesizeWith({});
    expect([listReserved(byDefault), getRate(byDefault)]).toEqual([[], '7']);
    const reserving = synthesizeWith({ perSecond: 20, concurrency: 4 }, { webhookConcurrency: 20 });
    expect([listReserved(reserving), getRate(reserving)]).toEqual([
      [
        ['mailer', 4],
        ['webhook-delivery', 20],
      ],
      '5',
    ]);
  });

  test('the documents function has no settings except the metric dimension', () => {
    const documents = resource('AWS::Lambda::Function', 'Documents').Properties;
    expect(documents).toMatchObject({ MemorySize: 256, Handler: 'documents.handler' });
    expect(documents.Environment.Variables).toEqual({ DEPLOYMENT: 'Roster' });
  });

  test('keep logs for the configured number of days', () => {
    const days = properties('AWS::Logs::LogGroup', synthesize({ logRetentionDays: 7 })).map(
      ({ RetentionInDays }) => RetentionInDays,
    );
    expect(days).toEqual(Array.from({ length: Object.keys(grants).length + 1 }, () => 7));
  });
});

describe('the API', () => {
  const stage = (from: Template = template) => properties('AWS::ApiGatewayV2::Stage', from)[0];

  test('logs route, status and times as JSON, without personal data', () => {
    const format = JSON.parse(stage().AccessLogSettings.Format) as Record<string, string>;
    expect(Object.values(format).toSorted()).toEqual([
      '$context.httpMethod',
      '$context.integrationErrorMessage',
      '$context.integrationLatency',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
    expect(getName(stage().AccessLogSettings.DestinationArn)).toBe('ApiAccessLogs');
  });

  test('logs client addresses for 30 days if configured', () => {
    const log = (change: object) => {
      const from = synthesize(change);
      const { RetentionInDays } = resource('AWS::Logs::LogGroup', 'ApiAccessLogs', from).Properties;
      return [JSON.parse(stage(from).AccessLogSettings.Format).sourceIp, RetentionInDays];
    };
    expect(log({ logClientAddresses: true, logRetentionDays: 365 })).toEqual([
      '$context.identity.sourceIp',
      30,
    ]);
    expect(log({ logRetentionDays: 365 })).toEqual([undefined, 365]);
  });

  test('closes its default endpoint if configured, and outputs the remaining URL', () => {
    const closed = synthesize({ defaultEndpoint: false, issuerUrl: example.issuerUrl });
    expect(properties('AWS::ApiGatewayV2::Api', closed)[0].DisableExecuteApiEndpoint).toBe(true);
    expect(closed.Outputs['ApiUrl']).toMatchObject({ Value: example.issuerUrl });
    expect(properties('AWS::ApiGatewayV2::Api')[0].DisableExecuteApiEndpoint).toBe(false);
  });

  test('is throttled as configured', () => {
    expect(stage(synthesize({ throttle: { rate: 7, burst: 9 } })).DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 9,
    });
  });

  describe('limits each public route separately, which protects the other routes', () => {
    const limits = (throttle: object) =>
      stage(synthesize({ throttle })).RouteSettings as Record<string, object>;
    const open = listPathRoutes()
      .filter(({ rows: [{ access }] }) => access === 'public')
      .map(({ routeKey }) => routeKey);
    test('to a fifth of the rate, links and reset requests included [SEC-13]', () => {
      const usual = { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 };
      expect(limits({ rate: 500, burst: 1000 })).toEqual(
        Object.fromEntries(open.map((route) => [route, usual])),
      );
      expect(
        new Set(
          Object.values(limits({ rate: 7, burst: 11 })).map((limit) => JSON.stringify(limit)),
        ),
      ).toEqual(new Set(['{"ThrottlingRateLimit":2,"ThrottlingBurstLimit":3}']));
    });

    test('after the route exists, because API Gateway rejects settings of unknown routes', () => {
      const routesThere = resources('AWS::ApiGatewayV2::Route').filter(([id]) =>
        resources('AWS::ApiGatewayV2::Stage')[0]?.[1].DependsOn?.includes(id),
      );
      expect(routesThere.map(([, { Properties }]) => Properties.RouteKey)).toEqual(open);
    });
  });

  test('allows pages of configured origins, with the methods of the routes', () => {
    expect(properties('AWS::ApiGatewayV2::Api')[0].CorsConfiguration).toMatchObject({
      AllowOrigins: ['https://app.example.com'],
      AllowMethods: ['POST', 'GET', 'HEAD', 'PATCH', 'DELETE', 'PUT'],
    });
    expect(
      properties('AWS::ApiGatewayV2::Api', synthesize({ corsOrigins: [] }))[0],
    ).not.toHaveProperty('CorsConfiguration');
  });

  test('serves every tenant host under the suffix, and has no domain by default', () => {
    expect(properties('AWS::ApiGatewayV2::DomainName')).toMatchObject([
      { DomainName: '*.admin.example.com' },
    ]);
    expect(properties('AWS::Route53::RecordSet')).toMatchObject([
      { Name: '*.admin.example.com.', Type: 'A', HostedZoneId: 'Z0123456789ABCDEFGHIJ' },
    ]);
    const without = synthesize({ tenantHost: undefined });
    expect(resources('AWS::ApiGatewayV2::DomainName', without)).toEqual([]);
    expect(resources('AWS::Route53::RecordSet', without)).toEqual([]);
    expect(
      resource('AWS::Lambda::Function', 'Users', without).Properties.Environment.Variables,
    ).not.toHaveProperty('TENANT_HOST_SUFFIX');
  });

  test('outputs its URL and the names of its tables', () => {
    expect(Object.keys(template.Outputs).toSorted()).toEqual([
      'ApiUrl',
      'ArchiveBucketName',
      'DirectoryTableName',
      'EventBusName',
      'FailuresBucketName',
      'SecretsTableName',
      'UndeliveredQueueUrl',
    ]);
  });
});

test('every alarm notifies the configured topic', () => {
  const alarms = properties('AWS::CloudWatch::Alarm');
  for (const { AlarmActions, TreatMissingData, AlarmDescription } of alarms) {
    expect(AlarmActions).toEqual([example.alarmTopicArn]);
    expect(TreatMissingData).toBe('notBreaching');
    expect(AlarmDescription).toMatch(/^\S.*\. .*\.$/);
  }
  // Each alarm has one metric and costs $0.10 per month.
  expect(
    alarms.map(
      ({ MetricName, Namespace, Period, Threshold }) =>
        `${Namespace} ${MetricName} ${Threshold} in ${Period} s`,
    ),
  ).toEqual([
    'AWS/ApiGateway 5xx 3 in 900 s',
    'AWS/Lambda IteratorAge 300000 in 300 s',
    'AWS/Lambda IteratorAge 300000 in 300 s',
    'AWS/SQS ApproximateNumberOfMessagesVisible 1 in 300 s',
    'Roster oldestExportSeconds 900 in 300 s',
    'Roster oldestDueWebhookSeconds 900 in 300 s',
    'Roster damagedFeeds 1 in 300 s',
    'Roster oldestDueSeconds 900 in 300 s',
    'Roster mailsRejected 10 in 300 s',
    'AWS/SES Reputation.BounceRate 0.05 in 300 s',
    'AWS/SES Reputation.ComplaintRate 0.001 in 300 s',
  ]);
  for (const alarm of alarms) expect(alarm).not.toHaveProperty('Metrics');
});

test('docs/operate.md has a runbook for every alarm', () => {
  const runbooks = readSection('docs/operate.md', 'Alarms').split(/^### /m).slice(1);
  const ids = resources('AWS::CloudWatch::Alarm').map(([id]) =>
    id.replace(/Alarm[0-9A-F]{8}$/, ''),
  );
  expect(runbooks.map((runbook) => runbook.split('`')[1])).toEqual(ids);
  for (const runbook of runbooks) expect(runbook).toMatch(/^`\w+`\n\n.{20,}\n\n1\. .{20,}\n/s);
});

test('deploys nothing of the local server', () => {
  expect(JSON.stringify(template)).not.toMatch(/_local|127\.0\.0\.1|localhost|AWS_ENDPOINT_URL/);
});

test('two deployments in one account and region share no physical name and no metric [UX13]', () => {
  /** Fixed physical names, and dimensions of Roster's metrics. */
  const names = (from: Template) =>
    Object.values(from.Resources).flatMap(({ Type, Properties }) => [
      ...Object.entries(Properties ?? {}).flatMap(([key, value]) =>
        /^(\w*Name|Name)$/.test(key) &&
        typeof value === 'string' &&
        !['AttributeName', 'MetricName', 'StageName', 'DomainName'].includes(key)
          ? [`${Type} ${key} ${value}`]
          : [],
      ),
      ...(Properties?.Namespace === 'Roster'
        ? [`metric ${JSON.stringify(Properties.Dimensions)}`]
        : []),
      ...(Properties?.Environment
        ? [`variable ${Properties.Environment.Variables.DEPLOYMENT}`]
        : []),
    ]);
  const production = names(synthesize({ tenantHost: undefined }));
  const staging = names(synthesize({ name: 'Staging', tenantHost: undefined }));
  expect(new Set(production.map((name) => name.split(' ')[0]))).toEqual(
    new Set([
      'AWS::ApiGatewayV2::Api',
      'AWS::Events::EventBus',
      'AWS::SES::ConfigurationSet',
      'metric',
      'variable',
    ]),
  );
  expect(production.filter((name) => staging.includes(name))).toEqual([]);
  expect(createTestStack({ name: 'Staging' }).stack.stackName).toBe('Staging');
});

describe('findings of cdk-nag, which npm run synth reports', () => {
  const acknowledged = createTestStack()
    .stack.node.findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .map(([rule, reason]) => ({ construct, rule, reason })),
    );

  test('are acknowledged with a reason', () => {
    // In addition to the routes: the identities of a domain, the names of dead letters of each consumer, of
    // archived events and of checkpoints, two buckets without access logs, and the last queue without a dead-letter
    // queue.
    expect(acknowledged).toHaveLength(listPathRoutes().length + 6 + consumers.length);
    for (const { reason } of acknowledged) expect(reason.length).toBeGreaterThan(15);
  });

  test('are acknowledged for each route by itself, so a route outside the table is found', () => {
    const routes = acknowledged.filter(({ rule }) => rule.endsWith('AwsSolutions-APIG4'));
    expect(routes.map(({ construct }) => (construct as CfnRoute).routeKey).toSorted()).toEqual(
      listPathRoutes()
        .map(({ routeKey }) => routeKey)
        .toSorted(),
    );
  });
});
