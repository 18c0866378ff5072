/** Start-up time of `npm start`, including npm. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { end, freePort, waitUntilReady, start } from '../support/processes.ts';
import { median, type Quartiles, quartiles } from '../support/statistics.ts';

/** Median time in ms until `GET /healthz` returns 200. */
export interface StartUp {
  /** First start in an empty folder. */
  readonly first: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly quartiles?: Readonly<Partial<Record<'first' | 'changed' | 'unchanged', Quartiles>>>;
}

/**
 * Starts and stops Roster with its data in `folder`: first in an empty folder, then after changed
 * sources, then unchanged.
 */
export async function measureStartUp(
  folder: string,
  { changed, unchanged, log }: { changed: number; unchanged: number; log: (line: string) => void },
): Promise<StartUp> {
  const measure = async (what: string) => {
    const milliseconds = await startOnce(folder);
    log(`npm start, ${what}: ${(milliseconds / 1000).toFixed(2)} s`);
    return milliseconds;
  };
  const first = await measure('nothing built');
  const afterChange: number[] = [];
  for (let count = 0; count < changed; count++) {
    // Simulates changed sources of the functions and the template.
    rmSync(join(folder, 'build.json'));
    afterChange.push(await measure('sources changed'));
  }
  const withoutChange: number[] = [];
  for (let count = 0; count < unchanged; count++)
    withoutChange.push(await measure('nothing changed'));
  return {
    first,
    changed: median(afterChange),
    unchanged: median(withoutChange),
    quartiles: { changed: quartiles(afterChange), unchanged: quartiles(withoutChange) },
  };
}

async function startOnce(folder: string): Promise<number> {
  const port = await freePort();
  const began = performance.now();
  const npm = start('npm', ['start'], {
    env: { ...process.env, ROSTER_LOCAL: folder, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await waitUntilReady(npm, `http://127.0.0.1:${port}/healthz`);
  const milliseconds = performance.now() - began;
  await end(npm);
  return milliseconds;
}
