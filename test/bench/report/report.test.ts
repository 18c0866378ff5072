import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOptions } from '../options.ts';
import { root } from '../support/processes.ts';
import type { Quartiles } from '../support/statistics.ts';
import { assertComparable } from './compare.ts';
import { renderPage } from './page.ts';
import { renderMarkdown, renderText } from './render.ts';
import type { Results } from './results.ts';

const machine = {
  processor: 'Test CPU',
  cores: 2,
  memoryGiB: 8,
  platform: 'linux x64',
  node: 'v24.0.0',
  database: 'embedded',
  load: 0.5,
};

const summary = (rate: number, processorMs: number) => ({ rate, p50: 1, p95: 2, processorMs });

/** Full run. `share` is the share of gets, `cold` the multiple of a cold start in CPU time. */
const createResults = (share: Quartiles, cold: Quartiles, kilobytes: number): Results => ({
  time: '2026-11-30T12:00:00.000Z',
  quick: false,
  machine,
  commit: { hash: '0123456789abcdef', isDirty: true },
  throughput: [
    {
      name: 'get by id, 16 at a time',
      roster: summary(800, 0.5),
      bare: summary(1000, 0.4),
      share,
      processorTimes: [1.2, 1.25, 1.3],
    },
  ],
  memory: { roster: 480, bare: 400, database: 100 },
  coldStarts: [
    { name: 'empty', event: '', median: 20, p90: 22, processorMs: 24 },
    {
      name: 'tenants',
      event: '',
      median: 90,
      p90: 99,
      processorMs: 120,
      timesEmpty: [4.4, 4.5, 4.6],
      processorTimesEmpty: cold,
      isBearer: true,
    },
  ],
  bundles: [
    {
      function: 'users',
      file: 'users.js',
      kind: 'code',
      bytes: kilobytes * 1000,
      gzipBytes: 100_000,
    },
  ],
  mails: {
    perSecond: 50,
    invitations: 490,
    missing: 1,
    again: 0,
    sinceAnswer: { p50: 20, p95: 1200, p99: 1300 },
    sinceCreated: { p50: 25, p95: 1210, p99: 1310 },
  },
  startUp: { first: 3500, changed: 2000, unchanged: 900 },
});

const before = createResults([0.58, 0.6, 0.62], [7, 7.1, 7.2], 510);
const after = createResults([0.78, 0.81, 0.83], [6.9, 7.05, 7.3], 380);

/** Cells of the line that starts with this name. */
function readLine(report: string, name: string): string[] {
  const found = report.split('\n').find((line) => line.startsWith(`${name}  `));
  return found?.split(/ {2,}/) ?? [];
}

describe('the report of a bench', () => {
  it('shows value, reference, ratio, quartiles and aim', () => {
    const report = renderText(after);

    expect(readLine(report, 'get by id, 16 at a time')).toEqual([
      'get by id, 16 at a time',
      '800/s',
      '1,000/s',
      '81.0%',
      '78.0% to 83.0%',
      '≥ 80.0%',
      'yes',
    ]);
    expect(readLine(report, 'tenants, CPU').slice(1)).toEqual([
      '120 ms',
      '24 ms',
      '7.05×',
      '6.90× to 7.30×',
      '≤ 5.50×',
      'no',
    ]);
    expect(readLine(report, 'Roster').slice(1)).toEqual([
      '480 MB',
      '400 MB',
      '1.20×',
      '≤ 1.20×',
      'yes',
    ]);
    expect(readLine(report, 'users.js').slice(1)).toEqual(['380 kB', '≤ 400 kB', 'yes']);
    expect(readLine(report, 'nothing changed').slice(1)).toEqual(['0.90 s', '≤ 0.80 s', 'no']);
  });

  it('names the commit, the machine and the aims that are not met', () => {
    const report = renderText(after);

    expect(report).toContain('Commit 0123456789ab with uncommitted changes, full run');
    expect(report).toContain('Test CPU, 2 cores, 8 GiB, linux x64, Node v24.0.0, load before 0.5.');
    expect(report).toContain('Aims met: 9 of 13. Not met:');
    expect(report).toContain(
      '- Email delivery at 50 invitations per second: after the response, p95\n',
    );
  });

  it('does not meet an aim with an unknown value', () => {
    const report = renderText({
      ...after,
      memory: { ...after.memory, roster: undefined } as never,
    });

    expect(readLine(report, 'Roster').slice(1)).toEqual(['unknown', '400 MB', '≤ 1.20×', 'no']);
  });

  it('shows only what was measured', () => {
    const { time, quick, startUp } = after;
    const report = renderText({ time, quick, machine, only: ['start-up'], startUp });

    expect(report).toContain('full run of start-up');
    expect(report).toContain('nothing built');
    expect(report).not.toContain('Throughput');
    expect(report).toContain('Aims met: 2 of 3.');
  });

  it('compares queries of a list with a plain page', () => {
    const users = 50_000;
    const roster = summary(100, 2);
    const report = renderText({
      ...after,
      lists: [
        { name: 'plain', users, readUnits: 15, roster, processorTimes: undefined },
        {
          name: '`search`, none match',
          users,
          readUnits: 315,
          roster: { ...roster, processorMs: 18, p50: 40 },
          processorTimes: [8, 9, 10],
        },
        { name: '`count`', users, readUnits: undefined, roster, processorTimes: [4, 5, 6] },
      ],
    });

    const readCells = (name: string) => readLine(report, name).slice(1);
    expect(readCells('plain, 50,000 users: read units')).toEqual(['15']);
    expect(readCells('`search`, none match, 50,000 users: read units')).toEqual([
      '315',
      '15',
      '21.00×',
      '≤ 20.00×',
      'no',
    ]);
    expect(readCells('`search`, none match, 50,000 users: CPU')).toEqual([
      '18 ms',
      '2 ms',
      '9.00×',
      '8.00× to 10.00×',
      '≤ 12.00×',
      'yes',
    ]);
    expect(readCells('`search`, none match, 50,000 users: p50')).toEqual([
      '40 ms',
      '1 ms',
      '40.00×',
    ]);
    expect(readCells('`count`, 50,000 users: read units')).toEqual([
      'unknown',
      '15',
      '≤ 100.00×',
      'no',
    ]);
  });

  it('renders a table per section in Markdown', () => {
    const report = renderMarkdown(after);

    expect(report).toContain('### Throughput, compared with a bare server\n\n| measure | value |');
    expect(report).toContain('| users.js | 380 kB | | | | ≤ 400 kB | yes |');
  });
});

describe('the comparison with an earlier run', () => {
  const getChange = (name: string, one = before, other = after) =>
    readLine(renderText(other, one), name).at(-1);

  it('shows the figures of both runs', () => {
    const cells = readLine(renderText(after, before), 'get by id, 16 at a time');

    expect(cells.slice(1)).toEqual([
      '800/s → 800/s',
      '1,000/s → 1,000/s',
      '60.0% → 81.0%',
      '58.0% to 62.0% → 78.0% to 83.0%',
      '≥ 80.0%',
      'yes',
      'better',
    ]);
  });

  it('marks changes of ratios beyond the quartiles', () => {
    expect(getChange('get by id, 16 at a time')).toBe('better');
    expect(getChange('get by id, 16 at a time', after, before)).toBe('WORSE');
    expect(getChange('tenants, CPU')).toBe('within noise');
  });

  it('marks every change of a size, where less is better', () => {
    expect(getChange('users.js')).toBe('better');
    expect(getChange('users.js', after, before)).toBe('WORSE');
    expect(getChange('users.js', after, after)).toBe('same');
  });

  it('does not judge a value that was measured once', () => {
    const startUp = { first: 3500, changed: 2000, unchanged: 700 };

    expect(getChange('nothing changed', before, { ...after, startUp })).toBe('noise unknown');
    const quick = (share: number) => createResults([share, share, share], [7, 7, 7], 380);
    expect(getChange('get by id, 16 at a time', quick(0.6), quick(0.8))).toBe('noise unknown');
  });

  it('accepts a file of a version that measured less', () => {
    const { commit: _, mails: __, throughput: ___, coldStarts = [], ...rest } = before;
    const older: Results = {
      ...rest,
      coldStarts: coldStarts.map(({ name, event, median, p90, processorMs }) => ({
        name,
        event,
        median,
        p90,
        processorMs,
      })),
    };

    expect(renderText(after, older)).toContain('Compared with: Unknown commit');
    expect(getChange('get by id, 16 at a time', older)).toBe('new');
    expect(getChange('tenants, CPU', older)).toBe('WORSE');
  });

  it('rejects runs of other machines and lengths', () => {
    expect(() => assertComparable(before, after)).not.toThrow();
    expect(() =>
      assertComparable(before, { ...after, machine: { ...machine, load: 9 } }),
    ).not.toThrow();
    expect(() => assertComparable(before, { ...after, machine: { ...machine, cores: 8 } })).toThrow(
      'cores: 2 and 8',
    );
    expect(() => assertComparable(before, { ...after, quick: true })).toThrow(
      'length: a full run and a quick run',
    );
  });

  it('states the differences of a forced comparison', () => {
    expect(renderText({ ...after, quick: true }, before)).toContain(
      'NOT COMPARABLE. Differences: length: a full run and a quick run.',
    );
  });
});

describe('docs/performance.md', () => {
  it('shows the figures of a full run and keeps its other text', () => {
    const text = readFileSync(join(root, 'docs/performance.md'), 'utf8');
    const [head = '', tail = ''] = text.split(/<!-- figures.*<!-- end of figures -->/s);

    const page = renderPage(after);

    expect(page.startsWith(head) && page.endsWith(tail)).toBe(true);
    expect(page).toContain('| users.js | 380 kB |');
    expect(tail.length).toBeGreaterThan(1);
  });

  it.each([{ quick: true }, { only: ['mails' as const] }])(
    'does not show a run with %o',
    (part) => {
      expect(() => renderPage({ ...after, ...part })).toThrow('only full runs');
    },
  );
});

describe('the options of npm run bench', () => {
  it('selects measurements', () => {
    const options = readOptions(['--quick', '--only', 'mails,sizes', '--against', 'a.json']);

    expect(options).toMatchObject({ quick: true, only: ['mails', 'sizes'], against: 'a.json' });
  });

  it.each([[['--only', 'mail']], [['--fast']], [['file.json']]])(
    'rejects %j with the usage',
    (args) => {
      expect(() => readOptions(args)).toThrow('--only NAME,NAME');
    },
  );
});
