import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateTableCommandInput, GlobalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import {
  type AllAsynchronousSettings,
  declaredAsynchronousSettings,
  declaredMappings,
  declaredRules,
  type EventRule,
  type StreamMapping,
} from './event-sources.ts';
import type { CorsConfiguration } from '../gateway/cors.ts';
import type { Table } from '../process/database.ts';
import { namedBy, nameOf, ofType, resolve, type Resource, type Template } from './references.ts';
import type { Routed } from '../gateway/routing.ts';

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
  /** Those that something leads to: a route, a stream, or a rule. */
  readonly functions: readonly DeclaredFunction[];
  readonly routes: readonly Routed<DeclaredFunction>[];
  readonly cors: CorsConfiguration | undefined;
  readonly tables: readonly Table[];
  readonly mappings: readonly StreamMapping[];
  readonly rules: readonly EventRule[];
  readonly asynchronous: AllAsynchronousSettings;
  /** The name of the event bus that is the stack's own. */
  readonly eventBus: string;
}

/** Reads the one stack in a folder that `cdk synth` filled. Throws, naming the place, where something has no local counterpart. */
export function readTemplate(folder: string): Declared {
  const file = readdirSync(folder).find((name) => name.endsWith('.template.json'));
  if (file === undefined) throw new Error(`${folder} holds no template`);
  const template = readJson(join(folder, file)) as Template;
  const assets = readJson(join(folder, file.replace('.template.json', '.assets.json'))) as Assets;
  const functions = ofType('AWS::Lambda::Function', template).map(([id, properties]) =>
    declaredFunction(id, properties, template, folder, assets),
  );

  const routes = ofType('AWS::ApiGatewayV2::Route', template).map(
    ([id, properties]): Routed<DeclaredFunction> => {
      const target = String(resolve(properties.Target, template, `${id}.Target`)).replace(
        /^integrations\//,
        '',
      );
      const uri = resolve(
        template.Resources[target]?.Properties?.IntegrationUri,
        template,
        `${target}.IntegrationUri`,
      );
      const found = functions.find(({ name }) => name === namedBy(String(uri)));
      if (found === undefined)
        throw new Error(`${id}: its integration ${target} leads to no function of the stack`);
      return { routeKey: String(properties.RouteKey), target: found };
    },
  );

  const [api] = ofType('AWS::ApiGatewayV2::Api', template).map(([, properties]) => properties);
  const tables = [
    ...ofType('AWS::DynamoDB::GlobalTable', template),
    ...ofType('AWS::DynamoDB::Table', template),
  ];
  const mappings = declaredMappings(template);
  const rules = declaredRules(template);
  const needed = new Set([
    ...routes.map(({ target }) => target.name),
    ...mappings.map(({ functionName }) => functionName),
    ...rules.flatMap(({ functionNames }) => functionNames),
  ]);
  return {
    functions: functions.filter(({ name }) => needed.has(name)),
    routes,
    cors: api?.CorsConfiguration as CorsConfiguration | undefined,
    tables: tables.map(([id, properties]) => declaredTable(nameOf(id, template), properties)),
    mappings,
    rules,
    asynchronous: declaredAsynchronousSettings(template),
    eventBus:
      ofType('AWS::Events::EventBus', template).map(([id]) => nameOf(id, template))[0] ?? 'default',
  };
}

function declaredFunction(
  id: string,
  properties: NonNullable<Resource['Properties']>,
  template: Template,
  folder: string,
  assets: Assets,
): DeclaredFunction {
  const asset = Object.values(assets.files).find(({ destinations }) =>
    Object.values(destinations).some(({ objectKey }) => objectKey === properties.Code?.S3Key),
  );
  if (asset === undefined) throw new Error(`${id}: its code is no asset of the stack`);
  const variables = Object.entries(properties.Environment?.Variables ?? {});
  return {
    name: nameOf(id, template),
    folder: join(folder, asset.source.path),
    handler: properties.Handler,
    timeoutMs: (properties.Timeout ?? 3) * 1000,
    memoryMb: properties.MemorySize ?? 128,
    environment: Object.fromEntries(
      variables.map(([name, value]) => [
        name,
        String(resolve(value, template, `${id}.Environment.${name}`)),
      ]),
    ),
  };
}

/** What CreateTable takes of a declaration. The rest, such as backups and encryption, is AWS's to do. */
function declaredTable(TableName: string, properties: Record<string, unknown>): Table {
  const {
    KeySchema,
    AttributeDefinitions,
    GlobalSecondaryIndexes,
    StreamSpecification,
    TimeToLiveSpecification,
  } = properties as Partial<
    CreateTableCommandInput & {
      TimeToLiveSpecification: { AttributeName?: string; Enabled?: boolean };
    }
  >;
  return {
    create: {
      TableName,
      KeySchema,
      AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
      ...(GlobalSecondaryIndexes && {
        GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(declaredIndex),
      }),
      ...(StreamSpecification && {
        StreamSpecification: { ...StreamSpecification, StreamEnabled: true },
      }),
    },
    ...(TimeToLiveSpecification?.Enabled && {
      timeToLiveAttribute: TimeToLiveSpecification.AttributeName ?? '',
    }),
  };
}

/** Its throughput is on demand, like the table's. */
function declaredIndex({
  IndexName,
  KeySchema,
  Projection,
}: GlobalSecondaryIndex): GlobalSecondaryIndex {
  return { IndexName, KeySchema, Projection };
}

interface Assets {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
