import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import type { CorsConfiguration } from './cors.ts';
import type { Table } from './database.ts';
import { accountId } from './event.ts';
import type { Routed } from './routing.ts';

/** A Lambda function as the stack declares it, with its code where synthesis put it. */
export interface DeclaredFunction {
  readonly name: string;
  /** The folder with the code, and `file.export` in it. */
  readonly folder: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the stack declares, as far as it can run on this machine. */
export interface Declared {
  readonly routes: readonly Routed<DeclaredFunction>[];
  readonly cors: CorsConfiguration | undefined;
  readonly tables: readonly Table[];
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, any>;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/** Reads the one stack in a folder that `cdk synth` filled. Throws, naming the place, where something has no local counterpart. */
export function readTemplate(folder: string): Declared {
  const file = readdirSync(folder).find((name) => name.endsWith('.template.json'));
  if (file === undefined) throw new Error(`${folder} holds no template`);
  const template = readJson(join(folder, file)) as Template;
  const assets = readJson(join(folder, file.replace('.template.json', '.assets.json'))) as Assets;
  const ofType = (type: string) => Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
  const functions = new Map(
    ofType('AWS::Lambda::Function').map(([id, resource]) => [id, declaredFunction(id, resource, template, folder, assets)]),
  );

  const routes = ofType('AWS::ApiGatewayV2::Route').map(([id, { Properties = {} }]): Routed<DeclaredFunction> => {
    const target = String(resolve(Properties.Target, template, `${id}.Target`)).replace(/^integrations\//, '');
    const uri = resolve(template.Resources[target]?.Properties?.IntegrationUri, template, `${target}.IntegrationUri`);
    const found = functions.get(String(uri).split(':').at(-1) ?? '');
    if (found === undefined) throw new Error(`${id}: its integration ${target} leads to no function of the stack`);
    return { routeKey: String(Properties.RouteKey), target: found };
  });

  const [api] = ofType('AWS::ApiGatewayV2::Api').map(([, { Properties }]) => Properties);
  const tables = [...ofType('AWS::DynamoDB::GlobalTable'), ...ofType('AWS::DynamoDB::Table')];
  return {
    routes,
    cors: api?.CorsConfiguration as CorsConfiguration | undefined,
    tables: tables.map(([id, { Properties = {} }]) => declaredTable(nameOf(id, template), Properties)),
  };
}

function declaredFunction(id: string, { Properties = {} }: Resource, template: Template, folder: string, assets: Assets): DeclaredFunction {
  const asset = Object.values(assets.files).find(({ destinations }) =>
    Object.values(destinations).some(({ objectKey }) => objectKey === Properties.Code?.S3Key),
  );
  if (asset === undefined) throw new Error(`${id}: its code is no asset of the stack`);
  const variables = Object.entries(Properties.Environment?.Variables ?? {});
  return {
    name: nameOf(id, template),
    folder: join(folder, asset.source.path),
    handler: Properties.Handler,
    timeoutMs: (Properties.Timeout ?? 3) * 1000,
    memoryMb: Properties.MemorySize ?? 128,
    environment: Object.fromEntries(
      variables.map(([name, value]) => [name, String(resolve(value, template, `${id}.Environment.${name}`))]),
    ),
  };
}

/** What CreateTable takes of a declaration. The rest, such as backups and encryption, is AWS's to do. */
function declaredTable(TableName: string, properties: Record<string, unknown>): Table {
  const { KeySchema, AttributeDefinitions, GlobalSecondaryIndexes, StreamSpecification, TimeToLiveSpecification } = properties as Partial<
    CreateTableCommandInput & { TimeToLiveSpecification: { AttributeName?: string; Enabled?: boolean } }
  >;
  return {
    create: {
      TableName,
      KeySchema,
      AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
      ...(GlobalSecondaryIndexes && { GlobalSecondaryIndexes }),
      ...(StreamSpecification && { StreamSpecification: { ...StreamSpecification, StreamEnabled: true } }),
    },
    ...(TimeToLiveSpecification?.Enabled && { timeToLiveAttribute: TimeToLiveSpecification.AttributeName ?? '' }),
  };
}

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::AccountId': accountId,
  'AWS::Region': 'local',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'local',
};

/** A value of the template with its references replaced by what they name here. */
function resolve(value: unknown, template: Template, place: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [key, argument] = Object.entries(value)[0] ?? [];
  const refuse = () => new Error(`${place}: ${JSON.stringify(value)} has no counterpart on this machine`);
  const part = (inner: unknown) => String(resolve(inner, template, place));
  const reference = (id: string) => pseudoParameters[id] ?? (template.Resources[id] && nameOf(id, template));
  const attribute = (id: string, name: string) => (name === 'Arn' && template.Resources[id] ? arnOf(id, template) : undefined);

  let resolved: string | undefined;
  if (key === 'Ref') resolved = reference(String(argument));
  if (key === 'Fn::GetAtt' && Array.isArray(argument)) resolved = attribute(String(argument[0]), String(argument[1]));
  if (key === 'Fn::Join' && Array.isArray(argument)) resolved = (argument[1] as unknown[]).map(part).join(String(argument[0]));
  if (key === 'Fn::Sub') {
    const [text, given] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
    resolved = text.replace(/\$\{([^!}]+)\}/g, (_, name: string) => {
      const [id = '', attributeName] = name.split('.');
      const found = name in given ? part(given[name]) : attributeName === undefined ? reference(id) : attribute(id, attributeName);
      if (found === undefined) throw refuse();
      return found;
    });
  }
  if (resolved === undefined) throw refuse();
  return resolved;
}

/** What CloudFormation calls the physical name: the one that is given, else one of its own making, here the logical id. */
function nameOf(id: string, { Resources }: Template): string {
  const { TableName, FunctionName } = Resources[id]?.Properties ?? {};
  return [TableName, FunctionName].find((name) => typeof name === 'string') ?? id;
}

/** Only the last part of an ARN is used here: what it names. */
function arnOf(id: string, template: Template): string {
  const { Type = '' } = template.Resources[id] ?? {};
  return `arn:aws:${Type.split('::')[1]?.toLowerCase()}:local:${accountId}:${nameOf(id, template)}`;
}

interface Assets {
  readonly files: Readonly<
    Record<
      string,
      { readonly source: { readonly path: string }; readonly destinations: Readonly<Record<string, { readonly objectKey: string }>> }
    >
  >;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
