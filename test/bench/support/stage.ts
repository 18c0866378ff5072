/**
 * Servers to measure: Roster as `npm start` serves it and the bare server, on the same new tables
 * without stream and index.
 */
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { buildStack } from '../../../infra/local/template/build-stack.ts';
import {
  type Database,
  setSdkEndpoint,
  startDatabase,
} from '../../../infra/local/process/database.ts';
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import { readTemplate } from '../../../infra/local/template/read-template.ts';
import { freePort, nextMessage, waitUntilReady, start } from './processes.ts';
import { changeTemplate, listResources, removeStream } from './template.ts';

/** Tenant in which Roster and the bare server are compared. */
export const { tenantId } = sampleTenants[0];

export interface Target {
  readonly process: ChildProcess;
  /** URL of the users of a tenant. */
  readonly users: (tenantId: string) => string;
}

export interface Stage {
  readonly roster: Target;
  readonly bare: Target;
  readonly database: Database;
  readonly tables: Readonly<Record<'directory' | 'secrets', string>>;
  /** Environment of the functions with routes. */
  readonly environment: Readonly<Record<string, string>>;
  /** Issuer of the accepted tokens. */
  readonly issuer: { readonly issuer: string; readonly keyFile: string };
}

/** Starts both servers with their files in `folder`. */
export async function setStage(folder: string): Promise<Stage> {
  const database = await startDatabase();
  setSdkEndpoint(database.endpoint);
  const stack = await buildStack(folder, new AbortController().signal);
  changeTemplate(stack, removeStream);
  const environment = nameTables(stack);
  const tables = { directory: environment.DIRECTORY_TABLE, secrets: environment.SECRETS_TABLE };

  const port = await freePort();
  const roster = await startRoster(folder, port);
  const bare = start(process.execPath, ['test/bench/support/bare-server.ts'], {
    env: { ...process.env, DIRECTORY_TABLE: tables.directory, SECRETS_TABLE: tables.secrets },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const { port: barePort } = await nextMessage<{ port: number }>(bare);
  return {
    roster,
    bare: { process: bare, users: (tenant) => `http://127.0.0.1:${barePort}/${tenant}/users` },
    database,
    tables,
    environment,
    issuer: { issuer: `http://localhost:${port}/_local`, keyFile: join(folder, 'issuer-key.json') },
  };
}

/** Deletes the tables, because the database may be a permanent one. */
export async function clearStage({ tables }: Stage): Promise<void> {
  const client = new DynamoDBClient({});
  await Promise.all(
    Object.values(tables).map((TableName) => client.send(new DeleteTableCommand({ TableName }))),
  );
}

/** Starts the build in a folder and waits until it responds. */
export async function startRoster(
  folder: string,
  port: number,
  environment: NodeJS.ProcessEnv = {},
): Promise<Target> {
  // The limit of the young generation is that of `npm start`.
  const roster = start(process.execPath, ['--max-semi-space-size=16', 'infra/local/start.ts'], {
    env: { ...process.env, ...environment, ROSTER_LOCAL: folder, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await waitUntilReady(roster, `http://127.0.0.1:${port}/healthz`);
  return { process: roster, users: () => `http://127.0.0.1:${port}/v1/users` };
}

/**
 * Renames the tables of a stack to protect existing data. Returns the environment of its functions.
 */
function nameTables(stack: string) {
  const suffix = randomBytes(4).toString('hex');
  changeTemplate(stack, (resources) => {
    for (const [id, table] of listResources(resources, 'AWS::DynamoDB::GlobalTable'))
      table.TableName = `bench-${suffix}-${id}`;
  });
  const environments = readTemplate(stack).routes.map(({ target }) => target.environment);
  const { DIRECTORY_TABLE, SECRETS_TABLE, ...others } = Object.assign(
    {},
    ...environments,
  ) as Record<string, string>;
  if (DIRECTORY_TABLE === undefined || SECRETS_TABLE === undefined)
    throw new Error('The stack names no tables');
  return { DIRECTORY_TABLE, SECRETS_TABLE, ...others };
}
