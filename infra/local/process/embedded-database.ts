/**
 * The embedded database, dynoxide. Its package exists for x64 Linux, so only this file depends on
 * Linux.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:http';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Running process of the embedded database. */
export interface EmbeddedDatabase {
  readonly endpoint: string;
  readonly pid: number;
  /** Settles when the process ends. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Platform that runs the database. */
export interface Platform {
  /** `process.platform` and `process.arch`. */
  readonly name: string;
  /** Finds the file of a module. Throws if the module is missing. */
  resolve(specifier: string): string;
}

const readyWithinMs = 10_000;
const packageName = '@dynoxide/linux-x64';

const thisPlatform: Platform = {
  name: `${process.platform}-${process.arch}`,
  resolve: createRequire(import.meta.url).resolve,
};

/** Starts the embedded database, in memory without a `path`. */
export async function startEmbeddedDatabase(
  path: string | undefined,
  platform = thisPlatform,
): Promise<EmbeddedDatabase> {
  const program = findProgram(platform);
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
    if (child.pid !== undefined && (await isReady(endpoint, ended))) {
      const stop = async () => {
        kill(child);
        await ended;
      };
      return { endpoint, pid: child.pid, ended, stop };
    }
    kill(child);
    // Another process may have taken the port in the meantime.
    if (attempt === 3)
      throw new Error(`The embedded database did not start: ${output().trim() || 'no output'}`);
  }
}

function findProgram({ name, resolve }: Platform): string {
  if (name !== 'linux-x64')
    throw new Error(
      `The embedded database does not support this platform (${name}).\n` +
        'Set AWS_ENDPOINT_URL_DYNAMODB to the address of another database, such as DynamoDB Local at http://127.0.0.1:8000.',
    );
  try {
    return join(dirname(resolve(`${packageName}/package.json`)), 'dynoxide');
  } catch (error) {
    throw new Error(
      `The embedded database (${packageName}) is not installed.\n` +
        'Run npm ci with optional dependencies, or set AWS_ENDPOINT_URL_DYNAMODB to the address of another database.',
      { cause: error },
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
    if (await responds(endpoint)) return !hasEnded;
  }
  return false;
}

function responds(endpoint: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(endpoint, { agent: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve(true);
    });
    request.on('timeout', () => request.destroy(new Error('no response')));
    request.on('error', () => resolve(false));
  });
}
