import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readDialects } from '../gateway/limits.ts';

const root = join(import.meta.dirname, '../../..');

/**
 * Bundles the functions and synthesizes the stack, unless sources and dialects are unchanged. Runs
 * in a child process, because synthesis leaves 300 MB of memory behind.
 */
export async function buildStack(
  localFolder: string,
  signal: AbortSignal,
  dialects = readDialects({}).join(),
): Promise<string> {
  const folder = join(localFolder, 'cdk.out');
  const hashFile = join(localFolder, 'cdk.out.sha256');
  const hash = `${hashSources()} ${dialects}`;
  if (read(hashFile) === hash) return folder;

  const temporary = join(localFolder, 'tmp');
  for (const path of [hashFile, folder, temporary]) rmSync(path, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  try {
    await synthesize({ folder, temporary, signal, dialects });
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  writeFileSync(hashFile, hash);
  return folder;
}

interface Synthesis {
  readonly folder: string;
  readonly temporary: string;
  readonly signal: AbortSignal;
  readonly dialects: string;
}

async function synthesize({ folder, temporary, signal, dialects }: Synthesis): Promise<void> {
  const context = { config: 'infra/example.config.json', nag: 'false', dialects };
  const child = spawn(process.execPath, ['infra/app.ts'], {
    cwd: root,
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      TMPDIR: temporary,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The stack failed to build (infra/app.ts):\n\n${output.trim()}`);
}

/** Hash of all sources of the bundles and the template, with their names. */
function hashSources(): string {
  const hash = createHash('sha256');
  const files = ['functions', 'lib', 'infra'].flatMap((name) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  for (const file of [...files.toSorted(), 'package-lock.json']) {
    if (file.startsWith(join('infra', 'local'))) continue;
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
