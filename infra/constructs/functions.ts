import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AssetHashType, Duration, Stack, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import {
  Effect,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { ConfigurationSet } from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import type { SigningKeyArns } from '../../lib/deps/environment.ts';
import type { FunctionName } from '../../lib/api/routes.ts';
import { outboxIndex } from '../../lib/store/keys.ts';
import type { Bundles, DeployedFunction } from '../build/bundle.ts';
import { type Config, toRemovalPolicy, functionEnvironment } from '../config.ts';
import { isDeployed } from './consumer-table.ts';
import type { DeadLetters } from './dead-letters.ts';
import {
  type Statement,
  type ServiceResource,
  grants,
  listDeliveryAccess,
  type Resource,
} from './grants.ts';
import type { MacKey } from './mac-keys.ts';
import { listMailArns, senderCondition } from './mail.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Tables } from './tables.ts';

/** Resources that the functions use. */
export interface Resources {
  readonly tables: Tables;
  readonly linkKeys: readonly MacKey[];
  readonly webhookKeys: readonly MacKey[];
  readonly mail: ConfigurationSet;
  readonly eventBus: EventBus;
  readonly failures: DeadLetters;
  /** Undefined without an event feed. */
  readonly archive?: Bucket;
  readonly signingKeys: SigningKeys;
  /** Undefined without an event feed. */
  readonly checkpointKey?: Key;
  readonly api: HttpApi;
}

/** Public URL of the API. */
export const getApiUrl = ({ defaultEndpoint, issuerUrl = '' }: Config, api: HttpApi): string =>
  defaultEndpoint ? api.apiEndpoint : issuerUrl;

/** Functions of the stack. Those of the event feed are missing in a deployment without it. */
export type Functions = Readonly<Record<FunctionName, LambdaFunction>> &
  Readonly<Partial<Record<DeployedFunction, LambdaFunction>>>;
/** Only key policies grant access to keys. */
/** Converts a function name to Pascal case, as in the IDs of its resources. */
export const toLogicalId = (name: DeployedFunction): string =>
  name.replaceAll(/(^|-)([a-z])/g, (_match, _dash, letter: string) => letter.toUpperCase());

type Keys = Readonly<Partial<Record<Resource, readonly Key[]>>>;
type Arns = Readonly<Record<Resource | ServiceResource, readonly string[]>>;

/** Inputs that all functions share. */
interface Shared {
  readonly config: Config;
  readonly arns: Arns;
  readonly keys: Keys;
  readonly environment: Record<string, string>;
}

interface FunctionsProps {
  readonly config: Config;
  readonly resources: Resources;
  readonly bundles: Bundles;
}

/**
 * Adds one Lambda for each group of rights, with its own log group and a role that has exactly the
 * rights in `grants`.
 */
export const addFunctions = (
  scope: Construct,
  { config, resources, bundles }: FunctionsProps,
): Functions => {
  const {
    tables,
    linkKeys,
    webhookKeys,
    mail,
    eventBus,
    archive,
    signingKeys,
    checkpointKey,
    api,
  } = resources;
  const environment = functionEnvironment(config, {
    directoryTable: tables.directory.tableName,
    secretsTable: tables.secrets.tableName,
    linkKeys: linkKeys.map(({ id, key }) => ({ id, key: key.keyArn })),
    webhookKeys: webhookKeys.map(({ id, key }) => ({ id, key: key.keyArn })),
    mailConfigurationSet: mail.configurationSetName,
    eventBus: eventBus.eventBusName,
    ...(archive && { archiveUrl: `https://${archive.bucketRegionalDomainName}` }),
    signingKeys: toSigningKeyArns(signingKeys),
    ...(checkpointKey && { checkpointKey: checkpointKey.keyArn }),
    apiUrl: getApiUrl(config, api),
    ...(config.defaultEndpoint && { apiEndpoint: api.apiEndpoint }),
  });
  const arns = listArns(resources, config);
  const keys: Keys = {
    linkKeys: linkKeys.map(({ key }) => key),
    webhookKeys: webhookKeys.map(({ key }) => key),
    signingKeys: Object.values(signingKeys),
    ...(checkpointKey && { checkpointKey: [checkpointKey] }),
  };
  const names = (Object.keys(grants) as DeployedFunction[]).filter((name) =>
    isDeployed(name, config),
  );
  const shared = { config, arns, keys, environment };
  return Object.fromEntries(
    names.map((name) => [name, addFunction(scope, name, { ...shared, folder: bundles[name] })]),
  ) as Functions;
};

const addFunction = (
  scope: Construct,
  name: DeployedFunction,
  { config, arns, keys, environment, folder }: Shared & { readonly folder: string },
): LambdaFunction => {
  const { memorySize, timeout, statements: allowances } = grants[name];
  const delivery = listDeliveryAccess(name);
  const ofRole = allowances.filter(({ on }) => !(on in keys));
  const id = toLogicalId(name);
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    retention: config.logRetentionDays,
    removalPolicy: toRemovalPolicy(config),
  });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `Rights of the ${name} function`,
    inlinePolicies: {
      logs: new PolicyDocument({
        statements: [
          createStatement(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
        ],
      }),
      ...(ofRole.length > 0 && {
        operations: createPolicyDocument(ofRole, arns, {
          mail: senderCondition(config),
          archive: { StringEquals: { 's3:prefix': 'checkpoints/' } },
        }),
      }),
      ...(delivery.length > 0 && { delivery: createPolicyDocument(delivery, arns) }),
    },
  });
  for (const { on } of [...ofRole, ...delivery])
    acknowledgeWildcards(role, arns[on], wildcardReasons[on]);
  for (const { on, actions } of allowances) {
    for (const key of keys[on] ?? []) {
      key.addToResourcePolicy(
        new PolicyStatement({
          sid: id,
          principals: [role],
          actions: [...actions],
          resources: ['*'],
        }),
      );
    }
  }
  return new LambdaFunction(scope, id, {
    description: `Roster: ${name}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: `${name}.handler`,
    code: Code.fromAsset(folder, {
      assetHash: hashContents(folder),
      assetHashType: AssetHashType.CUSTOM,
    }),
    memorySize,
    timeout: Duration.seconds(timeout),
    ...reserveConcurrency(name, config),
    // `grants` lists all rights. Constructs would add more.
    role: role.withoutPolicyUpdates(),
    logGroup,
    environment: allowances.length > 0 ? environment : pick(environment, 'DEPLOYMENT'),
  });
};

/**
 * Concurrent executions of the mailer share the sending rate of the SES account, and slow endpoints
 * of webhooks must not use the quota of the account.
 */
const reserveConcurrency = (name: DeployedFunction, { mail, webhookConcurrency }: Config) => {
  const reserved: Partial<Record<DeployedFunction, number | undefined>> = {
    mailer: mail.concurrency,
    'webhook-delivery': webhookConcurrency,
  };
  const concurrency = reserved[name];
  return concurrency === undefined ? {} : { reservedConcurrentExecutions: concurrency };
};

const pick = (variables: Record<string, string>, name: string): Record<string, string> => ({
  [name]: variables[name] ?? '',
});

/**
 * Hash of the files in a folder. Compressed files count by their content, because compressed bytes
 * can differ between machines.
 */
export const hashContents = (folder: string): string => {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).toSorted()) {
    const content = readFileSync(join(folder, file));
    hash.update(JSON.stringify(file)).update(
      createHash('sha256')
        .update(file.endsWith('.gz') ? gunzipSync(content) : content)
        .digest(),
    );
  }
  return hash.digest('hex');
};

const toSigningKeyArns = ({ current, next, previous }: SigningKeys): SigningKeyArns => ({
  current: current.keyArn,
  ...(next && { next: next.keyArn }),
  ...(previous && { previous: previous.keyArn }),
});

const listArns = (
  { tables: { directory, secrets }, mail, eventBus, failures, archive }: Resources,
  config: Config,
): Arns => ({
  directory: [directory.tableArn],
  outbox: [`${directory.tableArn}/index/${outboxIndex.name}`],
  secrets: [secrets.tableArn],
  linkKeys: [],
  webhookKeys: [],
  signingKeys: [],
  checkpointKey: [],
  mail: listMailArns(mail, config),
  eventBus: [eventBus.eventBusArn],
  stream: [directory.tableStreamArn ?? ''],
  failures: [failures.bucket.bucketArn],
  failureRecords: [failures.bucket.arnForObjects('*')],
  archivedEvents: archive ? [archive.arnForObjects('events/*')] : [],
  checkpoints: archive ? [archive.arnForObjects('checkpoints/*')] : [],
  archive: archive ? [archive.bucketArn] : [],
});

/** Reasons for wildcards in ARNs. */
const wildcardReasons: Readonly<Partial<Record<Resource | ServiceResource, string>>> = {
  mail: 'SES can verify each address of a domain separately.',
  failureRecords: 'Lambda chooses the name of each record.',
  archivedEvents: 'The name of each object has its tenant and its events.',
  checkpoints: 'The name of each object has the number of the checkpoint.',
};

const acknowledgeWildcards = (role: Role, arns: readonly string[], reason = ''): void => {
  for (const arn of arns
    .map((each) => renderArn(Stack.of(role).resolve(each)))
    .filter((each) => each.includes('*'))) {
    Validations.of(role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arn}]`,
      reason,
    });
  }
};

/** ARN with references, as cdk-nag writes it in the name of a finding. */
const renderArn = (value: string | Record<string, any>): string => {
  if (typeof value === 'string') return value;
  const [[, argument]] = Object.entries(value) as [[string, any]];
  return 'Fn::Join' in value
    ? argument[1].map(renderArn).join('')
    : `<${[argument].flat().join('.')}>`;
};

const createPolicyDocument = (
  allowances: readonly Statement<Resource | ServiceResource>[],
  arns: Arns,
  conditions: Partial<Record<Resource | ServiceResource, Record<string, object>>> = {},
): PolicyDocument =>
  new PolicyDocument({
    statements: allowances.map(({ on, actions, partitions, attributes }) =>
      createStatement(
        actions,
        arns[on],
        partitions === undefined ? conditions[on] : partitionCondition(partitions, attributes),
      ),
    ),
  });

const createStatement = (
  actions: readonly string[],
  resources: readonly string[],
  conditions: Record<string, object> = {},
): PolicyStatement =>
  new PolicyStatement({
    effect: Effect.ALLOW,
    actions: [...actions],
    resources: [...resources],
    conditions,
  });

/** `ForAllValues` also matches a request without keys, so the second condition requires one. */
const partitionCondition = (
  partitions: readonly string[],
  attributes: readonly string[] | undefined,
): Record<string, object> => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] },
  ...(attributes && { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] } }),
  Null: { 'dynamodb:LeadingKeys': 'false' },
});
