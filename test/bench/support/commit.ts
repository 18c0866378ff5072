import { execFileSync } from 'node:child_process';
import { root } from './processes.ts';

/** Checked-out commit of a measurement. */
export interface Commit {
  readonly hash: string;
  /** True if files differ from the commit. */
  readonly isDirty: boolean;
}

/** Reads the checked-out commit. Undefined outside a Git checkout. */
export function readCommit(): Commit | undefined {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    return { hash: git('rev-parse', 'HEAD').trim(), isDirty: git('status', '--porcelain') !== '' };
  } catch {
    return undefined;
  }
}
