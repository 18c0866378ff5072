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
import type { ConfigurationSet } from 'aws-cdk-lib/aws-ses';
import type { Construct } from 'constructs';
import type { SigningKeyArns } from '../../lib/deps/environment.ts';
import { outboxIndex } from '../../lib/store/keys.ts';
import { getApiUrl } from './api.ts';
import type { Bundles, Deployed } from '../build/bundle.ts';
import { type Config, removalPolicy, settings } from '../config.ts';
import type { Failures } from './dead-letters.ts';
import { type Allowance, type Delivered, grants, type Operated } from './grants.ts';
import type { LinkKey } from './link-keys.ts';
import { mailArns, onlySenders } from './mail.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Tables } from './tables.ts';

/** What the functions work with. */
export interface Resources {
  readonly tables: Tables;
  readonly linkKeys: readonly LinkKey[];
  readonly mail: ConfigurationSet;
  readonly eventBus: EventBus;
  readonly failures: Failures;
  readonly signingKeys: SigningKeys;
  readonly api: HttpApi;
}

export type Functions = Readonly<Record<Deployed, LambdaFunction>>;
/** Their own policies say who may use them: nothing else in the account does. */
type Keys = Readonly<Partial<Record<Operated, readonly Key[]>>>;
type Arns = Readonly<Record<Operated | Delivered, readonly string[]>>;

/** Parts that all functions share. */
interface Shared {
  readonly config: Config;
  readonly arns: Arns;
  readonly keys: Keys;
  readonly environment: Record<string, string>;
}

/** One Lambda for each group of rights, with its own log group and a role that allows what `grants` lists and no more. */
export const addFunctions = (
  scope: Construct,
  config: Config,
  resources: Resources,
  bundles: Bundles,
): Functions => {
  const { tables, linkKeys, mail, eventBus, signingKeys, api } = resources;
  const environment = settings(config, {
    directoryTable: tables.directory.tableName,
    secretsTable: tables.secrets.tableName,
    linkKeys: linkKeys.map(({ id, key }) => ({ id, key: key.keyArn })),
    mailConfigurationSet: mail.configurationSetName,
    eventBus: eventBus.eventBusName,
    signingKeys: arnsByName(signingKeys),
    apiUrl: getApiUrl(config, api),
  });
  const arns = arnsOf(resources, config);
  const keys: Keys = {
    linkKeys: linkKeys.map(({ key }) => key),
    signingKeys: Object.values(signingKeys),
  };
  const names = Object.keys(grants) as Deployed[];
  const shared = { config, arns, keys, environment };
  return Object.fromEntries(
    names.map((name) => [name, addFunction(scope, name, bundles[name], shared)]),
  ) as Functions;
};

const addFunction = (
  scope: Construct,
  name: Deployed,
  folder: string,
  { config, arns, keys, environment }: Shared,
): LambdaFunction => {
  const { memorySize, timeout, allowances, delivery = [] } = grants[name];
  const ofRole = allowances.filter(({ on }) => !(on in keys));
  const id = name.replaceAll(/(^|-)([a-z])/g, (_match, _dash, letter: string) =>
    letter.toUpperCase(),
  );
  const logGroup = new LogGroup(scope, `${id}Logs`, {
    retention: config.logRetentionDays,
    removalPolicy: removalPolicy(config),
  });
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `What the ${name} function may do`,
    inlinePolicies: {
      logs: new PolicyDocument({
        statements: [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn])],
      }),
      ...(ofRole.length > 0 && { operations: policy(ofRole, arns, { mail: onlySenders(config) }) }),
      ...(delivery.length > 0 && { delivery: policy(delivery, arns) }),
    },
  });
  for (const { on } of [...ofRole, ...delivery])
    acknowledgeWildcards(role, arns[on], wildcards[on]);
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
    // What constructs would grant of their own accord is in `grants` already, or is too much.
    role: role.withoutPolicyUpdates(),
    logGroup,
    environment: allowances.length > 0 ? environment : pick(environment, 'DEPLOYMENT'),
  });
};

const pick = (variables: Record<string, string>, name: string): Record<string, string> => ({
  [name]: variables[name] ?? '',
});

/** Hash of the files in a folder, compressed ones as what they contain: compressed bytes can differ between machines. */
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

const arnsByName = ({ current, next, previous }: SigningKeys): SigningKeyArns => ({
  current: current.keyArn,
  ...(next && { next: next.keyArn }),
  ...(previous && { previous: previous.keyArn }),
});

const arnsOf = (
  { tables: { directory, secrets }, mail, eventBus, failures }: Resources,
  config: Config,
): Arns => ({
  directory: [directory.tableArn],
  outbox: [`${directory.tableArn}/index/${outboxIndex.name}`],
  secrets: [secrets.tableArn],
  linkKeys: [],
  signingKeys: [],
  mail: mailArns(mail, config),
  eventBus: [eventBus.eventBusArn],
  stream: [directory.tableStreamArn ?? ''],
  failures: [failures.bucket.bucketArn],
  failureRecords: [failures.bucket.arnForObjects('*')],
});

/** Why an ARN does not name one single thing. */
const wildcards: Readonly<Partial<Record<Operated | Delivered, string>>> = {
  mail: 'SES may have verified each address of a domain by itself.',
  failureRecords: 'Lambda makes up a name for each record.',
};

const acknowledgeWildcards = (role: Role, arns: readonly string[], reason = ''): void => {
  for (const arn of arns
    .map((each) => spelled(Stack.of(role).resolve(each)))
    .filter((each) => each.includes('*'))) {
    Validations.of(role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::${arn}]`,
      reason,
    });
  }
};

/** An ARN with references in it, as cdk-nag writes it into the name of a finding. */
const spelled = (value: string | Record<string, any>): string => {
  if (typeof value === 'string') return value;
  const [[, argument]] = Object.entries(value) as [[string, any]];
  return 'Fn::Join' in value
    ? argument[1].map(spelled).join('')
    : `<${[argument].flat().join('.')}>`;
};

const policy = (
  allowances: readonly Allowance<Operated | Delivered>[],
  arns: Arns,
  conditions: Partial<Record<Operated | Delivered, Record<string, object>>> = {},
): PolicyDocument =>
  new PolicyDocument({
    statements: allowances.map(({ on, actions, partitions }) =>
      allow(
        actions,
        arns[on],
        partitions === undefined ? conditions[on] : onlyPartitions(partitions),
      ),
    ),
  });

const allow = (
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

/** `ForAllValues` holds of nothing at all too, so the second condition asks that there be a key. */
const onlyPartitions = (partitions: readonly string[]): Record<string, object> => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});
