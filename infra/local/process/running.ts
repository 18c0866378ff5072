import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a running `npm start` leaves in its folder for others to find. */
export interface Running {
  /** The process that serves. */
  readonly pid: number;
  readonly url: string;
  readonly database?: { readonly endpoint: string; readonly pid?: number };
  /** Addresses and domains that its tenants can send from. */
  readonly senders?: readonly string[];
  readonly tables?: { readonly directory: string; readonly secrets: string };
}

const fileIn = (localFolder: string) => join(localFolder, 'running.json');

/** What runs with the data in this folder, if anything does. */
export function findRunning(localFolder: string): Running | undefined {
  const left = readRunning(localFolder);
  // In a container that was started anew, our own process may have the number of the one before.
  return left !== undefined &&
    left.pid !== process.pid &&
    commandOf(left.pid).includes('infra/local/start.ts')
    ? left
    : undefined;
}

/** Puts right what a start that was killed has left: its database, if that lives on, and its note. */
export function cleanUp(localFolder: string): void {
  const orphan = readRunning(localFolder)?.database?.pid;
  if (orphan !== undefined && commandOf(orphan).includes(`${join(localFolder, 'data')}/`))
    process.kill(orphan, 'SIGKILL');
  forgetRunning(localFolder);
}

export function recordRunning(localFolder: string, running: Running): void {
  writeFileSync(fileIn(localFolder), `${JSON.stringify(running, undefined, 2)}\n`);
}

export function forgetRunning(localFolder: string): void {
  rmSync(fileIn(localFolder), { force: true });
}

function readRunning(localFolder: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(localFolder), 'utf8')) as Running;
  } catch {
    return undefined;
  }
}

/** The command line of a process: a process id alone may belong to another by now. Empty where there is none to be seen. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
