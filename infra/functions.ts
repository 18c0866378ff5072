import { Duration } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { FunctionName } from '../lib/http/routes.ts';
import type { Bundles } from './bundle.ts';
import { type Config, removalPolicy, settings } from './config.ts';
import type { TableName, Tables } from './tables.ts';

/** What a function is given: its size, and the only things that it may do to a table. */
interface Grant {
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly actions: Partial<Record<TableName, readonly string[]>>;
}

const grants: Readonly<Record<FunctionName, Grant>> = {
  // 1769 MB is one whole vCPU: hashing a password and starting the policy engine are pure computing, about three times
  // slower at 512 MB and no cheaper. A create waits for a key set at most and for a few tries of one transaction, and gives
  // up in time to say so; 10 s leaves room for both, well before the gateway's 30 s.
  users: {
    memorySize: 1769,
    timeout: Duration.seconds(10),
    actions: {
      directory: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
      // A hash is written together with its user, and nothing here has a reason to read one.
      secrets: ['dynamodb:PutItem'],
    },
  },
  // Answers out of its own folder and waits for nobody.
  documents: { memorySize: 256, timeout: Duration.seconds(5), actions: {} },
};

export type Functions = Readonly<Record<FunctionName, LambdaFunction>>;

/** One Lambda for each group of rights, with its own log group and a role that allows what `grants` lists and no more. */
export const addFunctions = (scope: Construct, config: Config, tables: Tables, bundles: Bundles): Functions => {
  const names = Object.keys(grants) as FunctionName[];
  return Object.fromEntries(names.map((name) => [name, addFunction(scope, name, config, tables, bundles[name])])) as Functions;
};

const addFunction = (scope: Construct, name: FunctionName, config: Config, tables: Tables, folder: string): LambdaFunction => {
  const { memorySize, timeout, actions } = grants[name];
  const id = name[0]?.toUpperCase() + name.slice(1);
  const logGroup = new LogGroup(scope, `${id}Logs`, { retention: config.logRetentionDays, removalPolicy: removalPolicy(config) });
  const allow = (allowed: readonly string[], resource: string) =>
    new PolicyStatement({ effect: Effect.ALLOW, actions: [...allowed], resources: [resource] });
  const granted = (Object.entries(actions) as [TableName, readonly string[]][]).map(([table, allowed]) =>
    allow(allowed, tables[table].tableArn),
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
