import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Description of a running `npm start`, saved in its folder. */
export interface Running {
  /** ID of the server process. */
  readonly pid: number;
  readonly url: string;
  readonly database?: { readonly endpoint: string; readonly pid?: number };
  /** Addresses and domains that tenants can send from. */
  readonly senders?: readonly string[];
  readonly tables?: { readonly directory: string; readonly secrets: string };
}

const getFile = (localFolder: string) => join(localFolder, 'running.json');

/** Finds the process that uses the data in this folder. */
export function findRunning(localFolder: string): Running | undefined {
  const previous = readRunning(localFolder);
  // A restarted container can reuse process IDs.
  return previous !== undefined &&
    previous.pid !== process.pid &&
    readCommandLine(previous.pid).includes('infra/local/start.ts')
    ? previous
    : undefined;
}

/** Cleans up after a killed process: stops its database and removes its description. */
export function cleanUp(localFolder: string): void {
  const orphan = readRunning(localFolder)?.database?.pid;
  if (orphan !== undefined && readCommandLine(orphan).includes(`${join(localFolder, 'data')}/`))
    process.kill(orphan, 'SIGKILL');
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

/** Command line of a process, because process IDs are reused. Empty if it cannot be read. */
function readCommandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
