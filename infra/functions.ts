import { Duration } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionName } from '../lib/http/routes.ts';
import { keys } from '../lib/store/keys.ts';
import type { Bundles } from './bundle.ts';
import { type Config, removalPolicy, settings } from './config.ts';
import type { TableName, Tables } from './tables.ts';

/** Actions on one table; with `partition` on the items under that partition key alone. */
interface Allowance {
  readonly table: TableName;
  readonly actions: readonly string[];
  readonly partition?: string;
}

/** What a function is given: its size, and the only things that it may do to a table. */
interface Grant {
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly allowances: readonly Allowance[];
}

// 1769 MB is one whole vCPU: hashing a password and starting the policy engine are pure computing, about three times
// slower at 512 MB and no cheaper. A call waits for a key set at most and for a few tries of one transaction, and gives
// up in time to say so; 10 s leaves room for both, well before the gateway's 30 s.
const wholeProcessor = { memorySize: 1769, timeout: Duration.seconds(10) };

/** What each function does to the tables, and nothing besides; a test holds it against what they send. */
export const grants: Readonly<Record<FunctionName, Grant>> = {
  users: {
    ...wholeProcessor,
    allowances: [
      {
        table: 'directory',
        actions: [
          'dynamodb:GetItem',
          'dynamodb:BatchGetItem',
          'dynamodb:Query',
          'dynamodb:PutItem',
          'dynamodb:UpdateItem',
          'dynamodb:DeleteItem',
        ],
      },
      // A hash is written together with its user and removed with it, and nothing here has a reason to read one.
      { table: 'secrets', actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'] },
      // Cursors and repeated creates are sealed with the deployment's own key, which lies beside the hashes.
      { table: 'secrets', actions: ['dynamodb:GetItem'], partition: keys.deploymentKey.pk },
    ],
  },
  // Hashes twice, the password that is and the one that is to be. It alone reads hashes, and it removes nothing.
  passwords: {
    ...wholeProcessor,
    allowances: [
      { table: 'directory', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
      { table: 'secrets', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
    ],
  },
  // Answers out of its own folder and waits for nobody.
  documents: { memorySize: 256, timeout: Duration.seconds(5), allowances: [] },
};

export type Functions = Readonly<Record<FunctionName, LambdaFunction>>;

/** One Lambda for each group of rights, with its own log group and a role that allows what `grants` lists and no more. */
export const addFunctions = (scope: Construct, config: Config, tables: Tables, bundles: Bundles): Functions => {
  const names = Object.keys(grants) as FunctionName[];
  return Object.fromEntries(names.map((name) => [name, addFunction(scope, name, config, tables, bundles[name])])) as Functions;
};

const addFunction = (scope: Construct, name: FunctionName, config: Config, tables: Tables, folder: string): LambdaFunction => {
  const { memorySize, timeout, allowances } = grants[name];
  const id = name[0]?.toUpperCase() + name.slice(1);
  const logGroup = new LogGroup(scope, `${id}Logs`, { retention: config.logRetentionDays, removalPolicy: removalPolicy(config) });
  const granted = allowances.map(({ table, actions, partition }) =>
    allow(actions, tables[table].tableArn, partition === undefined ? undefined : onlyPartition(partition)),
  );
  const role = new Role(scope, `${id}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `What the ${name} function may do`,
    inlinePolicies: {
      logs: new PolicyDocument({ statements: [allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn)] }),
      ...(granted.length > 0 && { tables: new PolicyDocument({ statements: granted }) }),
    },
  });
  return new LambdaFunction(scope, id, {
    description: `Roster: ${name}`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: `${name}.handler`,
    code: Code.fromAsset(folder),
    memorySize,
    timeout,
    role,
    logGroup,
    environment:
      granted.length > 0
        ? { DIRECTORY_TABLE: tables.directory.tableName, SECRETS_TABLE: tables.secrets.tableName, ...settings(config) }
        : {},
  });
};

const allow = (actions: readonly string[], resource: string, conditions: Record<string, object> = {}): PolicyStatement =>
  new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [resource], conditions });

/** `ForAllValues` holds of nothing at all too, so the second condition asks that there be a key. */
const onlyPartition = (key: string): Record<string, object> => ({
  'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [key] },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});
