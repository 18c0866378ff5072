import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examplesIn, masked, readme, section } from '../support/docs-examples.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'roster-readme-'));
const examples = examplesIn(section('Call it'));
const between = '\u0001';

describe('calling it as the README says', () => {
  const server = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, ROSTER_LOCAL: folder, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  /** What each block answers, in two runs on the same data. */
  const runs: string[][] = [];

  beforeAll(async () => {
    let url: string | undefined;
    for await (const line of createInterface({ input: server.stdout })) {
      url = /^Roster is ready at (http:\S+)/.exec(line)?.[1];
      if (url) break;
    }
    if (!url) throw new Error('npm start ended before it was ready');
    const port = new URL(url).port;
    const script = examples
      .map(({ commands }) => `${commands.replaceAll(':4000', `:${port}`)}\nprintf '${between}'\n`)
      .join('');
    for (let run = 0; run < 2; run++) {
      const { stdout } = await promisify(execFile)('bash', ['-c', script]);
      runs.push(stdout.replaceAll(`:${port}`, ':4000').split(between));
    }
  }, 60_000);

  it('fails at nothing in the blocks that show no answer [UX10]', () => {
    const silent = examples.flatMap(({ output }, index) => (output ? [] : [index]));
    expect(silent.length).toBeGreaterThan(2);
    for (const outputs of runs)
      expect(silent.map((index) => outputs[index]?.trim())).toEqual(silent.map(() => ''));
  });

  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  const shown = examples.flatMap((example, index) =>
    example.output ? [{ ...example, output: example.output, index }] : [],
  );
  it.each([0, 1].flatMap((run) => shown.map((example) => ({ ...example, run }))))(
    'answers what it shows, however often it is run [UX10]: $run $commands',
    ({ output: { language, text }, index, run }) => {
      const outputs = runs[run] ?? [];
      const [head, body] = language === 'http' ? text.split(/\n\n/) : ['', text];
      const [actualHead, actualBody] =
        language === 'http' ? (outputs[index] ?? '').split(/\r\n\r\n/) : ['', outputs[index]];
      expect(JSON.parse(masked(actualBody ?? ''))).toEqual(JSON.parse(masked(body ?? '')));
      const varying = (line: string) => masked(line).replace(/^(x-request-id): .*/, '$1');
      const actualLines = (actualHead ?? '').split('\r\n').map(varying);
      expect(actualLines).toEqual(
        expect.arrayContaining((head ?? '').split('\n').filter(Boolean).map(varying)),
      );
    },
  );
});

describe('the README', () => {
  it('names npm scripts and options that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...readme.matchAll(/\bnpm run (?:--silent )?([a-z:]+)/g)].map(
      ([, name]) => name ?? '',
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('shows the two commands that do everything', () => {
    expect(examplesIn(section('Run it')).map(({ commands }) => commands)).toEqual([
      'npm ci && npm start\n',
      'npm cit\n',
    ]);
  });

  it('links to files and headings that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link ?? '')
      .filter((link) => !link.startsWith('http'));
    const headings = [...readme.matchAll(/^#+ (.*)$/gm)].map(
      ([, title]) =>
        `#${(title ?? '')
          .toLowerCase()
          .replaceAll(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    expect(links.length).toBeGreaterThan(10);
    expect(
      links.filter(
        (link) =>
          !(link.startsWith('#')
            ? headings.includes(link)
            : existsSync(join(root, link.split('#')[0] ?? ''))),
      ),
    ).toEqual([]);
  });
});
