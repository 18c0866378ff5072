/** Sections of the report, and the aims of each measurement. */
import type { BundledFile } from '../measures/bundle-sizes.ts';
import type { ColdStart } from '../measures/cold-start.ts';
import type { EventDelays } from '../measures/events/delays.ts';
import type { Imports } from '../measures/imports.ts';
import type { Invited } from '../measures/invited.ts';
import type { ListCost } from '../measures/lists.ts';
import type { Mails } from '../measures/mails.ts';
import type { Neighbor } from '../measures/neighbors.ts';
import type { OperationCost } from '../measures/requests.ts';
import type { MembersResult } from '../measures/members.ts';
import type { ScimCost } from '../measures/scim/operations.ts';
import type { SizeResult } from '../measures/sizes.ts';
import type { StartUp } from '../measures/start-up.ts';
import type { Memory, Throughput } from '../measures/throughput.ts';
import type { Measurements } from './results.ts';
import {
  type Aim,
  divide,
  multiple,
  ratioAtLeast,
  ratioAtMost,
  type Row,
  type Section,
  share,
  valueAtLeast,
  valueAtMost,
} from './rows.ts';

/** Shares of the bare server's rate, by scenario. */
const throughputAims: Readonly<Record<string, Aim>> = {
  'create without roles, 16 at a time': ratioAtLeast(0.92),
  'get by id, 16 at a time': ratioAtLeast(0.8),
};
const memoryAim = ratioAtMost(1.2);
const listAims = { requests: valueAtMost(1), readUnits: valueAtMost(30), cpuMs: valueAtMost(4) };
/**
 * Multiples of a plain page with 15 read units, by query. A search reads at most 300 units, a count
 * with a filter 7,500 more.
 */
const listQueryAims: Readonly<Record<string, Readonly<Record<'readUnits' | 'cpu', Aim>>>> = {
  '`sort=-email`': { readUnits: ratioAtMost(1), cpu: ratioAtMost(1.2) },
  '`search`, all match': { readUnits: ratioAtMost(1), cpu: ratioAtMost(1.5) },
  '`search`, 1 of 5 matches': { readUnits: ratioAtMost(7), cpu: ratioAtMost(6) },
  '`search`, none match': { readUnits: ratioAtMost(20), cpu: ratioAtMost(12) },
  '`count`': { readUnits: ratioAtMost(100), cpu: ratioAtMost(10) },
  '`count` and `search`': { readUnits: ratioAtMost(520), cpu: ratioAtMost(300) },
};
const growthAim = ratioAtMost(1.2);
const mailAims = {
  requests: valueAtMost(5),
  writeUnits: valueAtMost(7),
  consumer: ratioAtLeast(0.5),
  rate: valueAtLeast(40),
  p95: valueAtMost(1000),
  none: valueAtMost(0),
};
const eventAims = {
  feed: valueAtMost(3000),
  webhook: valueAtMost(5000),
  none: valueAtMost(0),
};
const coldStartAims = { wall: ratioAtMost(5), cpu: ratioAtMost(5.5) };
const bundleAims = { users: valueAtMost(400), zipped: valueAtMost(6.5), engine: valueAtMost(0) };
const startUpAims = {
  unchanged: valueAtMost(0.8),
  changed: valueAtMost(2.5),
  first: valueAtMost(4),
};
/** CPU seconds, below the limit of 1 s because a vCPU can be slower. */
const hashAim = valueAtMost(0.6);

/** Hashing takes most of the time. An import hashes as often as a create. */
const importPasswordAim = ratioAtMost(1.2);

/** A page of 100 users reads the groups of each. */
const scimAims: Readonly<Record<string, Aim>> = {
  create: ratioAtMost(2),
  'look-up by `userName`': ratioAtMost(2),
  'PATCH of `active`': ratioAtMost(2),
  'PATCH of one attribute': ratioAtMost(2),
};

/** Users per second: an import sends 100 users in one request. */
const buildImportRows = (imports: Imports | undefined): Row[] =>
  imports
    ? [
        {
          name: 'users in requests of 100 rows',
          unit: '/s',
          value: imports.bulkRate,
          reference: imports.singleRate,
          ratio: divide(imports.bulkRate, imports.singleRate),
        },
        {
          name: 'user with a password, CPU',
          unit: 'ms',
          value: imports.bulkPasswordMs,
          reference: imports.singlePasswordMs,
          ratio: divide(imports.bulkPasswordMs, imports.singlePasswordMs),
          aim: importPasswordAim,
        },
      ]
    : [];

const buildScimRow = (
  { name, processorMs, timesCreate }: ScimCost,
  create: ScimCost | undefined,
): Row => ({
  name,
  unit: 'ms',
  value: processorMs,
  ...(timesCreate && {
    reference: create?.processorMs,
    ratio: multiple(timesCreate),
    aim: scimAims[name],
  }),
});

/** Lists the sections that the run measured. */
export function buildSections(results: Measurements): Section[] {
  const { throughput, memory, sized = [], requests = [], invited = [], mails } = results;
  const { coldStarts, bundles, startUp, signIns, hashes, tokens, neighbors } = results;
  const { members = [], lists = [], scim = [], imports, numbering = [], eventDelays } = results;
  const sections: Section[] = [
    {
      title: 'Throughput, compared with a bare server',
      rows: throughput?.flatMap(buildThroughputRows) ?? [],
    },
    { title: 'Memory afterwards, compared with a bare server', rows: buildMemoryRows(memory) },
    { title: 'Lists', rows: [...buildListCostRows(requests), ...buildListCpuRows(sized)] },
    {
      title: 'Directory size, compared with the smallest directory',
      rows: sized.flatMap((result) => buildGrowthRows(result, sized)),
    },
    {
      title: 'Size of a group, compared with the smallest group',
      rows: members.flatMap((result) => buildMemberRows(result, members)),
    },
    {
      title: 'Searches and counts, compared with a plain page of 100',
      rows: lists.flatMap((cost) => buildListQueryRows(cost, lists[0])),
    },
    {
      title: 'Requests to DynamoDB',
      rows: requests
        .filter(({ name }) => !/^(page of|mail of)/.test(name))
        .flatMap((cost) => buildCostRows(cost)),
    },
    {
      title: 'Email and streams, compared with the line above',
      rows: [
        ...buildMailCostRows(requests),
        ...invited.flatMap((result, index) => buildInvitedRows(result, invited[index - 1])),
      ],
    },
    {
      title: `Email delivery at ${mails?.perSecond} invitations per second`,
      rows: buildMailRows(mails),
    },
    {
      title: `Events at ${eventDelays?.perSecond} changes per second, after the response`,
      rows: buildEventRows(eventDelays),
    },
    {
      title: 'Cold start to the first response, compared with an empty handler',
      rows: coldStarts?.flatMap((result) => buildColdStartRows(result, coldStarts)) ?? [],
    },
    { title: 'Bundles', rows: bundles ? buildBundleRows(bundles) : [] },
    { title: '`npm start` until ready', rows: startUp ? buildStartUpRows(startUp) : [] },
    {
      title: 'Sign-ins, compared with hashing alone',
      rows: (signIns ?? []).flatMap(({ concurrency, rate, hashRate, p95 }): Row[] => [
        {
          name: `${concurrency} at a time`,
          unit: '/s',
          value: rate,
          reference: hashRate,
          ratio: share(rate / hashRate),
        },
        { name: `${concurrency} at a time, p95`, unit: 'ms', value: p95 },
      ]),
    },
    {
      title: 'Tokens of app clients',
      rows: (tokens ?? []).flatMap(({ concurrency, rate, p95 }): Row[] => [
        { name: `${concurrency} at a time`, unit: '/s', value: rate },
        { name: `${concurrency} at a time, p95`, unit: 'ms', value: p95 },
      ]),
    },
    {
      title: 'CPU of SCIM requests, compared with a native create by an API key',
      rows: scim.map((cost) => buildScimRow(cost, scim[0])),
    },
    { title: 'Imports, compared with single creates', rows: buildImportRows(imports) },
    {
      title: 'Numbering of changes, compared with a create',
      rows: numbering.flatMap(({ name, rate, processorMs, createMs }): Row[] => [
        { name, unit: '/s', value: rate },
        {
          name: `${name}, CPU`,
          unit: 'ms',
          value: processorMs,
          reference: createMs,
          ratio: divide(processorMs, createMs),
        },
      ]),
    },
    {
      title: 'CPU time of imported hashes at the limit',
      rows: (hashes ?? []).map(
        ({ parameters, processorSeconds }): Row => ({
          name: `\`${parameters}\``,
          unit: 's',
          value: processorSeconds,
          aim: hashAim,
        }),
      ),
    },
    {
      title: 'Reads of one tenant beside a flood of another, p99, compared with no flood',
      rows: (neighbors ?? []).flatMap((result, _, [alone]) => buildNeighborRows(result, alone)),
    },
  ];
  return sections.filter(({ rows }) => rows.length > 0);
}

function buildNeighborRows({ name, p99, flood }: Neighbor, alone: Neighbor | undefined): Row[] {
  if (!flood) return [{ name, unit: 'ms', value: p99 }];
  return [
    { name, unit: 'ms', value: p99, reference: alone?.p99, ratio: divide(p99, alone?.p99) },
    { name: `${name}: served to the flood`, unit: '/s', value: flood.served },
    { name: `${name}: refused`, unit: '/s', value: flood.refused },
  ];
}

function buildThroughputRows({ name, roster, bare, ...measured }: Throughput): Row[] {
  const rows: Row[] = [
    {
      name,
      unit: '/s',
      value: roster.rate,
      reference: bare.rate,
      ratio: share(measured.share),
      aim: throughputAims[name],
    },
    {
      name: `${name}, CPU`,
      unit: 'ms',
      value: roster.processorQuartiles ?? roster.processorMs,
      reference: bare.processorMs,
      ratio: measured.processorTimes
        ? multiple(measured.processorTimes)
        : divide(roster.processorMs, bare.processorMs),
    },
  ];
  if (!name.includes('16 at a time')) return rows;
  const ratio = divide(roster.p95, bare.p95);
  return [
    ...rows,
    { name: `${name}, p95`, unit: 'ms', value: roster.p95, reference: bare.p95, ratio },
  ];
}

function buildMemoryRows(memory: Memory | undefined): Row[] {
  if (!memory) return [];
  const { roster, bare, database } = memory;
  return [
    {
      name: 'Roster',
      unit: 'MB',
      value: roster,
      reference: bare,
      ratio: divide(roster, bare),
      aim: memoryAim,
    },
    { name: 'database', unit: 'MB', value: database },
  ];
}

const buildCostRows = (
  { name, requests, readUnits, writeUnits, indexWriteUnits }: OperationCost,
  aims: Partial<Record<'requests' | 'readUnits' | 'writeUnits', Aim>> = {},
): Row[] =>
  [
    { name: `${name}: requests`, value: requests, aim: aims.requests },
    { name: `${name}: read units`, value: readUnits, aim: aims.readUnits },
    { name: `${name}: write units`, value: writeUnits, aim: aims.writeUnits },
    { name: `${name}: write units of the index`, value: indexWriteUnits, aim: undefined },
  ]
    .filter(({ value, aim }) => value > 0 || aim !== undefined)
    .map((row): Row => ({ ...row, unit: '', isExact: true }));

const buildListCostRows = (requests: readonly OperationCost[]): Row[] =>
  requests
    .filter(({ name }) => name.startsWith('page of'))
    .flatMap((cost) =>
      buildCostRows(cost, { requests: listAims.requests, readUnits: listAims.readUnits }),
    );

const buildMailCostRows = (requests: readonly OperationCost[]): Row[] =>
  requests
    .filter(({ name }) => name.startsWith('mail of'))
    .flatMap((cost) =>
      buildCostRows(cost, { requests: mailAims.requests, writeUnits: mailAims.writeUnits }),
    );

const buildListCpuRows = (sized: readonly SizeResult[]): Row[] =>
  sized
    .filter(({ name }) => name.startsWith('page of'))
    .map(
      ({ name, users, roster }): Row => ({
        name: `${name}, ${formatUsers(users)}: CPU`,
        unit: 'ms',
        value: roster.processorQuartiles ?? roster.processorMs,
        aim: listAims.cpuMs,
      }),
    );

function buildGrowthRows(
  { name, users, roster, slowdown }: SizeResult,
  sized: readonly SizeResult[],
): Row[] {
  const all = sized.filter((result) => result.name === name);
  const isLargest = users === Math.max(...all.map((result) => result.users));
  return [
    {
      name: `${name}, ${formatUsers(users)}`,
      unit: '/s',
      value: roster.rate,
      ...(slowdown && { reference: all[0]?.roster.rate, ratio: multiple(slowdown) }),
      aim: isLargest && slowdown ? growthAim : undefined,
    },
  ];
}

function buildMemberRows(
  { name, members, roster, slowdown }: MembersResult,
  results: readonly MembersResult[],
): Row[] {
  const smallest = results.find((result) => result.name === name);
  return [
    {
      name: `${name}, ${members.toLocaleString('en')} members`,
      unit: '/s',
      value: roster.rate,
      ...(slowdown && {
        reference: smallest?.roster.rate,
        ratio: multiple(slowdown),
        aim: growthAim,
      }),
    },
  ];
}

function buildListQueryRows(
  { name, users, readUnits, roster, processorTimes }: ListCost,
  plain: ListCost | undefined,
): Row[] {
  const title = `${name}, ${formatUsers(users)}`;
  const isPlain = processorTimes === undefined;
  const compare = (value: number | undefined, reference: number | undefined) =>
    isPlain ? {} : { reference, ratio: divide(value, reference) };
  return [
    {
      name: `${title}: read units`,
      unit: '',
      value: readUnits,
      ...compare(readUnits, plain?.readUnits),
      aim: listQueryAims[name]?.readUnits,
      isExact: true,
    },
    {
      name: `${title}: CPU`,
      unit: 'ms',
      value: roster.processorMs,
      ...(processorTimes && {
        reference: plain?.roster.processorMs,
        ratio: multiple(processorTimes),
      }),
      aim: listQueryAims[name]?.cpu,
    },
    {
      name: `${title}: p50`,
      unit: 'ms',
      value: roster.p50,
      ...compare(roster.p50, plain?.roster.p50),
    },
  ];
}

const formatUsers = (users: number): string => `${users.toLocaleString('en')} users`;

function buildInvitedRows(
  { name, password, roster, share: ratio, ...measured }: Invited,
  previous: Invited | undefined,
): Row[] {
  const kind = password ? 'password' : 'invited';
  const isMeasuredWithMail = !password && measured.mailRate > 0;
  const rows: Row[] = [
    {
      name: `create, ${kind}, ${name}`,
      unit: '/s',
      value: roster.rate,
      ...(ratio && { reference: previous?.roster.rate, ratio: share(ratio) }),
      aim: isMeasuredWithMail ? mailAims.consumer : undefined,
    },
  ];
  return isMeasuredWithMail
    ? [
        ...rows,
        {
          name: 'emails during these creates',
          unit: '/s',
          value: measured.mailRates ?? measured.mailRate,
          aim: mailAims.rate,
        },
      ]
    : rows;
}

function buildMailRows(mails: Mails | undefined): Row[] {
  if (!mails) return [];
  const { sinceAnswer, missing, again, invitations } = mails;
  return [
    { name: 'after the response, p50', unit: 'ms', value: sinceAnswer.p50 },
    { name: 'after the response, p95', unit: 'ms', value: sinceAnswer.p95, aim: mailAims.p95 },
    { name: 'after the response, p99', unit: 'ms', value: sinceAnswer.p99 },
    {
      name: `missing, of ${invitations}`,
      unit: '',
      value: missing,
      aim: mailAims.none,
      isExact: true,
    },
    { name: 'sent twice', unit: '', value: again, aim: mailAims.none, isExact: true },
  ];
}

function buildEventRows(delays: EventDelays | undefined): Row[] {
  if (!delays) return [];
  return (['feed', 'webhook'] as const).flatMap((way) => {
    const { p50, p99, missing, again } = delays[way];
    return [
      { name: `${way}, p50`, unit: 'ms', value: p50 },
      { name: `${way}, p99`, unit: 'ms', value: p99, aim: eventAims[way] },
      {
        name: `${way}, missing of ${delays.changes}`,
        unit: '',
        value: missing,
        aim: eventAims.none,
        isExact: true,
      },
      { name: `${way}, again`, unit: '', value: again, aim: eventAims.none, isExact: true },
    ];
  });
}

function buildColdStartRows(
  { name, median, processorMs, isBearer = name === 'users', ...times }: ColdStart,
  coldStarts: readonly ColdStart[],
): Row[] {
  const empty = coldStarts.find((result) => result.name === 'empty');
  if (name === 'empty')
    return [
      { name, unit: 'ms', value: median },
      { name: `${name}, CPU`, unit: 'ms', value: processorMs },
    ];
  return [
    {
      name,
      unit: 'ms',
      value: median,
      reference: empty?.median,
      ratio: times.timesEmpty ? multiple(times.timesEmpty) : divide(median, empty?.median),
      aim: isBearer ? coldStartAims.wall : undefined,
    },
    {
      name: `${name}, CPU`,
      unit: 'ms',
      value: processorMs,
      reference: empty?.processorMs,
      ratio: times.processorTimesEmpty
        ? multiple(times.processorTimesEmpty)
        : divide(processorMs, empty?.processorMs),
      aim: isBearer ? coldStartAims.cpu : undefined,
    },
  ];
}

function buildBundleRows(bundles: readonly BundledFile[]): Row[] {
  const gzipBytes = bundles.reduce((sum, file) => sum + file.gzipBytes, 0);
  const engines = bundles.filter(({ file }) => file.endsWith('.wasm'));
  return [
    ...bundles
      .filter(({ kind }) => kind === 'code')
      .map(
        ({ function: name, file, bytes }): Row => ({
          name: file,
          unit: 'kB',
          value: bytes / 1000,
          aim: name === 'users' ? bundleAims.users : undefined,
          isExact: true,
        }),
      ),
    {
      name: 'all functions, zipped',
      unit: 'MB',
      value: gzipBytes / 1e6,
      aim: bundleAims.zipped,
      isExact: true,
    },
    {
      name: '`.wasm` files',
      unit: '',
      value: engines.length,
      aim: bundleAims.engine,
      isExact: true,
    },
  ];
}

const buildStartUpRows = ({ quartiles, ...medians }: StartUp): Row[] =>
  (
    [
      ['unchanged', 'nothing changed'],
      ['changed', 'sources changed'],
      ['first', 'nothing built'],
    ] as const
  ).map(([key, name]): Row => {
    const [lower, middle, upper] = quartiles?.[key] ?? [];
    const value =
      lower === undefined || middle === undefined || upper === undefined
        ? medians[key] / 1000
        : ([lower / 1000, middle / 1000, upper / 1000] as const);
    return { name, unit: 's', value, aim: startUpAims[key] };
  });
