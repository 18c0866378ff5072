/** Report of a run as one table, optionally beside an earlier run. */
import { type Change, compareRows, findDifferences, findRow } from './compare.ts';
import {
  formatAim,
  formatMet,
  formatQuartiles,
  formatRatio,
  formatReference,
  formatValue,
} from './format.ts';
import type { Results } from './results.ts';
import { meetsAim, type Row, type Section } from './rows.ts';
import { buildSections } from './sections.ts';

interface Table {
  readonly head: readonly string[];
  readonly sections: readonly { readonly title: string; readonly rows: readonly string[][] }[];
}

/** Renders the conditions, the table and the aims that the run does not meet. */
export function renderText(results: Results, before?: Results): string {
  return [
    ...describeRuns(results, before),
    alignTable(buildTable(results, before)),
    summarizeAims(buildSections(results)),
  ].join('\n\n');
}

/** Renders the same as Markdown, with a table per section. */
export function renderMarkdown(results: Results, before?: Results): string {
  const { head, sections } = buildTable(results, before);
  const line = (cells: readonly string[]) =>
    `|${cells.map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
  return [
    ...describeRuns(results, before),
    summarizeAims(buildSections(results)),
    ...sections.map(({ title, rows }) =>
      [
        `### ${title}\n`,
        line(head),
        `|${head.map(() => '---').join('|')}|`,
        ...rows.map(line),
      ].join('\n'),
    ),
  ].join('\n\n');
}

function describeRuns(results: Results, before: Results | undefined): string[] {
  if (!before) return [describeRun(results)];
  const differences = findDifferences(before, results);
  return [
    describeRun(results),
    `Compared with: ${describeRun(before)}`,
    ...(differences.length > 0 ? [`NOT COMPARABLE. Differences: ${differences.join('; ')}.`] : []),
  ];
}

/** Describes the commit, the time and the machine. */
function describeRun({ commit, time, quick, only, machine }: Results): string {
  const { processor, cores, memoryGiB, platform, node, database, load } = machine;
  const version = commit
    ? `Commit ${commit.hash.slice(0, 12)}${commit.isDirty ? ' with uncommitted changes' : ''}`
    : 'Unknown commit';
  const length = `${quick ? 'quick' : 'full'} run${only ? ` of ${only.join(', ')}` : ''}`;
  return [
    `${version}, ${length} at ${time}.`,
    `${processor}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}, load before ${load.toFixed(1)}.`,
    `Database: ${database}.`,
  ].join('\n');
}

function buildTable(results: Results, before: Results | undefined): Table {
  const sections = buildSections(results);
  const head = ['measure', 'value', 'reference', 'ratio', 'quartiles', 'aim', 'met'];
  if (!before) {
    const rendered = sections.map(({ title, rows }) => ({ title, rows: rows.map(buildCells) }));
    return { head, sections: rendered };
  }
  const earlier = buildSections(before);
  return {
    head: [...head, 'change'],
    sections: sections.map(({ title, rows }) => ({
      title,
      rows: rows.map((row) => compareCells(row, findRow(earlier, title, row.name))),
    })),
  };
}

/** Cells of a row, in the order of the head. */
const buildCells = (row: Row): string[] => [
  row.name,
  formatValue(row),
  formatReference(row),
  formatRatio(row),
  formatQuartiles(row),
  formatAim(row),
  formatMet(row),
];

const changeLabels: Readonly<Record<Change, string>> = {
  better: 'better',
  worse: 'WORSE',
  same: 'same',
  noise: 'within noise',
  unknown: 'noise unknown',
};

/** Cells of a row with the figures of the earlier run in front, if it has them. */
function compareCells(row: Row, before: Row | undefined): string[] {
  const after = buildCells(row);
  if (!before) return [...after, 'new'];
  const earlier = buildCells(before);
  const isFigure = (column: number) => column > 0 && column < 5;
  return [
    ...after.map((cell, column) =>
      isFigure(column) && earlier[column] !== '' ? `${earlier[column]} → ${cell}` : cell,
    ),
    changeLabels[compareRows(before, row)],
  ];
}

/** Counts the aims, and lists those that the run misses. */
function summarizeAims(sections: readonly Section[]): string {
  const rows = sections.flatMap((section) => section.rows).filter(({ aim }) => aim !== undefined);
  const missed = sections.flatMap(({ title, rows }) =>
    rows
      .filter((row) => meetsAim(row) === false)
      .map(({ name }) => `- ${title.split(',')[0]}: ${name}`),
  );
  const summary = `Aims met: ${rows.length - missed.length} of ${rows.length}.`;
  return missed.length === 0 ? summary : [`${summary} Not met:\n`, ...missed].join('\n');
}

/** Renders one table: names on the left, figures on the right, and a line per section. */
function alignTable({ head, sections }: Table): string {
  const all = [head, ...sections.flatMap(({ rows }) => rows)];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [
    line(head),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...sections.map(({ title, rows }) => ['', title, ...rows.map(line)].join('\n')),
  ].join('\n');
}
