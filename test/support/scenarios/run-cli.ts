import { type ChildProcess, execFile } from 'node:child_process';
import { inject } from 'vitest';
import type { Service } from '../service.ts';

export interface CliResult {
  readonly code: number;
  readonly output: string;
}

/** Runs a command of `infra/cli` on the tables of a service. */
export function runCli(
  name: 'bootstrap' | 'migrate',
  args: readonly string[],
  { stored, onStart }: Pick<Service, 'stored'> & { onStart?: (child: ChildProcess) => void },
): Promise<CliResult> {
  const tables = ['--table', stored.directory, '--secrets-table', stored.secrets];
  const target = [...tables, '--endpoint', inject('databaseEndpoint')];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`infra/cli/${name}.ts`, ...args, ...target],
      (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), output: (stdout + stderr).trim() }),
    );
    onStart?.(child);
  });
}
