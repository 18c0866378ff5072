import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** Description of a running `npm start`, saved in its folder. */
export interface Running {
  /** ID of the server process. */
  readonly pid: number;
  readonly url: string;
  /** Random ID of this run. The server returns it at `instancePath`, also during its start-up. */
  readonly instance: string;
  readonly database?: { readonly endpoint: string; readonly pid?: number };
  /** Addresses and domains that tenants can send from. */
  readonly senders?: readonly string[];
  readonly tables?: { readonly directory: string; readonly secrets: string };
}

export const instancePath = '/_local/instance';

const instanceTimeoutMs = 2000;
const databaseEndsWithinMs = 5000;

const getFile = (localFolder: string) => join(localFolder, 'running.json');

/**
 * Finds the process that uses the data in this folder. Asks its server, because a process ID can be
 * reused.
 */
export async function findRunning(localFolder: string): Promise<Running | undefined> {
  const previous = readRunning(localFolder);
  return previous !== undefined && (await isInstance(previous)) ? previous : undefined;
}

/**
 * Cleans up after a killed process: waits until its database has stopped, and removes its
 * description.
 */
export async function cleanUp(localFolder: string): Promise<void> {
  const { database } = readRunning(localFolder) ?? {};
  if (database?.pid !== undefined && !(await endsSoon(database.endpoint)))
    throw new Error(
      `The database of an earlier start still runs as process ${database.pid}. Stop it first.`,
    );
  forgetRunning(localFolder);
}

export function recordRunning(localFolder: string, running: Running): void {
  writeFileSync(getFile(localFolder), `${JSON.stringify(running, undefined, 2)}\n`);
}

export function forgetRunning(localFolder: string): void {
  rmSync(getFile(localFolder), { force: true });
}

function readRunning(localFolder: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(getFile(localFolder), 'utf8')) as Running;
  } catch {
    return undefined;
  }
}

/** True if the server returns its ID. A server that is too busy to answer counts as running. */
function isInstance({ url, instance }: Running): Promise<boolean> {
  const address = { host: '127.0.0.1', port: new URL(url).port, path: instancePath };
  return new Promise((resolve) => {
    const request = get({ ...address, agent: false, timeout: instanceTimeoutMs }, (response) => {
      void text(response).then(
        (body) => resolve(response.statusCode === 200 && body === instance),
        () => resolve(false),
      );
    });
    request.on('timeout', () => {
      resolve(true);
      request.destroy();
    });
    request.on('error', () => resolve(false));
  });
}

async function endsSoon(endpoint: string): Promise<boolean> {
  for (const deadline = Date.now() + databaseEndsWithinMs; ; await sleep(20)) {
    if (!(await accepts(endpoint))) return true;
    if (Date.now() > deadline) return false;
  }
}

function accepts(endpoint: string): Promise<boolean> {
  const { hostname: host, port } = new URL(endpoint);
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    socket.on('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}
