/** `npm run test:dynamodb-local`: runs the tests of the store on another database. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findFreePort, isReady } from '../../../infra/local/process/embedded-database.ts';

const usage = `Usage: npm run test:dynamodb-local -- (--jar FILE | --endpoint URL) [TEST FILE ...]

Runs the tests of storage, races, faults, lists and email on DynamoDB Local instead of the embedded database.

  --jar       DynamoDBLocal.jar, next to its folder DynamoDBLocal_lib; needs Java 17 or newer
  --endpoint  DynamoDB Local that is already running, or another emulator, such as http://127.0.0.1:8000`;

/** Folders and files whose tests depend on the database. */
const databaseTests = [
  'test/store/',
  'test/faults/',
  'test/properties/',
  'test/api/lists/',
  'test/api/users/',
  'test/events/',
  'test/infra/local/stream-pump.test.ts',
  'test/security/tenant-isolation.test.ts',
];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

process.exitCode = await run().catch((error: Error) => {
  console.error(error.message);
  return 1;
});

async function run(): Promise<number> {
  const { jar, endpoint, help, files } = readArguments();
  if (help) {
    console.log(usage);
    return 0;
  }
  if ((jar === undefined) === (endpoint === undefined))
    throw new Error(`Either --jar or --endpoint is required.\n\n${usage}`);
  const tests = files.length > 0 ? files : databaseTests;
  return jar === undefined
    ? runTests(String(endpoint), tests)
    : runWithJar(resolve(jar), (url) => runTests(url, tests));
}

function readArguments() {
  const options = {
    jar: { type: 'string' },
    endpoint: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    const { values, positionals: files } = parseArgs({ options, allowPositionals: true });
    return { ...values, files };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n${usage}`, { cause: error });
  }
}

/**
 * Starts DynamoDB Local in memory for the duration of `use`. See
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.UsageNotes.html
 */
async function runWithJar(
  jar: string,
  use: (endpoint: string) => Promise<number>,
): Promise<number> {
  if (!existsSync(jar)) throw new Error(`${jar} does not exist.`);
  const port = await findFreePort('127.0.0.1');
  const options = ['-inMemory', '-sharedDb', '-port', String(port)];
  const nativeLibraries = `-Djava.library.path=${join(dirname(jar), 'DynamoDBLocal_lib')}`;
  const java = startChild('java', [nativeLibraries, '-jar', jar, ...options]);
  const ended = java.exitCode.then(() => {});
  try {
    const endpoint = `http://127.0.0.1:${port}`;
    if (!(await isReady(endpoint, ended))) throw new Error('DynamoDB Local did not start.');
    return await use(endpoint);
  } finally {
    java.stop();
    await ended;
  }
}

/** Runs the tests with vitest and returns its exit code. */
function runTests(endpoint: string, tests: readonly string[]): Promise<number> {
  const args = ['run', '--config', 'test/vitest.config.ts', ...tests];
  return startChild('vitest', args, { AWS_ENDPOINT_URL_DYNAMODB: endpoint }).exitCode;
}

/** Starts a program that ends with this process. */
function startChild(program: string, args: readonly string[], variables: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, ...variables };
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  const stop = (): void => void child.kill();
  process.once('exit', stop);
  const exitCode = once(child, 'exit').then(
    ([code]) => (code as number | null) ?? 1,
    (error: Error) => {
      console.error(error.message);
      return 1;
    },
  );
  return { exitCode, stop };
}
