/**
 * Throughput of Roster compared with the bare server: the same requests to both in turns, so drift
 * affects both.
 */
import { residentMemory } from '../support/processes.ts';
import { assertSameItems, type WrittenItem } from '../support/same-items.ts';
import {
  type Quartiles,
  type Requests,
  type Slice,
  share,
  startLoad,
  type Summary,
  summary,
} from '../support/slices.ts';
import { type Stage, type Target, tenantId } from '../support/stage.ts';

interface Scenario {
  readonly name: string;
  readonly operation: 'create' | 'get';
  readonly concurrency: number;
  readonly password?: boolean;
  /** Each request has the token of a new caller. */
  readonly newTokens?: boolean;
  /** Requests per slice, about one second. */
  readonly requests: number;
  /** Target share of the bare server's rate. */
  readonly aim?: number;
}

const scenarios: readonly Scenario[] = [
  { name: 'create, 1 at a time', operation: 'create', concurrency: 1, requests: 400 },
  { name: 'create, 16 at a time', operation: 'create', concurrency: 16, requests: 800, aim: 0.8 },
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
    aim: 0.7,
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
  { name: 'get by id, 16 at a time', operation: 'get', concurrency: 16, requests: 1500, aim: 0.85 },
];

export interface Throughput {
  readonly name: string;
  readonly aim?: number | undefined;
  readonly roster: Summary;
  readonly bare: Summary;
  /** Roster's rate as a share of the bare server's rate. */
  readonly share: Quartiles;
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
  { pairs, warmUp, tell }: { pairs: number; warmUp: number; tell: (line: string) => void },
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
  const createOne = async (by: string, target: Target, password: boolean): Promise<WrittenItem> => {
    const { created } = await send(target, { count: 1, concurrency: 1, password });
    return { by, tenantId, userId: created[0]?.userId ?? '' };
  };
  for (const password of [true, false]) {
    await assertSameItems(
      stage,
      await createOne('Roster', roster, password),
      await createOne('the bare server', bare, password),
    );
  }

  const throughput: Throughput[] = [];
  for (const { name, operation, requests: count, aim, ...rest } of scenarios) {
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
      aim,
      roster: summary(ours),
      bare: summary(theirs),
      share: share(ours, theirs),
    };
    tell(
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
