/** Child processes of a run. All of them end with it. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../../..');

const running = new Set<ChildProcess>();
const complaints = new WeakMap<ChildProcess, string>();

process.on('exit', () => running.forEach((child) => child.kill()));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

/** Starts a program in the root folder. Piped stderr becomes part of the error if it fails. */
export function start(
  program: string,
  parameters: readonly string[],
  options: Pick<SpawnOptions, 'env' | 'stdio'> = {},
): ChildProcess {
  const child = spawn(program, parameters, { cwd: root, ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.stderr?.on('data', (chunk: Buffer) =>
    complaints.set(child, `${complaints.get(child) ?? ''}${chunk.toString()}`.slice(-2000)),
  );
  return child;
}

/** Stops a process and waits for its end. */
export async function end(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  child.kill();
  await once(child, 'exit');
}

export const endAll = async (): Promise<void> => void (await Promise.all([...running].map(end)));

const ended = (child: ChildProcess): Error =>
  new Error(
    `${child.spawnargs.join(' ')} has ended (${child.exitCode ?? child.signalCode}): ${complaints.get(child) ?? ''}`,
  );

/** Waits for the next message of a process. Rejects if the process ends first. */
export async function nextMessage<Message>(child: ChildProcess): Promise<Message> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message as Message),
      once(child, 'exit', { signal }).then((): never => {
        throw ended(child);
      }),
    ]);
  } finally {
    settled.abort();
  }
}

/** Waits until the URL returns 200. Rejects if the process ends first, or after 1 min. */
export async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
    const status = await fetch(url).then(
      async (answer) => {
        await answer.body?.cancel();
        return answer.status;
      },
      () => undefined,
    );
    if (status === 200) return;
    if (!running.has(child)) throw ended(child);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${url} was not ready within a minute`);
}

/** Finds a free port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Resident memory of a process in MB. Undefined where the system does not say (it is Linux that
 * does).
 */
export function residentMemory({ pid }: { readonly pid?: number | undefined }): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(procFile(pid, 'status'))?.[1];
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
}

/**
 * The processor time that a process has used so far, in seconds. Undefined where the system does
 * not say.
 */
export function processorTime({ pid }: { readonly pid?: number | undefined }): number | undefined {
  // Behind the name, which may hold anything: state is the first, user and system time the 12th and
  // 13th, in hundredths.
  const fields = procFile(pid, 'stat').split(') ').at(-1)?.split(' ') ?? [];
  return fields.length > 12 ? (Number(fields[11]) + Number(fields[12])) / 100 : undefined;
}

function procFile(pid: number | undefined, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
