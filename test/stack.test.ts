import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundles, bundle } from '../infra/bundle.ts';
import { configSchema } from '../infra/config.ts';
import { createApp, createStack } from '../infra/stack.ts';
import { routes } from '../lib/http/routes.ts';

interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties: any;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, object>>;
}

const example = JSON.parse(readFileSync('infra/example.config.json', 'utf8')) as {
  issuers: object[];
  alarmTopicArn: string;
  inviteSources: object[];
};
const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
let bundles: Bundles;
let template: Template;

beforeAll(async () => {
  bundles = await bundle(join(folder, 'functions'));
  template = synthesise();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The example's configuration with these fields in place of its own; undefined leaves one out. */
const configured = (change: object = {}) => configSchema.parse({ ...example, ...change });

const synthesise = (change: object = {}): Template => {
  // Checked by a test of its own, below.
  process.env['CDK_VALIDATION'] = 'false';
  const app = createApp();
  createStack(app, configured(change), bundles);
  return app.synth().getStackByName('Roster').template as Template;
};

const resources = (type: string, from: Template = template) => Object.entries(from.Resources).filter(([, { Type }]) => Type === type);
const properties = (type: string, from: Template = template) => resources(type, from).map(([, { Properties }]) => Properties);

/** The only resource of a type whose logical id begins so. */
const resource = (type: string, id: string, from: Template = template): Resource => {
  const [found, ...others] = resources(type, from).filter(([name]) => new RegExp(`^${id}[0-9A-F]{8}$`).test(name));
  if (!found || others.length > 0) throw new Error(`${others.length + Number(found !== undefined)} ${type} ${id}`);
  return found[1];
};

/** `{ 'Fn::GetAtt': ['Users0A0EEA89', 'Arn'] }` → `Users`, so that a test need not know the hashes of names. */
const named = (value: unknown): string => JSON.stringify(value).match(/"([A-Za-z]+?\d?)[0-9A-F]{8}"/)?.[1] ?? JSON.stringify(value);

/** A text of the template with what it refers to by that name. */
const filledIn = (value: { 'Fn::Join': [string, unknown[]] }): string =>
  value['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : named(part))).join('');

describe('routes', () => {
  test('every route of the table is there once and leads to its function; no other is there', () => {
    const integrations = new Map(
      resources('AWS::ApiGatewayV2::Integration').map(([id, { Properties }]) => [id, named(Properties.IntegrationUri)]),
    );
    const found = properties('AWS::ApiGatewayV2::Route').map(
      ({ RouteKey, Target }) => `${RouteKey} → ${integrations.get(Target['Fn::Join'][1][1].Ref)}`,
    );
    const names = { users: 'Users', passwords: 'Passwords', documents: 'Documents' };
    expect(found.toSorted()).toEqual(routes.map((row) => `${row.route} → ${names[row.function]}`).toSorted());
  });

  test('each function has one integration, with payload format 2.0, and one permission, which $default falls under too', () => {
    expect(properties('AWS::ApiGatewayV2::Integration').map(({ PayloadFormatVersion }) => PayloadFormatVersion)).toEqual([
      '2.0',
      '2.0',
      '2.0',
    ]);
    const permissions = properties('AWS::Lambda::Permission');
    expect(permissions.map(({ FunctionName }) => named(FunctionName)).toSorted()).toEqual(['Documents', 'Passwords', 'Users']);
    for (const { Principal, SourceArn } of permissions) {
      expect(Principal).toBe('apigateway.amazonaws.com');
      expect(SourceArn['Fn::Join'][1].slice(-2)).toEqual([{ Ref: expect.stringMatching(/^Api/) }, '/*']);
    }
  });

  test('the stack stays far from the 500 resources that CloudFormation allows', () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(400);
  });
});

describe('rights', () => {
  const statements = (id: string) => {
    const { AssumeRolePolicyDocument, Description: _, Policies, ...others } = resource('AWS::IAM::Role', `${id}Role`).Properties;
    expect(others, 'no managed policy').toEqual({});
    expect(AssumeRolePolicyDocument.Statement).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } },
    ]);
    const all = (Policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    return all.map(({ Action, Resource: on, ...rest }) => ({
      ...rest,
      actions: (Array.isArray(Action) ? Action : [Action]).toSorted(),
      on: named(on),
    }));
  };

  test('the users function may do what its operations do to each table, read no secret but the key of the deployment, and write its own log', () => {
    expect(statements('Users')).toEqual([
      { Effect: 'Allow', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], on: 'UsersLogs' },
      {
        Effect: 'Allow',
        actions: [
          'dynamodb:BatchGetItem',
          'dynamodb:DeleteItem',
          'dynamodb:GetItem',
          'dynamodb:PutItem',
          'dynamodb:Query',
          'dynamodb:UpdateItem',
        ],
        on: 'Directory',
      },
      { Effect: 'Allow', actions: ['dynamodb:DeleteItem', 'dynamodb:PutItem'], on: 'Secrets' },
      {
        Effect: 'Allow',
        actions: ['dynamodb:GetItem'],
        on: 'Secrets',
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['DEPLOYMENT'] },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      },
    ]);
  });

  test('the passwords function may read users and secrets, change both, and remove nothing', () => {
    expect(statements('Passwords')).toEqual([
      { Effect: 'Allow', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], on: 'PasswordsLogs' },
      {
        Effect: 'Allow',
        actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
        on: 'Directory',
      },
      { Effect: 'Allow', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'], on: 'Secrets' },
    ]);
  });

  test('the documents function may write its own log and nothing else', () => {
    expect(statements('Documents')).toEqual([
      { Effect: 'Allow', actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], on: 'DocumentsLogs' },
    ]);
  });

  test('no policy is anywhere but in those roles, and none has a wildcard', () => {
    expect(resources('AWS::IAM::Policy')).toEqual([]);
    expect(resources('AWS::IAM::ManagedPolicy')).toEqual([]);
    expect(resources('AWS::IAM::Role')).toHaveLength(3);
    expect(JSON.stringify(properties('AWS::IAM::Role'))).not.toContain('*');
  });
});

describe('tables', () => {
  const table = (id: string, from: Template = template) => resource('AWS::DynamoDB::GlobalTable', id, from);

  test.each(['Directory', 'Secrets'])('%s is on demand, encrypted, recoverable, protected and retained', (id) => {
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
  });

  test('only the directory has a stream, with both images, and items that expire', () => {
    expect(table('Directory').Properties).toMatchObject({
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    expect(table('Secrets').Properties).not.toHaveProperty('StreamSpecification');
    expect(table('Secrets').Properties).not.toHaveProperty('TimeToLiveSpecification');
  });

  test('the directory finds those to whom a mail is owed by an index of its own, which copies nothing else of them', () => {
    expect(table('Directory').Properties.GlobalSecondaryIndexes).toEqual([
      {
        IndexName: 'owed',
        KeySchema: [
          { AttributeName: 'dueShard', KeyType: 'HASH' },
          { AttributeName: 'due', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ]);
    expect(table('Secrets').Properties).not.toHaveProperty('GlobalSecondaryIndexes');
  });

  test('a deployment may choose to lose its data with the stack', () => {
    const destroyed = synthesise({ removalPolicy: 'destroy' });
    for (const id of ['Directory', 'Secrets']) {
      expect(table(id, destroyed).DeletionPolicy).toBe('Delete');
      expect(table(id, destroyed).Properties.Replicas[0].DeletionProtectionEnabled).toBe(false);
    }
    for (const [, { DeletionPolicy }] of resources('AWS::Logs::LogGroup', destroyed)) expect(DeletionPolicy).toBe('Delete');
  });
});

describe('functions', () => {
  test('run on arm64 and Node 24 and log where their role may', () => {
    const functions = resources('AWS::Lambda::Function');
    expect(functions.map(([id]) => id.slice(0, -8)).toSorted()).toEqual(['Documents', 'Passwords', 'Users']);
    for (const [id, { Properties }] of functions) {
      expect(Properties).toMatchObject({ Architectures: ['arm64'], Runtime: 'nodejs24.x' });
      expect(named(Properties.LoggingConfig.LogGroup)).toBe(`${id.slice(0, -8)}Logs`);
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
  });

  test.each(['Users', 'Passwords'])('%s has a whole processor and the settings of the deployment', (id) => {
    const properties = resource('AWS::Lambda::Function', id).Properties;
    expect(properties).toMatchObject({ MemorySize: 1769, Timeout: 10, Handler: `${id.toLowerCase()}.handler` });
    const { DIRECTORY_TABLE, SECRETS_TABLE, MAIL_CONFIGURATION_SET, EVENT_BUS, LINK_KEYS, ISSUERS, INVITE_SOURCES, ...plain } =
      properties.Environment.Variables;
    expect([DIRECTORY_TABLE, SECRETS_TABLE, MAIL_CONFIGURATION_SET, EVENT_BUS].map(named)).toEqual([
      'Directory',
      'Secrets',
      'Mail',
      'Events',
    ]);
    expect(JSON.parse(filledIn(LINK_KEYS))).toEqual([{ id: '1', key: 'LinkKey1' }]);
    expect(JSON.parse(ISSUERS)).toMatchObject(example.issuers);
    expect(JSON.parse(INVITE_SOURCES)).toEqual(example.inviteSources);
    expect(plain).toEqual({
      ID_PREFIX: 'cradl',
      PASSWORD_MIN_LENGTH: '15',
      RESTORE_DAYS: '30',
      TENANT_HOST_SUFFIX: 'admin.example.com',
      INVITATION_DAYS: '7',
      MAIL_FROM: 'accounts@example.com',
      MAILS_PER_TENANT_HOUR: '500',
      MAILS_PER_RECIPIENT_DAY: '5',
    });
  });

  test('the documents function has neither', () => {
    const documents = resource('AWS::Lambda::Function', 'Documents').Properties;
    expect(documents).toMatchObject({ MemorySize: 256, Handler: 'documents.handler' });
    expect(documents).not.toHaveProperty('Environment');
  });

  test('every log is kept as long as the deployment says', () => {
    const days = properties('AWS::Logs::LogGroup', synthesise({ logRetentionDays: 7 })).map(({ RetentionInDays }) => RetentionInDays);
    expect(days).toEqual([7, 7, 7, 7]);
  });
});

describe('links', () => {
  const keys = (from: Template = template) => resources('AWS::KMS::Key', from);

  test('are signed with a key that never leaves KMS and that is kept when the stack goes', () => {
    expect(
      keys().map(([id, { DeletionPolicy, Properties }]) => [id.slice(0, -8), DeletionPolicy, Properties.KeySpec, Properties.KeyUsage]),
    ).toEqual([['LinkKey1', 'Retain', 'HMAC_256', 'GENERATE_VERIFY_MAC']]);
  });

  test('get a new key in front of the old one, which stays as it was, until that is taken out', () => {
    const rotated = synthesise({ linkKeys: ['2', '1'] });
    expect(keys(rotated)).toContainEqual(keys()[0]);
    const { LINK_KEYS } = resource('AWS::Lambda::Function', 'Users', rotated).Properties.Environment.Variables;
    expect(JSON.parse(filledIn(LINK_KEYS))).toEqual([
      { id: '2', key: 'LinkKey2' },
      { id: '1', key: 'LinkKey1' },
    ]);
    expect(keys(synthesise({ linkKeys: ['2'] })).map(([id]) => id.slice(0, -8))).toEqual(['LinkKey2']);
  });
});

describe('mails', () => {
  test('that come back or annoy are told to the default event bus; those that arrive are told to nobody', () => {
    const [{ ConfigurationSetName, EventDestination }] = properties('AWS::SES::ConfigurationSetEventDestination');
    expect(named(ConfigurationSetName)).toBe('Mail');
    expect(EventDestination).toMatchObject({ Enabled: true, MatchingEventTypes: ['bounce', 'complaint', 'reject'] });
    expect(JSON.stringify(EventDestination.EventBridgeDestination)).toContain(':event-bus/default"');
  });
});

describe('the event bus', () => {
  const statements = (from: Template = template) => resource('AWS::Events::EventBus', 'Events', from).Properties.Policy.Statement;
  const source = (account: string, name: string) => ({
    account,
    source: name,
    tenant: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
    roles: ['user'],
  });

  test('lets each registered account in, under its own sources and for one kind of event', () => {
    const sources = [
      source('111111111111', 'com.example.crm'),
      source('222222222222', 'com.example.hr'),
      source('111111111111', 'com.example.wiki'),
    ];
    const allowed = statements(synthesise({ inviteSources: sources })).filter(({ Effect }: Statement) => Effect === 'Allow');
    expect(allowed.map(({ Principal, Condition }: any) => [filledIn(Principal.AWS), Condition])).toEqual(
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
      expect([Action, filledIn(on)]).toEqual(['events:PutEvents', expect.stringMatching(/:event-bus\/roster$/)]);
  });

  test('takes nothing from a source that is not registered, from this account as little as from another', () => {
    const denied = (inviteSources: object[]) =>
      statements(synthesise({ inviteSources })).filter(({ Effect }: Statement) => Effect === 'Deny');
    const expected = (sources: string[]) => [
      expect.objectContaining({
        Action: 'events:PutEvents',
        Principal: { AWS: '*' },
        Condition: { 'ForAnyValue:StringNotEquals': { 'events:source': sources } },
      }),
    ];
    expect(denied([source('111111111111', 'com.example.crm')])).toEqual(expected(['roster', 'com.example.crm']));
    expect(denied([])).toEqual(expected(['roster']));
    expect(statements(synthesise({ inviteSources: [] }))).toHaveLength(1);
  });
});

describe('the API', () => {
  const stage = (from: Template = template) => properties('AWS::ApiGatewayV2::Stage', from)[0];

  test('logs route, status and times of a request as JSON, and nothing that could name a person', () => {
    const format = JSON.parse(stage().AccessLogSettings.Format) as Record<string, string>;
    expect(Object.values(format).toSorted()).toEqual([
      '$context.integrationErrorMessage',
      '$context.integrationLatency',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.requestTime',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
    expect(named(stage().AccessLogSettings.DestinationArn)).toBe('ApiAccessLogs');
  });

  test('is throttled as configured', () => {
    expect(stage(synthesise({ throttle: { rate: 7, burst: 9 } })).DefaultRouteSettings).toEqual({
      ThrottlingRateLimit: 7,
      ThrottlingBurstLimit: 9,
    });
  });

  test('answers the pages of the configured origins, with the methods of the routes, and no page where none is configured', () => {
    expect(properties('AWS::ApiGatewayV2::Api')[0].CorsConfiguration).toMatchObject({
      AllowOrigins: ['https://app.example.com'],
      AllowMethods: ['POST', 'GET', 'PATCH', 'DELETE', 'PUT'],
      AllowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-match', 'x-tenant-id'],
      ExposeHeaders: ['etag', 'idempotency-replayed', 'location', 'retry-after', 'www-authenticate', 'x-request-id'],
    });
    expect(properties('AWS::ApiGatewayV2::Api', synthesise({ corsOrigins: [] }))[0]).not.toHaveProperty('CorsConfiguration');
  });

  test('answers at every tenant host under the suffix, and has no domain where none is configured', () => {
    expect(properties('AWS::ApiGatewayV2::DomainName')).toMatchObject([{ DomainName: '*.admin.example.com' }]);
    expect(properties('AWS::Route53::RecordSet')).toMatchObject([
      { Name: '*.admin.example.com.', Type: 'A', HostedZoneId: 'Z0123456789ABCDEFGHIJ' },
    ]);
    const without = synthesise({ tenantHost: undefined });
    expect(resources('AWS::ApiGatewayV2::DomainName', without)).toEqual([]);
    expect(resources('AWS::Route53::RecordSet', without)).toEqual([]);
    expect(resource('AWS::Lambda::Function', 'Users', without).Properties.Environment.Variables).not.toHaveProperty('TENANT_HOST_SUFFIX');
  });

  test('tells where it is and what its tables are called', () => {
    expect(Object.keys(template.Outputs).toSorted()).toEqual(['ApiUrl', 'DirectoryTableName', 'EventBusName', 'SecretsTableName']);
  });
});

test('every alarm tells the topic of the configuration', () => {
  const alarms = properties('AWS::CloudWatch::Alarm');
  for (const { AlarmActions, TreatMissingData, AlarmDescription } of alarms) {
    expect(AlarmActions).toEqual([example.alarmTopicArn]);
    expect(TreatMissingData).toBe('notBreaching');
    expect(AlarmDescription).toMatch(/\.$/);
  }
  const watched = alarms.map(({ MetricName, Dimensions }) =>
    [MetricName, ...Dimensions.map(({ Value }: { Value: unknown }) => (typeof Value === 'string' ? Value : named(Value)))].join(' '),
  );
  expect(watched.toSorted()).toEqual([
    '5xx Api $default',
    'Errors Documents',
    'Errors Passwords',
    'Errors Users',
    'ReadThrottleEvents Directory',
    'ReadThrottleEvents Secrets',
    'SystemErrors BatchGetItem Directory',
    'SystemErrors DeleteItem Directory',
    'SystemErrors DeleteItem Secrets',
    'SystemErrors GetItem Directory',
    'SystemErrors GetItem Secrets',
    'SystemErrors PutItem Secrets',
    'SystemErrors Query Directory',
    'SystemErrors TransactWriteItems Directory',
    'SystemErrors TransactWriteItems Secrets',
    'Throttles Documents',
    'Throttles Passwords',
    'Throttles Users',
    'TransactionConflict Directory',
    'TransactionConflict Secrets',
    'WriteThrottleEvents Directory',
    'WriteThrottleEvents Secrets',
  ]);
});

test('nothing of the local server is deployed', () => {
  expect(JSON.stringify(template)).not.toMatch(/_local|127\.0\.0\.1|localhost|AWS_ENDPOINT_URL/);
});

describe('checks', () => {
  /** What cdk-nag's AwsSolutions pack and CDK's own validation report of the stack, by plugin. */
  const report = (change?: (stack: ReturnType<typeof createStack>) => void) => {
    delete process.env['CDK_VALIDATION'];
    const app = createApp({ outdir: mkdtempSync(join(folder, 'checked-')) });
    const stack = createStack(app, configured(), bundles);
    change?.(stack);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const { exitCode } = process;
    try {
      app.synth();
    } catch {
      // The report says why.
    }
    process.exitCode = exitCode;
    const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8')) as {
      pluginReports: { pluginName: string; violations: { ruleName: string }[]; suppressedViolations: { reason: string }[] }[];
    };
    return pluginReports;
  };

  test('find nothing that is not acknowledged, with a reason', () => {
    const reports = report();
    expect(reports.map(({ pluginName }) => pluginName)).toContain('AwsSolutions');
    expect(reports.flatMap(({ violations }) => violations)).toEqual([]);
    const reasons = reports.flatMap(({ suppressedViolations }) => suppressedViolations).map(({ reason }) => reason);
    expect(reasons).toHaveLength(routes.length);
    for (const reason of reasons) expect(reason.length).toBeGreaterThan(30);
  });

  test('find a route that somebody adds beside the table', () => {
    const reports = report((stack) => void new CfnRoute(stack, 'Stray', { apiId: 'api', routeKey: 'GET /stray' }));
    expect(reports.flatMap(({ violations }) => violations).map(({ ruleName }) => ruleName)).toContain('AwsSolutions-APIG4');
  });
});
