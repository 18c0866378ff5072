import { type ChildProcess, execFile, fork, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inject } from 'vitest';
import { closeAfterFile } from '../cleanup.ts';
import type { Service } from '../service.ts';
import type { CliResult, Command } from './command-process.ts';

/**
 * Starts a process for several commands until the end of the test file. The returned function runs a
 * command after the previous one has ended.
 */
export function startCommandProcess(
  options: ForkOptions = {},
): (command: Command) => Promise<CliResult> {
  const child = fork(join(import.meta.dirname, 'command-process.ts'), options);
  closeAfterFile(() => child.kill());
  return async (command) => {
    child.send(command);
    const [result] = (await once(child, 'message')) as [CliResult];
    return result;
  };
}

/** Options that select the tables of a service. */
export const selectTables = (stored: Service['stored']): string[] => [
  '--table',
  stored.directory,
  '--secrets-table',
  stored.secrets,
  '--endpoint',
  inject('databaseEndpoint'),
];

/** Runs a command of `infra/cli` on the tables of a service. */
export function runCli(
  name: 'bootstrap' | 'migrate' | 'events-reconcile',
  args: readonly string[],
  { stored, onStart }: Pick<Service, 'stored'> & { onStart?: (child: ChildProcess) => void },
): Promise<CliResult> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [`infra/cli/${name}.ts`, ...args, ...selectTables(stored)],
      (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), output: (stdout + stderr).trim() }),
    );
    onStart?.(child);
  });
}
