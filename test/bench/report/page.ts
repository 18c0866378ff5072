/** Section of docs/performance.md that shows the figures of one run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/processes.ts';
import { renderMarkdown } from './render.ts';
import type { Results } from './results.ts';

const page = join(root, 'docs/performance.md');
const [start, end] = ['<!-- figures: npm run bench -- --page -->', '<!-- end of figures -->'];

/** Throws for a run that lacks measurements or repetitions. */
export function assertComplete({ quick, only }: Pick<Results, 'quick' | 'only'>): void {
  if (quick || only) throw new Error('docs/performance.md shows only full runs');
}

/** Renders docs/performance.md with the figures of a full run. */
export function renderPage(results: Results): string {
  assertComplete(results);
  const [head, rest = ''] = readFileSync(page, 'utf8').split(start);
  const [, tail] = rest.split(end);
  if (head === undefined || tail === undefined)
    throw new Error(`${page} must contain ${start} and ${end}`);
  return `${head}${start}\n\n${renderMarkdown(results)}\n\n${end}${tail}`;
}

export const writePage = (results: Results): void => writeFileSync(page, renderPage(results));
