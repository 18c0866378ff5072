import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** A table as the stack declares it, in the words of the DynamoDB API. */
export interface Table {
  readonly create: CreateTableCommandInput & { TableName: string };
  readonly timeToLiveAttribute?: string;
}

/** A database that answers, until it is stopped. */
export interface Database {
  readonly endpoint: string;
  /** The process that was started for it; none where one was running already. */
  readonly pid?: number;
  /** Settles when the process has ended, asked or not. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

const readyWithinMs = 10_000;

/**
 * Starts the embedded database, in memory when no `path` is given. With `AWS_ENDPOINT_URL_DYNAMODB` set, that database is
 * used as it is instead.
 */
export async function startDatabase({ path }: { path?: string } = {}): Promise<Database> {
  const external = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  if (external) return { endpoint: external, ended: new Promise(() => {}), stop: async () => {} };

  const program = findProgram();
  for (let attempt = 1; ; attempt++) {
    const host = privateHost();
    const port = await freePort(host);
    const child = spawnTied(program, [
      'serve',
      '--host',
      host,
      '--port',
      String(port),
      ...(path === undefined ? [] : ['--db-path', path]),
    ]);
    const output = collect(child);
    const ended = once(child, 'exit').then(() => {});
    const endpoint = `http://${host}:${port}`;
    if (await answers(endpoint, ended)) {
      const stop = async () => {
        kill(child);
        await ended;
      };
      return { endpoint, ...(child.pid === undefined ? {} : { pid: child.pid }), ended, stop };
    }
    kill(child);
    // Another process may have taken the port between its choice and its use.
    if (attempt === 3)
      throw new Error(
        `The embedded database did not start: ${output().trim() || 'it said nothing'}`,
      );
  }
}

/** Makes the AWS SDK in this process talk to `endpoint`; a local one needs no account, so none of the user's is used. */
export function pointSdkAt(endpoint: string): void {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  if (!isLoopback(endpoint)) return;
  delete process.env.AWS_PROFILE; // it would win over the keys below
  delete process.env.AWS_SESSION_TOKEN;
  Object.assign(process.env, {
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
}

/** Creates those of the tables, and of their indexes, that are not there yet, and waits until each can be used. */
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
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  };
  const untilActive = async (TableName: string) => {
    while ((await find(TableName))?.TableStatus !== 'ACTIVE') await sleep(50);
  };
  const ensure = async ({ create, timeToLiveAttribute }: Table) => {
    const { TableName, AttributeDefinitions, GlobalSecondaryIndexes = [] } = create;
    const found = await find(TableName);
    if (found === undefined) {
      await client.send(new CreateTableCommand(create));
      await untilActive(TableName);
      if (timeToLiveAttribute === undefined) return;
      const TimeToLiveSpecification = { AttributeName: timeToLiveAttribute, Enabled: true };
      await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
      return;
    }
    // The table may be of a time when the stack had no such index.
    const existing = found.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName) ?? [];
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
    if (found.TableStatus !== 'ACTIVE') await untilActive(TableName);
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
      `There is no embedded database for this platform (${name} is not installed).\n` +
        'Set AWS_ENDPOINT_URL_DYNAMODB to a DynamoDB of your own, for example DynamoDB Local at http://127.0.0.1:8000.',
    );
  }
}

/**
 * Starts a program that ends when this process does, however that ends: a subshell waits for the pipe that only we hold
 * open, and kills the program when it closes. In a process group of its own, so that Ctrl-C does not take the database
 * away from requests that are being answered.
 */
function spawnTied(program: string, args: readonly string[]): ChildProcess {
  const script = 'umask 077; { read -r _ <&3; kill -9 $$; } >/dev/null 2>&1 & exec "$0" "$@" 3<&-';
  return spawn('/bin/sh', ['-c', script, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

/** The program and its watcher, at once: every acknowledged write is on disk already, so there is no good-bye to wait for. */
function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-2000);
  });
  return () => text;
}

/**
 * One of the 16 million loopback addresses of Linux. The database answers any `Host` and any signature, so a web page whose host name
 * resolves to a loopback address (DNS rebinding) must not be able to guess where it listens. Other accounts of the machine can find the
 * port, since Linux lists listening sockets. A proxy in front would not change that: the database has no Unix socket and no credentials.
 */
function privateHost(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

async function freePort(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(endpoint: string, ended: Promise<void>): Promise<boolean> {
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  for (
    const deadline = Date.now() + readyWithinMs;
    !gone && Date.now() < deadline;
    await sleep(5)
  ) {
    const answer = await fetch(endpoint, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer) return !gone;
  }
  return false;
}

/** Whether a URL leads to this machine. */
export function isLoopback(endpoint: string): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(endpoint).hostname);
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
