/** Results of a run, as they are in its JSON file. */
import { readFileSync } from 'node:fs';
import type { BundledFile } from '../measures/bundle-sizes.ts';
import type { ColdStart } from '../measures/cold-start.ts';
import type { EventDelays } from '../measures/events/delays.ts';
import type { HashCost } from '../measures/hashes.ts';
import type { Imports } from '../measures/imports.ts';
import type { Invited } from '../measures/invited.ts';
import type { ListCost } from '../measures/lists.ts';
import type { Mails } from '../measures/mails.ts';
import type { MembersResult } from '../measures/members.ts';
import type { Neighbor } from '../measures/neighbors.ts';
import type { Numbering } from '../measures/events/numbering.ts';
import type { OperationCost } from '../measures/requests.ts';
import type { ScimCost } from '../measures/scim/operations.ts';
import type { SignIns } from '../measures/sign-ins.ts';
import type { SizeResult } from '../measures/sizes.ts';
import type { StartUp } from '../measures/start-up.ts';
import type { Memory, Throughput } from '../measures/throughput.ts';
import type { Tokens } from '../measures/tokens.ts';
import type { Commit } from '../support/commit.ts';
import type { Machine } from '../support/machine.ts';

/** Measurements that `--only` selects. */
export const measureNames = [
  'hashes',
  'start-up',
  'mails',
  'events',
  'invited',
  'requests',
  'cold-starts',
  'throughput',
  'sign-ins',
  'tokens',
  'imports',
  'numbering',
  'sizes',
  'members',
  'scim',
  'lists',
  'neighbors',
] as const;
export type MeasureName = (typeof measureNames)[number];

/** Measured values. Each one is absent if the run did not measure it. */
export interface Measurements {
  readonly throughput?: readonly Throughput[];
  readonly memory?: Memory;
  readonly signIns?: readonly SignIns[];
  /** Corner cases of imported hashes. */
  readonly hashes?: readonly HashCost[];
  readonly tokens?: readonly Tokens[];
  readonly imports?: Imports;
  readonly numbering?: readonly Numbering[];
  /** Empty for other databases than the embedded one. */
  readonly requests?: readonly OperationCost[];
  readonly invited?: readonly Invited[];
  readonly mails?: Mails;
  readonly eventDelays?: EventDelays;
  /** A quick run has only lists of the smallest directory. */
  readonly sized?: readonly SizeResult[];
  /** Lists of members of groups, by size. */
  readonly members?: readonly MembersResult[];
  /** The first entry is the native create. */
  readonly scim?: readonly ScimCost[];
  /** The first entry is the plain page. */
  readonly lists?: readonly ListCost[];
  /** The first entry is without a flood. */
  readonly neighbors?: readonly Neighbor[];
  readonly coldStarts?: readonly ColdStart[];
  readonly startUp?: StartUp;
  readonly bundles?: readonly BundledFile[];
}

export interface Results extends Measurements {
  /** ISO 8601. */
  readonly time: string;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Absent outside a Git checkout, and in files of earlier versions. */
  readonly commit?: Commit;
  /** Absent if the run measured everything. */
  readonly only?: readonly MeasureName[];
}

export const readResults = (file: string): Results =>
  JSON.parse(readFileSync(file, 'utf8')) as Results;
