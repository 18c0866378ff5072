/** What is measured: Roster as `npm start` serves it and the bare server, on the same fresh tables without a stream. */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { buildStack } from '../../infra/local/build.ts';
import { type Database, pointSdkAt, startDatabase } from '../../infra/local/database.ts';
import { sampleTenants } from '../../infra/local/samples.ts';
import { readTemplate } from '../../infra/local/template.ts';
import { freePort, nextMessage, ready, start } from './processes.ts';

/** The tenant in which Roster and the bare server are compared. */
export const { tenantId } = sampleTenants[0];

export interface Target {
  readonly process: ChildProcess;
  /** The users of a tenant are created here, and read under it. */
  readonly users: (tenantId: string) => string;
}

export interface Stage {
  readonly roster: Target;
  readonly bare: Target;
  readonly database: Database;
  readonly tables: Readonly<Record<'directory' | 'secrets', string>>;
  /** Of the tokens that Roster takes. */
  readonly issuer: { readonly issuer: string; readonly keyFile: string };
}

/** Starts both servers, with their files in `folder`. */
export async function setStage(folder: string): Promise<Stage> {
  const database = await startDatabase();
  pointSdkAt(database.endpoint);
  const tables = nameTables(await buildStack(folder, new AbortController().signal));

  const port = await freePort();
  const roster = start(process.execPath, ['infra/local/start.ts'], {
    env: { ...process.env, ROSTER_LOCAL: folder, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(roster, `http://127.0.0.1:${port}/healthz`);

  const bare = start(process.execPath, ['test/bench/bare-server.ts'], {
    env: { ...process.env, DIRECTORY_TABLE: tables.directory, SECRETS_TABLE: tables.secrets },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const { port: barePort } = await nextMessage<{ port: number }>(bare);
  return {
    roster: { process: roster, users: () => `http://127.0.0.1:${port}/v1/users` },
    bare: { process: bare, users: (tenant) => `http://127.0.0.1:${barePort}/${tenant}/users` },
    database,
    tables,
    issuer: { issuer: `http://localhost:${port}`, keyFile: join(folder, 'issuer-key.json') },
  };
}

/** Deletes the tables: the database may be one that goes on. */
export async function clearStage({ tables }: Stage): Promise<void> {
  const client = new DynamoDBClient({});
  await Promise.all(Object.values(tables).map((TableName) => client.send(new DeleteTableCommand({ TableName }))));
}

/**
 * Gives the tables of a synthesised stack names of their own, so that nobody's data is touched, and no stream nor what follows
 * one: the embedded database slows down with every record in it.
 */
function nameTables(stack: string): Stage['tables'] {
  const file = join(stack, readdirSync(stack).find((name) => name.endsWith('.template.json')) ?? '');
  const template = JSON.parse(readFileSync(file, 'utf8')) as {
    Resources: Record<string, { Type: string; Properties: { TableName?: string; StreamSpecification?: unknown } }>;
  };
  const suffix = randomBytes(4).toString('hex');
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::Lambda::EventSourceMapping') delete template.Resources[id];
    if (Type !== 'AWS::DynamoDB::GlobalTable') continue;
    Properties.TableName = `bench-${suffix}-${id}`;
    delete Properties.StreamSpecification;
  }
  writeFileSync(file, JSON.stringify(template));
  const environments = readTemplate(stack).routes.map(({ target }) => target.environment);
  const { DIRECTORY_TABLE, SECRETS_TABLE } = Object.assign({}, ...environments) as Record<string, string>;
  if (DIRECTORY_TABLE === undefined || SECRETS_TABLE === undefined) throw new Error('The stack names no tables');
  return { directory: DIRECTORY_TABLE, secrets: SECRETS_TABLE };
}
