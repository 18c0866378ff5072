/**
 * Throughput of Roster compared with the bare server: the same requests to both in turns, so drift
 * affects both.
 */
import { residentMemory } from '../support/processes.ts';
import { assertSameItems, type WrittenItem } from '../support/same-items.ts';
import {
  processorTimes,
  type Requests,
  type Slice,
  share,
  startLoad,
  type Summary,
  summary,
} from '../support/slices.ts';
import { type Stage, type Target, tenantId } from '../support/stage.ts';
import type { Quartiles } from '../support/statistics.ts';

interface Scenario {
  readonly name: string;
  readonly operation: 'create' | 'get';
  readonly concurrency: number;
  readonly password?: boolean;
  /** Each request has the token of a new caller. */
  readonly newTokens?: boolean;
  /** Users without roles. Roster reads the caller's roles before it grants others. */
  readonly withoutRoles?: boolean;
  /** Requests per slice, about one second. */
  readonly requests: number;
}

const scenarios: readonly Scenario[] = [
  {
    name: 'create without roles, 1 at a time',
    operation: 'create',
    concurrency: 1,
    withoutRoles: true,
    requests: 500,
  },
  {
    name: 'create without roles, 16 at a time',
    operation: 'create',
    concurrency: 16,
    withoutRoles: true,
    requests: 1000,
  },
  { name: 'create, 1 at a time', operation: 'create', concurrency: 1, requests: 400 },
  { name: 'create, 16 at a time', operation: 'create', concurrency: 16, requests: 800 },
  {
    name: 'create, 1 at a time, new tokens',
    operation: 'create',
    concurrency: 1,
    newTokens: true,
    requests: 400,
  },
  {
    name: 'create, 16 at a time, new tokens',
    operation: 'create',
    concurrency: 16,
    newTokens: true,
    requests: 800,
  },
  {
    name: 'create, 1 at a time, password',
    operation: 'create',
    concurrency: 1,
    password: true,
    requests: 20,
  },
  {
    name: 'create, 16 at a time, password',
    operation: 'create',
    concurrency: 16,
    password: true,
    requests: 48,
  },
  { name: 'get by id, 1 at a time', operation: 'get', concurrency: 1, requests: 600 },
  { name: 'get by id, 16 at a time', operation: 'get', concurrency: 16, requests: 1500 },
];

export interface Throughput {
  readonly name: string;
  readonly roster: Summary;
  readonly bare: Summary;
  /** Roster's rate as a share of the bare server's rate. */
  readonly share: Quartiles;
  /** Roster's CPU time as a multiple of the bare server's. Undefined if it is unknown. */
  readonly processorTimes?: Quartiles | undefined;
}

export interface Memory {
  /** MB after the last slice. */
  readonly roster: number | undefined;
  readonly bare: number | undefined;
  readonly database: number | undefined;
}

/** Measures every scenario in `pairs` slices per server. */
export async function measureThroughput(
  stage: Stage,
  { pairs, warmUp, log }: { pairs: number; warmUp: number; log: (line: string) => void },
): Promise<{ throughput: Throughput[]; memory: Memory }> {
  const load = startLoad(stage);
  const send = (target: Target, requests: Requests) => load.send(target, tenantId, requests);

  const { roster, bare } = stage;
  const users = new Map<Target, readonly string[]>();
  for (const target of [roster, bare]) {
    const slice = await send(target, { count: warmUp, concurrency: 16 });
    const reads = slice.created.map(({ userId }) => `/${userId}`);
    users.set(target, reads);
    await send(target, { count: warmUp, concurrency: 16, reads });
    await send(target, { count: warmUp, concurrency: 16, newTokens: true });
  }
  const createOne = async (by: string, target: Target, fields: object): Promise<WrittenItem> => {
    const { created } = await send(target, { count: 1, concurrency: 1, ...fields });
    return { by, tenantId, userId: created[0]?.userId ?? '' };
  };
  for (const fields of [{ password: true }, {}, { withoutRoles: true }]) {
    await assertSameItems(
      stage,
      await createOne('Roster', roster, fields),
      await createOne('the bare server', bare, fields),
    );
  }

  const throughput: Throughput[] = [];
  for (const { name, operation, requests: count, ...rest } of scenarios) {
    const slices = new Map<Target, Slice[]>([roster, bare].map((target) => [target, []]));
    for (let pair = 0; pair < pairs; pair++) {
      // The order alternates, so no position favors a server.
      for (const target of pair % 2 === 0 ? [roster, bare] : [bare, roster]) {
        const reads = operation === 'get' ? { reads: users.get(target) ?? [] } : {};
        slices.get(target)?.push(await send(target, { count, ...rest, ...reads }));
      }
    }
    const [ours = [], theirs = []] = [slices.get(roster), slices.get(bare)];
    const measured = {
      name,
      roster: summary(ours),
      bare: summary(theirs),
      share: share(ours, theirs),
      processorTimes: processorTimes(ours, theirs),
    };
    log(
      `${name}: ${measured.roster.rate.toFixed(0)}/s beside ${measured.bare.rate.toFixed(0)}/s, ${(measured.share[1] * 100).toFixed(0)} %`,
    );
    throughput.push(measured);
  }
  const memory = {
    roster: residentMemory(roster.process),
    bare: residentMemory(bare.process),
    database: residentMemory(stage.database),
  };
  await load.end();
  return { throughput, memory };
}
