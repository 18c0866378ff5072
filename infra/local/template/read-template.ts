import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateTableCommandInput, GlobalSecondaryIndex } from '@aws-sdk/client-dynamodb';
import {
  type AllAsynchronousSettings,
  readAsynchronousSettings,
  readStreamMappings,
  readRules,
  type EventRule,
  type StreamMapping,
} from './event-sources.ts';
import type { CorsConfiguration } from '../gateway/cors.ts';
import type { Table } from '../process/database.ts';
import {
  getReferencedName,
  getPhysicalName,
  listResources,
  resolve,
  type Resource,
  type Template,
} from './references.ts';
import type { RouteTarget } from '../gateway/routing.ts';

/** Lambda function of the stack, with the folder of its code. */
export interface DeclaredFunction {
  readonly name: string;
  /** Folder with the code, and `file.export` in it. */
  readonly folder: string;
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** Resources of the stack that can run on this machine. */
export interface LocalStack {
  /** Functions with a route, a stream or a rule. */
  readonly functions: readonly DeclaredFunction[];
  readonly routes: readonly RouteTarget<DeclaredFunction>[];
  readonly cors: CorsConfiguration | undefined;
  readonly tables: readonly Table[];
  readonly mappings: readonly StreamMapping[];
  readonly rules: readonly EventRule[];
  readonly asynchronous: AllAsynchronousSettings;
  /** Name of the event bus of the stack. */
  readonly eventBus: string;
}

/**
 * Reads the stack in a folder that `buildStack` wrote. Throws an error that names the resource if it
 * has no local counterpart.
 */
export function readTemplate(folder: string): LocalStack {
  const file = readdirSync(folder).find((name) => name.endsWith('.template.json'));
  if (file === undefined) throw new Error(`${folder} contains no template`);
  const template = readJson(join(folder, file)) as Template;
  const functions = listResources('AWS::Lambda::Function', template).map(([id, properties]) =>
    readFunction(id, properties, { template, folder }),
  );

  const routes = listResources('AWS::ApiGatewayV2::Route', template).map(
    ([id, properties]): RouteTarget<DeclaredFunction> => {
      const integrationId = String(resolve(properties.Target, template, `${id}.Target`)).replace(
        /^integrations\//,
        '',
      );
      const uri = resolve(
        template.Resources[integrationId]?.Properties?.IntegrationUri,
        template,
        `${integrationId}.IntegrationUri`,
      );
      const target = functions.find(({ name }) => name === getReferencedName(String(uri)));
      if (target === undefined)
        throw new Error(`${id}: its integration ${integrationId} is not a function of the stack`);
      return { routeKey: String(properties.RouteKey), target };
    },
  );

  const [api] = listResources('AWS::ApiGatewayV2::Api', template).map(
    ([, properties]) => properties,
  );
  const tables = [
    ...listResources('AWS::DynamoDB::GlobalTable', template),
    ...listResources('AWS::DynamoDB::Table', template),
  ];
  const mappings = readStreamMappings(template);
  const rules = readRules(template);
  const needed = new Set([
    ...routes.map(({ target }) => target.name),
    ...mappings.map(({ functionName }) => functionName),
    ...rules.flatMap(({ functionNames }) => functionNames),
  ]);
  return {
    functions: functions.filter(({ name }) => needed.has(name)),
    routes,
    cors: api?.CorsConfiguration as CorsConfiguration | undefined,
    tables: tables.map(([id, properties]) => readTable(getPhysicalName(id, template), properties)),
    mappings,
    rules,
    asynchronous: readAsynchronousSettings(template),
    eventBus:
      listResources('AWS::Events::EventBus', template).map(([id]) =>
        getPhysicalName(id, template),
      )[0] ?? 'default',
  };
}

interface Synthesized {
  readonly template: Template;
  readonly folder: string;
}

function readFunction(
  id: string,
  properties: NonNullable<Resource['Properties']>,
  { template, folder }: Synthesized,
): DeclaredFunction {
  const variables = Object.entries(properties.Environment?.Variables ?? {});
  return {
    name: getPhysicalName(id, template),
    // The bundle of each function has the name of its handler's file.
    folder: join(folder, 'functions', String(properties.Handler).split('.', 1)[0] ?? ''),
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

/** Parameters of CreateTable. Backups, encryption and the like have no local counterpart. */
function readTable(TableName: string, properties: Record<string, unknown>): Table {
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
        GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(readIndex),
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

/** The index is on demand, like the table. */
function readIndex({
  IndexName,
  KeySchema,
  Projection,
}: GlobalSecondaryIndex): GlobalSecondaryIndex {
  return { IndexName, KeySchema, Projection };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
