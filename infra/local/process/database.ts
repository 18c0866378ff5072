import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Table declaration in the format of the DynamoDB API. */
export interface Table {
  readonly create: CreateTableCommandInput & { TableName: string };
  readonly timeToLiveAttribute?: string;
}

/** Running database. */
export interface Database {
  readonly endpoint: string;
  /** Process ID of the embedded database. Undefined for a database that was already running. */
  readonly pid?: number;
  /** Settles when the process ends. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const readyWithinMs = 10_000;

/**
 * Starts the embedded database, in memory without a `path`. If `AWS_ENDPOINT_URL_DYNAMODB` is set,
 * uses that database instead.
 */
export async function startDatabase({ path }: { path?: string } = {}): Promise<Database> {
  const external = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  if (external) return { endpoint: external, ended: new Promise(() => {}), stop: async () => {} };

  const program = findProgram();
  for (let attempt = 1; ; attempt++) {
    const host = randomLoopbackAddress();
    const port = await findFreePort(host);
    const child = spawnWithParent(program, [
      'serve',
      '--host',
      host,
      '--port',
      String(port),
      ...(path === undefined ? [] : ['--db-path', path]),
    ]);
    const output = collectOutput(child);
    const ended = once(child, 'exit').then(() => {});
    const endpoint = `http://${host}:${port}`;
    if (await isReady(endpoint, ended)) {
      const stop = async () => {
        kill(child);
        await ended;
      };
      return { endpoint, ...(child.pid === undefined ? {} : { pid: child.pid }), ended, stop };
    }
    kill(child);
    // Another process may have taken the port in the meantime.
    if (attempt === 3)
      throw new Error(`The embedded database did not start: ${output().trim() || 'no output'}`);
  }
}

/**
 * Points the AWS SDK in this process at `endpoint`. A local endpoint gets placeholder credentials
 * instead of the user's.
 */
export function setSdkEndpoint(endpoint: string): void {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  if (!isLoopback(endpoint)) return;
  delete process.env.AWS_PROFILE; // AWS_PROFILE takes precedence over keys.
  delete process.env.AWS_SESSION_TOKEN;
  Object.assign(process.env, {
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
}

/** Creates missing tables and indexes, and waits until they are active. */
export async function createTables(
  client: DynamoDBClient,
  tables: readonly Table[],
): Promise<void> {
  const { CreateTableCommand, DescribeTableCommand, UpdateTableCommand, UpdateTimeToLiveCommand } =
    await import('@aws-sdk/client-dynamodb');
  const find = async (TableName: string) => {
    try {
      return (await client.send(new DescribeTableCommand({ TableName }))).Table;
    } catch (error) {
      if (isTable(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  };
  const untilActive = async (TableName: string) => {
    while ((await find(TableName))?.TableStatus !== 'ACTIVE') await sleep(50);
  };
  const ensure = async ({ create, timeToLiveAttribute }: Table) => {
    const { TableName, AttributeDefinitions, GlobalSecondaryIndexes = [] } = create;
    const existingTable = await find(TableName);
    if (existingTable === undefined) {
      await client.send(new CreateTableCommand(create));
      await untilActive(TableName);
      if (timeToLiveAttribute === undefined) return;
      const TimeToLiveSpecification = { AttributeName: timeToLiveAttribute, Enabled: true };
      await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
      return;
    }
    // An older version may have created the table without the index.
    const existing = existingTable.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName) ?? [];
    for (const Create of GlobalSecondaryIndexes.filter(
      ({ IndexName }) => !existing.includes(IndexName),
    )) {
      await client.send(
        new UpdateTableCommand({
          TableName,
          AttributeDefinitions,
          GlobalSecondaryIndexUpdates: [{ Create }],
        }),
      );
      await untilActive(TableName);
    }
    if (existingTable.TableStatus !== 'ACTIVE') await untilActive(TableName);
  };
  await Promise.all(tables.map(ensure));
}

function findProgram(): string {
  const name = `@dynoxide/${process.platform}-${process.arch}`;
  try {
    return join(
      dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)),
      'dynoxide',
    );
  } catch {
    throw new Error(
      `The embedded database does not support this platform (${name} is not installed).\n` +
        'Set AWS_ENDPOINT_URL_DYNAMODB to another DynamoDB endpoint, for example DynamoDB Local at http://127.0.0.1:8000.',
    );
  }
}

/**
 * Starts a program that ends with this process. A subshell waits for a pipe that only this process
 * holds open, and kills the program when the pipe closes. Its own process group keeps Ctrl-C from
 * stopping the database before running requests end.
 */
function spawnWithParent(program: string, args: readonly string[]): ChildProcess {
  const script = 'umask 077; { read -r _ <&3; kill -9 $$; } >/dev/null 2>&1 & exec "$0" "$@" 3<&-';
  return spawn('/bin/sh', ['-c', script, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

/** Kills the program and its watcher. Acknowledged writes are already on disk. */
function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}

function collectOutput(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-2000);
  });
  return () => text;
}

/**
 * Random loopback address. The database accepts any `Host` and any signature, so a web page whose
 * host name resolves to a loopback address (DNS rebinding) must not be able to guess the address.
 * Other accounts of the machine can still find the port, because Linux lists listening sockets. A
 * proxy would not change that: the database supports neither Unix sockets nor credentials.
 */
function randomLoopbackAddress(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

/** Finds a port of the host that no program uses. */
export async function findFreePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves to true as soon as the endpoint responds. False if it ended or stays silent. */
export async function isReady(endpoint: string, ended: Promise<void>): Promise<boolean> {
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  for (
    const deadline = Date.now() + readyWithinMs;
    !hasEnded && Date.now() < deadline;
    await sleep(5)
  ) {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer) return !hasEnded;
  }
  return false;
}

/** True for URLs of this machine. */
export function isLoopback(endpoint: string): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(endpoint).hostname);
}

function isTable(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
