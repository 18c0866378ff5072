/**
 * Process that runs commands of the CDK CLI, one per message, and replies with their result. Loading
 * the CLI takes half a second, so tests load it once.
 */
import { createRequire } from 'node:module';

export interface CdkResult {
  readonly code: number;
  readonly output: string;
}

const { exec } = createRequire(import.meta.url)('../../../node_modules/aws-cdk/lib/index.js') as {
  exec: (args: readonly string[]) => Promise<number | undefined>;
};

let output = '';
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (text: string | Uint8Array, ...[last, done = last]: unknown[]) => {
    output += text.toString();
    if (typeof done === 'function') done();
    return true;
  };
}

async function run(args: readonly string[]): Promise<CdkResult> {
  output = '';
  try {
    const code = (await exec(args)) ?? 0;
    return { code, output };
  } catch (error) {
    return { code: 1, output: output + (error as Error).message };
  }
}

process.on('message', (args: readonly string[]) => {
  void run(args).then((result) => process.send?.(result));
});
