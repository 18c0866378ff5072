/**
 * Process that runs commands, one per message, and replies with their results. Loading the modules of
 * a command takes longer than most commands.
 */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';

export interface CliResult {
  readonly code: number;
  readonly output: string;
}

interface CdkCli {
  exec(args: readonly string[]): Promise<number | undefined>;
}

const load = createRequire(import.meta.url);

/** Commands by name. Each returns its exit code. */
const commands = {
  cdk: (args: readonly string[]) => {
    const { exec } = load('../../../node_modules/aws-cdk/lib/index.js') as CdkCli;
    return exec(args);
  },
  bootstrap: (args: readonly string[]) => runModule('bootstrap', args),
  'audit-verify': (args: readonly string[]) => runModule('audit-verify', args),
  'events-reconcile': (args: readonly string[]) => runModule('events-reconcile', args),
};

async function runModule(name: string, args: readonly string[]): Promise<number> {
  process.argv.splice(2, Infinity, ...args);
  // The query makes Node evaluate the module again.
  await import(`../../../infra/cli/${name}.ts?${randomUUID()}`);
  return Number(process.exitCode);
}

export interface Command {
  readonly name: keyof typeof commands;
  readonly args: readonly string[];
}

let output = '';
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text: string | Uint8Array, ...[last, done = last]: unknown[]) => {
    output += text.toString();
    if (typeof done === 'function') done();
    return true;
  };
}

async function run({ name, args }: Command): Promise<CliResult> {
  output = '';
  process.exitCode = 0;
  try {
    const code = (await commands[name](args)) ?? 0;
    return { code, output };
  } catch (error) {
    return { code: 1, output: output + (error as Error).message };
  }
}

process.on('message', (command: Command) => {
  void run(command).then((result) => process.send?.(result));
});
