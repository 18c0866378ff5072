/** Order and extent of the measurements. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBundles } from './measures/bundle-sizes.ts';
import { measureColdStarts } from './measures/cold-start.ts';
import { measureEventDelays } from './measures/events/delays.ts';
import { measureHashes } from './measures/hashes.ts';
import { measureImports } from './measures/imports.ts';
import { measureInvited } from './measures/invited.ts';
import { measureLists } from './measures/lists.ts';
import { measureMails } from './measures/mails.ts';
import { measureMembers } from './measures/members.ts';
import { measureNeighbors } from './measures/neighbors.ts';
import { measureNumbering } from './measures/events/numbering.ts';
import { measureRequests } from './measures/requests.ts';
import { measureScimOperations } from './measures/scim/operations.ts';
import { measureSignIns } from './measures/sign-ins.ts';
import { measureSizes } from './measures/sizes.ts';
import { measureStartUp } from './measures/start-up.ts';
import { measureThroughput } from './measures/throughput.ts';
import { measureTokens } from './measures/tokens.ts';
import type { Options } from './options.ts';
import type { MeasureName, Measurements } from './report/results.ts';
import { endAll } from './support/processes.ts';
import { printLine } from './support/progress.ts';
import { clearStage, type Stage, setStage } from './support/stage.ts';

interface Run {
  readonly quick: boolean;
  /** Folder of the stack and the servers. */
  readonly folder: string;
  readonly log: (line: string) => void;
}

type Measure = (run: Run) => Promise<Measurements>;
type MeasureOnStage = (stage: Stage, run: Run) => Promise<Measurements>;

/** Measurements with servers of their own, in order. The first one needs an empty folder. */
const standalone: Partial<Record<MeasureName, Measure>> = {
  'start-up': async ({ quick, folder, log }) => ({
    startUp: await measureStartUp(folder, {
      changed: quick ? 1 : 3,
      unchanged: quick ? 2 : 7,
      log,
    }),
  }),
  hashes: async ({ quick, log }) => ({
    hashes: await measureHashes({ rounds: quick ? 1 : 5, log }),
  }),
  mails: async ({ quick, folder, log }) => ({
    mails: await measureMails(folder, {
      warmUp: quick ? 50 : 200,
      invitations: quick ? 150 : 490,
      log,
    }),
  }),
  events: async ({ quick, folder, log }) => ({
    eventDelays: await measureEventDelays(folder, {
      warmUp: 40,
      changes: quick ? 200 : 450,
      log,
    }),
  }),
  requests: async ({ quick, folder, log }) => ({
    requests: await measureRequests(folder, { repetitions: quick ? 3 : 7, log }),
  }),
  invited: async ({ quick, folder, log }) => ({
    invited: await measureInvited(folder, {
      rounds: quick ? 1 : 6,
      invitations: quick ? 200 : 450,
      passwords: quick ? 16 : 48,
      log,
    }),
  }),
};

/** Measurements on the same servers, in order. The last one restarts them with limits. */
const onStage: Partial<Record<MeasureName, MeasureOnStage>> = {
  'cold-starts': async (stage, { quick, folder, log }) => {
    const rounds = quick ? 5 : 20;
    const { coldStarts, bundles } = await measureColdStarts(stage, { folder, rounds, log });
    return { coldStarts, bundles: measureBundles(bundles) };
  },
  throughput: (stage, { quick, log }) =>
    measureThroughput(stage, { pairs: quick ? 2 : 6, warmUp: quick ? 500 : 1500, log }),
  'sign-ins': async (stage, { quick, log }) => ({
    signIns: await measureSignIns(stage, { seconds: quick ? 2 : 10, log }),
  }),
  tokens: async (stage, { quick, log }) => ({
    tokens: await measureTokens(stage, { seconds: quick ? 2 : 8, log }),
  }),
  imports: async (stage, { quick, log }) => ({
    imports: await measureImports(stage, { requests: quick ? 3 : 10, log }),
  }),
  numbering: async (stage, { quick, log }) => ({
    numbering: await measureNumbering(stage, { changes: quick ? 200 : 1000, log }),
  }),
  sizes: async (stage, { quick, log }) => ({
    sized: await measureSizes(
      stage,
      quick
        ? { sizes: [1_000], rounds: 3, onlyLists: true, log }
        : { sizes: [1_000, 10_000, 100_000], rounds: 9, log },
    ),
  }),
  members: async (stage, { quick, log }) => ({
    members: await measureMembers(
      stage,
      quick ? { sizes: [100, 1_000], rounds: 3, log } : { sizes: [100, 50_000], rounds: 9, log },
    ),
  }),
  scim: async (stage, { quick, log }) => ({
    scim: await measureScimOperations(stage, {
      rounds: quick ? 3 : 8,
      requests: quick ? 100 : 200,
      log,
    }),
  }),
  lists: async (stage, { quick, folder, log }) => ({
    lists: await measureLists(stage, {
      folder,
      size: quick ? 1_000 : 50_000,
      rounds: quick ? 2 : 4,
      log,
    }),
  }),
  neighbors: async (stage, { folder, log }) => ({
    // A shorter flood would end before the 10 s window is full.
    neighbors: await measureNeighbors(stage, { folder, seconds: 4, log }),
  }),
};

/** Runs the selected measurements, by default all. */
export async function measureAll({
  quick,
  only,
}: Pick<Options, 'quick' | 'only'>): Promise<Measurements> {
  const folder = mkdtempSync(join(tmpdir(), 'roster-bench-'));
  // A process that is ending may still write to the folder.
  process.on('exit', () =>
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  );
  const run: Run = { quick, folder, log: printLine };
  const isSelected = ([name]: [string, unknown]) =>
    only === undefined || only.some((selected) => selected === name);
  if (only === undefined)
    printLine(
      `Measuring for about ${quick ? 2 : 10} minutes. Other programs on this machine change the figures.`,
    );

  const results: Measurements[] = [];
  for (const [, measure] of Object.entries(standalone).filter(isSelected))
    results.push(await measure(run));
  const remaining = Object.entries(onStage).filter(isSelected);
  if (remaining.length > 0) results.push(...(await measureOnStage(remaining, run)));
  await endAll();
  return Object.assign({}, ...results) as Measurements;
}

async function measureOnStage(
  measures: readonly [string, MeasureOnStage][],
  run: Run,
): Promise<Measurements[]> {
  run.log('Starting Roster and the bare server');
  const stage = await setStage(run.folder);
  const results: Measurements[] = [];
  try {
    for (const [, measure] of measures) results.push(await measure(stage, run));
  } finally {
    await clearStage(stage);
  }
  return results;
}
