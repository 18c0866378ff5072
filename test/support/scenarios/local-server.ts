import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';

const root = join(import.meta.dirname, '../../..');

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: { start: string };
};

/** Arguments of Node in the command of `npm start`. */
export const serverArguments: readonly string[] = scripts.start
  .replace(/^exec node /, '')
  .split(' ');

/** Files of the build in a data folder. `build.json` is last, because it completes a build. */
const listBuildFiles = (folder: string): string[] => [
  'cdk.out',
  ...readdirSync(folder).filter((name) => name.startsWith('scalar-')),
  'build.json',
];

function copyBuild(from: string, to: string): void {
  for (const name of listBuildFiles(from))
    cpSync(join(from, name), join(to, name), { recursive: true });
}

/**
 * Runs the first start of a data folder. The first start of a test run builds the stack, which takes
 * 2 s of CPU time, and later ones copy the build. They build the stack if the first one fails.
 */
export async function startWithSharedBuild<T>(folder: string, start: () => Promise<T>): Promise<T> {
  const shared = inject('buildFolder');
  const [build, failure] = [join(shared, 'build'), join(shared, 'failed')];
  if (claim(join(shared, 'claim'))) {
    try {
      const started = await start();
      const copy = join(shared, 'copy');
      copyBuild(folder, copy);
      renameSync(copy, build);
      return started;
    } catch (error) {
      writeFileSync(failure, '');
      throw error;
    }
  }
  while (!existsSync(build) && !existsSync(failure)) await sleep(20);
  if (existsSync(build)) copyBuild(build, folder);
  return start();
}

/** Creates a folder. Returns false if it exists. */
function claim(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
