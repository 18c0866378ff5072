/**
 * `npm run bench`: runs the measurements with progress output, prints the report, and writes
 * `.local/bench.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { measureAll } from './measure-all.ts';
import { type Options, readOptions, usage } from './options.ts';
import { assertComparable } from './report/compare.ts';
import { assertComplete, writePage } from './report/page.ts';
import { renderMarkdown, renderText } from './report/render.ts';
import { readResults, type Results } from './report/results.ts';
import { readCommit } from './support/commit.ts';
import { describeMachine } from './support/machine.ts';
import { root } from './support/processes.ts';

/** Reads options and files. Exits for `--help` and for an error, before the first measurement. */
function prepare() {
  try {
    const options = readOptions(process.argv.slice(2));
    if (options.help) {
      console.log(usage);
      return process.exit();
    }
    const before = options.against === undefined ? undefined : readResults(options.against);
    const earlier = options.from === undefined ? undefined : readResults(options.from);
    const run = earlier ?? describeRun(options);
    if (options.page) assertComplete(run);
    if (before && !options.force) assertComparable(before, run);
    return { options, before, earlier, run };
  } catch (error) {
    console.error((error as Error).message);
    return process.exit(1);
  }
}

/** Conditions of a new run. */
function describeRun({ quick, only }: Options): Results {
  const commit = readCommit();
  return {
    time: new Date().toISOString(),
    quick,
    machine: describeMachine(loadavg()[0] ?? 0),
    ...(commit && { commit }),
    ...(only && { only }),
  };
}

const { options, before, earlier, run } = prepare();
const results = earlier ?? { ...run, ...(await measureAll(options)) };
const file = join(root, '.local', 'bench.json');
if (!earlier) {
  mkdirSync(join(root, '.local'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
}
console.log(`\n${(options.markdown ? renderMarkdown : renderText)(results, before)}`);
if (!earlier) console.log(`\nWritten to ${file}`);
if (options.page) writePage(results);
process.exit();
