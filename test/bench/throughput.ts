/** How much Roster does, beside the bare server: the same requests to both, in turns, so that what drifts drifts for both. */
import type { Job, Outcome } from './load.ts';
import { end, nextMessage, processorTime, residentMemory, start } from './processes.ts';
import { assertSameItems, type Stage, type Target, tenantId } from './stage.ts';
import { median, quantile } from './statistics.ts';

interface Scenario {
  readonly name: string;
  readonly operation: 'create' | 'get';
  readonly concurrency: number;
  readonly password?: boolean;
  /** Each call brings a token of somebody who has not called before. */
  readonly newTokens?: boolean;
  /** In one slice: about a second's worth. */
  readonly requests: number;
  /** The share of the bare server's rate that Roster is to reach. */
  readonly aim?: number;
}

const scenarios: readonly Scenario[] = [
  { name: 'create, 1 at a time', operation: 'create', concurrency: 1, requests: 400 },
  { name: 'create, 16 at a time', operation: 'create', concurrency: 16, requests: 800, aim: 0.8 },
  { name: 'create, 1 at a time, new tokens', operation: 'create', concurrency: 1, newTokens: true, requests: 400 },
  { name: 'create, 16 at a time, new tokens', operation: 'create', concurrency: 16, newTokens: true, requests: 800, aim: 0.7 },
  { name: 'create, 1 at a time, password', operation: 'create', concurrency: 1, password: true, requests: 20 },
  { name: 'create, 16 at a time, password', operation: 'create', concurrency: 16, password: true, requests: 48 },
  { name: 'get by id, 1 at a time', operation: 'get', concurrency: 1, requests: 600 },
  { name: 'get by id, 16 at a time', operation: 'get', concurrency: 16, requests: 1500 },
];

interface Side {
  /** Requests per second: the median of the slices. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  /** Milliseconds of processor time in the server for one request; undefined where the system does not say. */
  readonly processorMs: number | undefined;
}

export interface Throughput {
  readonly name: string;
  readonly aim?: number | undefined;
  readonly roster: Side;
  readonly bare: Side;
  /** Roster's rate as a share of the bare server's: of each pair of neighbouring slices, the median and both quartiles. */
  readonly share: readonly [lower: number, median: number, upper: number];
}

export interface Memory {
  /** MB, after the last slice. */
  readonly roster: number | undefined;
  readonly bare: number | undefined;
  readonly database: number | undefined;
}

interface Slice extends Outcome {
  readonly requests: number;
  readonly processorSeconds: number | undefined;
}

/** Measures every scenario in `pairs` slices for each server. */
export async function measureThroughput(
  stage: Stage,
  { pairs, warmUp, tell }: { pairs: number; warmUp: number; tell: (line: string) => void },
): Promise<{ throughput: Throughput[]; memory: Memory }> {
  const load = start(process.execPath, ['test/bench/load.ts'], { stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  const tokens = { ...stage.issuer, tenantId };
  const send = async (target: Target, job: Omit<Job, 'url' | 'tokens'> & { newTokens?: boolean | undefined }): Promise<Slice> => {
    const { newTokens = false, ...rest } = job;
    const before = processorTime(target.process);
    load.send({ ...rest, url: target.users, tokens: { ...tokens, each: newTokens } } satisfies Job);
    const outcome = await nextMessage<Outcome>(load);
    const after = processorTime(target.process);
    const processorSeconds = before === undefined || after === undefined ? undefined : after - before;
    return { ...outcome, requests: job.count, processorSeconds };
  };

  const { roster, bare } = stage;
  const created = new Map<Target, readonly string[]>();
  for (const target of [roster, bare]) {
    const { userIds } = await send(target, { count: warmUp, concurrency: 16 });
    created.set(target, userIds);
    await send(target, { count: warmUp, concurrency: 16, userIds });
    await send(target, { count: warmUp, concurrency: 16, newTokens: true });
  }
  const [first, second] = [
    await send(roster, { count: 1, concurrency: 1, password: true }),
    await send(bare, { count: 1, concurrency: 1, password: true }),
  ];
  await assertSameItems(stage, uuidOf(first.userIds[0]), uuidOf(second.userIds[0]));

  const throughput: Throughput[] = [];
  for (const { name, operation, requests: count, aim, ...rest } of scenarios) {
    const slices = new Map<Target, Slice[]>([roster, bare].map((target) => [target, []]));
    for (let pair = 0; pair < pairs; pair++) {
      // Who goes first changes, so that whatever favours the second favours both.
      for (const target of pair % 2 === 0 ? [roster, bare] : [bare, roster]) {
        const userIds = operation === 'get' ? { userIds: created.get(target) ?? [] } : {};
        slices.get(target)?.push(await send(target, { count, ...rest, ...userIds }));
      }
    }
    const measured = compare(name, aim, slices.get(roster) ?? [], slices.get(bare) ?? []);
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
  await end(load);
  return { throughput, memory };
}

function compare(name: string, aim: number | undefined, roster: readonly Slice[], bare: readonly Slice[]): Throughput {
  const rate = ({ requests, seconds }: Slice) => requests / seconds;
  const shares = roster.map((slice, index) => rate(slice) / rate(bare[index] ?? slice));
  const side = (slices: readonly Slice[]): Side => {
    const latencies = slices.flatMap((slice) => slice.latencies);
    const processor = slices.map(({ processorSeconds = NaN }) => processorSeconds).reduce((sum, seconds) => sum + seconds, 0);
    const processorMs = (processor * 1000) / latencies.length;
    return {
      rate: median(slices.map(rate)),
      p50: quantile(latencies, 0.5),
      p95: quantile(latencies, 0.95),
      processorMs: Number.isNaN(processorMs) ? undefined : processorMs,
    };
  };
  return { name, aim, roster: side(roster), bare: side(bare), share: [quantile(shares, 0.25), median(shares), quantile(shares, 0.75)] };
}

/** Roster's ids wrap the UUID that the bare server gives. */
const uuidOf = (id = ''): string => id.replace(/^cradl:user:(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
