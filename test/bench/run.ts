/**
 * `npm run bench`: runs all measurements with progress output, prints tables, and writes
 * `.local/bench.json`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureBundles } from './measures/bundle-sizes.ts';
import { measureColdStarts } from './measures/cold-start.ts';
import { measureHashes } from './measures/hashes.ts';
import { measureInvited } from './measures/invited.ts';
import { describeMachine } from './support/machine.ts';
import { measureMails } from './measures/mails.ts';
import { measureNeighbors } from './measures/neighbors.ts';
import { endAll, root } from './support/processes.ts';
import { printLine } from './support/progress.ts';
import { type Results, report } from './report.ts';
import { measureSignIns } from './measures/sign-ins.ts';
import { measureSizes } from './measures/sizes.ts';
import { clearStage, setStage } from './support/stage.ts';
import { measureStartUp } from './measures/start-up.ts';
import { measureThroughput } from './measures/throughput.ts';
import { measureTokens } from './measures/tokens.ts';

const { quick = false } = parseArgs({ options: { quick: { type: 'boolean' } } }).values;
const [load = 0] = loadavg();
const folder = mkdtempSync(join(tmpdir(), 'roster-bench-'));
// A process that is ending may still write to the folder.
process.on('exit', () =>
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
);

printLine(
  `Measuring for about ${quick ? 'two minutes' : 'ten minutes'}; what else runs on this machine will show.`,
);
const hashes = await measureHashes({ rounds: quick ? 1 : 5, tell: printLine });
const startUp = await measureStartUp(folder, {
  changed: quick ? 1 : 3,
  unchanged: quick ? 2 : 7,
  tell: printLine,
});
const mails = await measureMails(folder, {
  warmUp: quick ? 50 : 200,
  invitations: quick ? 150 : 490,
  tell: printLine,
});
const invited = await measureInvited(folder, {
  rounds: quick ? 1 : 6,
  invitations: quick ? 200 : 450,
  passwords: quick ? 16 : 48,
  tell: printLine,
});

printLine('starting Roster and the bare server');
const stage = await setStage(folder);
let results: Results;
try {
  const machine = describeMachine(stage.database, load);
  const { coldStarts, bundles } = await measureColdStarts(stage, {
    folder,
    rounds: quick ? 5 : 20,
    tell: printLine,
  });
  printLine('warming up');
  const { throughput, memory } = await measureThroughput(stage, {
    pairs: quick ? 2 : 6,
    warmUp: quick ? 500 : 1500,
    tell: printLine,
  });
  const signIns = await measureSignIns(stage, { seconds: quick ? 2 : 10, tell: printLine });
  const tokens = await measureTokens(stage, { seconds: quick ? 2 : 8, tell: printLine });
  const sized = quick
    ? []
    : await measureSizes(stage, { sizes: [1_000, 10_000, 100_000], rounds: 9, tell: printLine });
  // A shorter flood would end before the 10 s window is full.
  const neighbors = await measureNeighbors(stage, { folder, seconds: 4, tell: printLine });
  results = {
    time: new Date().toISOString(),
    quick,
    machine,
    throughput,
    signIns,
    hashes,
    tokens,
    invited,
    mails,
    sized,
    neighbors,
    memory,
    coldStarts,
    startUp,
    bundles: measureBundles(bundles),
  };
} finally {
  await clearStage(stage);
  await endAll();
}

const file = join(root, '.local', 'bench.json');
mkdirSync(join(root, '.local'), { recursive: true });
writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
console.log(`\n${report(results)}\n\nWritten to ${file}`);
process.exit();
