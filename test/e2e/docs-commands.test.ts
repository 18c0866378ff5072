import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Example,
  listExamples,
  maskVariables,
  pages,
  readPage,
} from '../support/project/docs-examples.ts';
import { getShellEnvironment } from '../support/environment.ts';
import { serverArguments, startWithSharedBuild } from '../support/scenarios/local-server.ts';

const root = join(import.meta.dirname, '../..');
const separator = '\u0001';
const installation = readPage('README.md').indexOf('## First user');
const examples = pages.flatMap((page) =>
  listExamples(page, page === 'README.md' ? readPage(page).slice(installation) : readPage(page)),
);

/** One shell session for all pages, because a reader keeps theirs open too. */
const script = examples
  .map(({ language, commands }) =>
    language === 'js' ? `node --input-type=module <<'JS'\n${commands}JS\n` : commands,
  )
  .map((commands) => `${commands}\nprintf '${separator}'\n`)
  .join('');

/** The expectation of a value in which `…` stands for any text, or for further fields. */
function toExpectation(value: unknown): unknown {
  if (value === '…') return expect.any(String);
  if (Array.isArray(value)) return value.map(toExpectation);
  if (typeof value !== 'object' || value === null) return value;
  const { '…': rest, ...shown } = value as Record<string, unknown>;
  const fields = Object.fromEntries(
    Object.entries(shown).map(([name, field]) => [name, toExpectation(field)]),
  );
  return rest === undefined ? fields : expect.objectContaining(fields);
}

const parseShown = (text: string): unknown =>
  toExpectation(JSON.parse(maskVariables(text).replaceAll(/, …(?=\s*\})/g, ', "…": true')));

describe('the commands of the documentation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'roster-docs-'));
  const [, resourceServers = ''] =
    /^RESOURCE_SERVERS=(\S+) npm start$/m.exec(readPage('docs/tokens.md')) ?? [];
  let server: ReturnType<typeof spawnServer>;
  const spawnServer = () =>
    spawn(process.execPath, serverArguments, {
      cwd: root,
      env: {
        ...getShellEnvironment(),
        ROSTER_LOCAL: folder,
        PORT: '0',
        RESOURCE_SERVERS: resourceServers,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  /** Starts the server. Returns its URL. */
  const start = async (): Promise<string> => {
    server = spawnServer();
    for await (const line of createInterface({ input: server.stdout })) {
      const [, url] = /^Roster is ready at (http:\S+)/.exec(line) ?? [];
      if (url) return url;
    }
    throw new Error('npm start ended before it was ready');
  };
  /** Outputs of all examples, in two runs on the same data. */
  const runs: string[][] = [];

  beforeAll(async () => {
    const url = await startWithSharedBuild(folder, start);
    const options = { cwd: root, env: { ...getShellEnvironment(), BASE: url } };
    for (let run = 0; run < 2; run++) {
      const { stdout } = await promisify(execFile)('bash', ['-c', script], options);
      runs.push(stdout.replaceAll(url, 'http://localhost:4000').split(separator));
    }
  }, 300_000);

  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('hide no output', () => {
    expect(examples.filter(({ commands }) => commands.includes('/dev/null'))).toEqual([]);
  });

  it('print nothing where the page shows nothing, in both runs [UX10]', () => {
    const silent = examples.flatMap(({ output }, index) => (output ? [] : [index]));
    expect(silent.length).toBeGreaterThan(1);
    for (const outputs of runs)
      expect(silent.map((index) => outputs[index]?.trim())).toEqual(silent.map(() => ''));
  });

  type ExampleWithOutput = Example & {
    readonly output: NonNullable<Example['output']>;
    readonly index: number;
  };
  const withOutput = examples.flatMap((example, index) =>
    example.output ? [{ ...example, index } as ExampleWithOutput] : [],
  );

  it.each([0, 1].flatMap((run) => withOutput.map((example) => ({ ...example, run }))))(
    'print what the page shows, in both runs [UX10]: $run $page $commands',
    ({ output: { language, text }, index, run }) => {
      const actual = runs[run]?.[index] ?? '';
      if (language === 'text') {
        expect(maskVariables(actual).trim()).toBe(maskVariables(text).trim());
        return;
      }
      const [head, body] = language === 'http' ? text.split(/\n\n/) : ['', text];
      const [actualHead, actualBody] =
        language === 'http' ? actual.split(/\r\n\r\n/) : ['', actual];
      expect(JSON.parse(maskVariables(actualBody ?? ''))).toEqual(parseShown(body ?? ''));
      const actualLines = (actualHead ?? '').split('\r\n').map(maskVariables);
      expect(actualLines).toEqual(
        expect.arrayContaining((head ?? '').split('\n').filter(Boolean).map(maskVariables)),
      );
    },
  );
});
