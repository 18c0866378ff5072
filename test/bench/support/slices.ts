/** Slices of consecutive requests to one server, and summaries of several slices. */
import type { Job, Outcome } from './load.ts';
import { end, nextMessage, processorTime, start } from './processes.ts';
import type { Stage, Target } from './stage.ts';
import { median, quantile, type Quartiles, quartiles } from './statistics.ts';

export interface Slice extends Outcome {
  readonly requests: number;
  readonly processorSeconds: number | undefined;
}

/** Requests of a slice. */
export interface Requests extends Omit<Job, 'url' | 'tokens'> {
  /** Each request has the token of a new caller. */
  readonly newTokens?: boolean | undefined;
}

export interface Load {
  send(target: Target, tenantId: string, requests: Requests): Promise<Slice>;
  end(): Promise<void>;
}

/** Starts the load generator. */
export function startLoad({ issuer }: Pick<Stage, 'issuer'>): Load {
  const load = start(process.execPath, ['test/bench/support/load.ts'], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  return {
    async send(target, tenantId, { newTokens = false, ...requests }) {
      const before = processorTime(target.process);
      load.send({
        ...requests,
        url: target.users(tenantId),
        tokens: { ...issuer, tenantId, each: newTokens },
      } satisfies Job);
      const outcome = await nextMessage<Outcome>(load);
      const after = processorTime(target.process);
      const processorSeconds =
        before === undefined || after === undefined ? undefined : after - before;
      return { ...outcome, requests: requests.count, processorSeconds };
    },
    end: () => end(load),
  };
}

export interface Summary {
  /** Requests per second, median of the slices. */
  readonly rate: number;
  /** Latency in ms. */
  readonly p50: number;
  readonly p95: number;
  /** CPU time of the server per request, in ms. Undefined if the system does not report it. */
  readonly processorMs: number | undefined;
  /** Quartiles of the slices. */
  readonly processorQuartiles?: Quartiles | undefined;
}

const rate = ({ requests, seconds }: Slice): number => requests / seconds;
const processorMs = ({ requests, processorSeconds = NaN }: Slice): number =>
  (processorSeconds * 1000) / requests;

export function summary(slices: readonly Slice[]): Summary {
  const latencies = slices.flatMap((slice) => slice.latencies);
  const processor = slices
    .map(({ processorSeconds = NaN }) => processorSeconds)
    .reduce((sum, seconds) => sum + seconds, 0);
  const meanMs = (processor * 1000) / latencies.length;
  return {
    rate: median(slices.map(rate)),
    p50: quantile(latencies, 0.5),
    p95: quantile(latencies, 0.95),
    processorMs: Number.isNaN(meanMs) ? undefined : meanMs,
    processorQuartiles: Number.isNaN(meanMs) ? undefined : quartiles(slices.map(processorMs)),
  };
}

/** Rate of slices as a share of neighboring slices: median and quartiles. */
export const share = (slices: readonly Slice[], others: readonly Slice[]): Quartiles =>
  quartiles(slices.map((slice, index) => rate(slice) / rate(others[index] ?? slice)));

/** CPU time of slices as a multiple of neighboring slices. Undefined if it is unknown. */
export function processorTimes(
  slices: readonly Slice[],
  others: readonly Slice[],
): Quartiles | undefined {
  const times = slices.map(
    (slice, index) => processorMs(slice) / processorMs(others[index] ?? slice),
  );
  return times.some(Number.isNaN) ? undefined : quartiles(times);
}
