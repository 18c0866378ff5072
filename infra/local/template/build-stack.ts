import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { readDialects } from '../gateway/limits.ts';

const root = join(import.meta.dirname, '../../..');

/** Hashes of files by path from the root. */
export type SourceHashes = ReadonlyMap<string, string>;

/** Hashes of the sources of a build. */
export interface Build {
  readonly functions: string;
  readonly template: string;
  /** Paths of the files that the template depends on. */
  readonly templateSources: readonly string[];
}

/**
 * Rebuilds the functions if any source changed since the last start, and the template if one of its
 * sources changed. Child processes build both in parallel, because synthesis takes a second and
 * 300 MB of memory. Returns the folder of the stack.
 */
export async function buildStack(
  localFolder: string,
  signal: AbortSignal,
  dialects = readDialects({}).join(),
): Promise<string> {
  const folder = join(localFolder, 'cdk.out');
  const buildFile = join(localFolder, 'build.json');
  const hashes = hashSources();
  const previous = readBuild(buildFile);
  const { functions: changed, template: templateChanged } = findChanges(previous, hashes, dialects);
  if (!changed) return folder;

  rmSync(buildFile, { force: true });
  rmSync(templateChanged ? folder : join(folder, 'functions'), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await Promise.all([
    run(['infra/build/bundle-local.ts', folder, localFolder, dialects], signal),
    templateChanged && run(['infra/build/synthesize-local.ts', folder, dialects], signal),
  ]);
  const sourcesFile = readFileSync(join(folder, 'template-sources.json'), 'utf8');
  const templateSources = JSON.parse(sourcesFile) as string[];
  writeFileSync(buildFile, JSON.stringify(describeBuild(templateSources, hashes, dialects)));
  return folder;
}

/** Compares the sources with those of the previous build. */
export function findChanges(
  previous: Build | undefined,
  hashes: SourceHashes,
  dialects: string,
): { readonly functions: boolean; readonly template: boolean } {
  if (previous === undefined) return { functions: true, template: true };
  const { functions, template } = describeBuild(previous.templateSources, hashes, dialects);
  return { functions: functions !== previous.functions, template: template !== previous.template };
}

export function describeBuild(
  templateSources: readonly string[],
  hashes: SourceHashes,
  dialects: string,
): Build {
  return {
    functions: hashBuild(dialects, [...hashes.keys()], hashes),
    template: hashBuild(dialects, templateSources, hashes),
    templateSources,
  };
}

async function run([script = '', ...args]: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The stack failed to build (${script}):\n\n${output.trim()}`);
}

/** Hashes all sources of the functions and the template. */
function hashSources(): SourceHashes {
  const files = ['functions', 'lib', 'infra'].flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/')),
  );
  return new Map(
    [...files.toSorted(), 'package-lock.json']
      .filter((file) => !file.startsWith('infra/local/'))
      .map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(root, file)))
          .digest('hex'),
      ]),
  );
}

/** Hashes the dialects and these files. A missing file counts as changed. */
function hashBuild(dialects: string, files: readonly string[], hashes: SourceHashes): string {
  const lines = files.map((file) => `${file} ${hashes.get(file)}`);
  return createHash('sha256')
    .update([dialects, ...lines].join('\n'))
    .digest('hex');
}

function readBuild(file: string): Build | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Build;
  } catch {
    return undefined;
  }
}
