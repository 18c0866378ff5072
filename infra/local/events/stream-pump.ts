import { setTimeout as sleep } from 'node:timers/promises';
import { deliver } from './batches.ts';
import type { StreamMapping } from '../template/event-sources.ts';
import type { KeepFailure } from './dead-letters.ts';
import type { LocalFunction } from '../gateway/invoke.ts';
import { openPositions } from './positions.ts';
import { createStreams, recordsAtOnce, type StreamRecord } from './streams.ts';

interface PumpOptions {
  /** Of the database. */
  readonly endpoint: string;
  readonly mappings: readonly StreamMapping[];
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly keepFailure: KeepFailure;
  /** Told of everything that goes wrong, by the name of the function or of the mapping. */
  readonly onFailure: (name: string, error: unknown) => void;
  /** Where a restart finds how far each mapping has come. What it does not find is delivered again. */
  readonly positionsFile?: string;
  /** How long it is from the first failure to the first retry; then twice as long each time. */
  readonly retryDelayMs?: number;
}

export interface StreamPump {
  /** Somebody may just have written something. */
  wake(): void;
  /** Waits for the functions that are running. */
  stop(): Promise<void>;
}

/**
 * How long a stream is left alone while nothing happens: what nobody wakes us for is late by this much. The longer a stream of
 * the embedded database is the longer a read takes, even of nothing, so that it is a hundred times as long as that, within bounds.
 */
const idle = (readMs: number) => Math.min(Math.max(150, 100 * readMs), 5000);

/** How long it is left alone while much happens, for the database to have its time for others. */
const busy = (readMs: number) => Math.max(25, readMs);

/** After a failure to read. */
const troubledMs = 1000;

/** Feeds the functions of event source mappings from the streams of the database's tables, one batch of a lane at a time. */
export function startStreamPump({
  endpoint,
  mappings,
  functions,
  keepFailure,
  onFailure,
  positionsFile,
  retryDelayMs = 200,
}: PumpOptions): StreamPump {
  const controller = new AbortController();
  const stopping = controller.signal;
  const streams = createStreams(endpoint, stopping);
  const positions = openPositions(positionsFile);
  let bell = Promise.withResolvers<void>();

  const wake = () => {
    bell.resolve();
    bell = Promise.withResolvers();
  };
  const rest = (ms: number) =>
    sleep(ms, undefined, { ref: false, signal: stopping }).catch(() => {});

  /** Reads one shard to its end, and takes the items of one lane. Lanes are read each for itself, so that none waits for another. */
  const readLane = async (
    mapping: StreamMapping,
    streamArn: string,
    shardId: string,
    lane: number,
  ) => {
    const target = functions.get(mapping.functionName);
    if (target === undefined) throw new Error(`There is no function ${mapping.functionName}.`);
    const place = `${mapping.id} ${streamArn} ${shardId} ${lane + 1}/${mapping.lanes}`;
    const after = positions.get(place);
    const onProgress = ({ dynamodb }: StreamRecord) =>
      positions.set(place, dynamodb.SequenceNumber);
    const options = {
      mapping,
      target,
      streamArn,
      shardId,
      keepFailure,
      onFailure,
      onProgress,
      retryDelayMs,
      stopping,
    };
    const waiting: StreamRecord[] = [];
    let full = 0;

    let iterator: string | undefined = await streams.iterate(
      streamArn,
      shardId,
      after === undefined ? mapping.startAt : { after },
    );
    while (iterator !== undefined && !stopping.aborted) {
      // Taken before the read, so that what is written meanwhile is not overslept.
      const woken = bell.promise;
      const readAt = performance.now();
      const { records, next } = await streams.read(iterator);
      iterator = next;
      const readMs = performance.now() - readAt;

      const inLane = records.filter((record) => laneOf(record, mapping) === lane);
      const wanted = inLane.filter(
        (record) =>
          mapping.filters.length === 0 || mapping.filters.some((matches) => matches(record)),
      );
      if (waiting.length === 0) full = performance.now() + mapping.batchingWindowMs;
      waiting.push(...wanted.map((record) => ({ ...record, eventSourceARN: streamArn })));
      const isDue = () =>
        waiting.length >= mapping.batchSize || performance.now() >= full || iterator === undefined;
      while (waiting.length > 0 && isDue() && !stopping.aborted)
        await deliver(waiting.splice(0, mapping.batchSize), options);
      const [last] = records.slice(-1);
      if (last && waiting.length === 0 && !stopping.aborted) onProgress(last);

      if (records.length === recordsAtOnce) continue;
      if (records.length === 0) await Promise.race([woken, rest(idle(readMs))]);
      const left = readAt + readMs + busy(readMs) - performance.now();
      if (left > 0) await rest(left);
    }
  };

  const readStream = async (mapping: StreamMapping) => {
    const streamArn = await streams.find(mapping.tableName);
    const lanes = Array.from({ length: mapping.lanes }, (_, lane) => lane);
    const finished = new Set<string | undefined>();
    while (!stopping.aborted) {
      const shards = await streams.listShards(streamArn);
      const unfinished = shards.filter(({ ShardId }) => !finished.has(ShardId));
      // What happened to an item before its shard was split comes first.
      const isBehind = (parent: string | undefined) =>
        unfinished.some(({ ShardId }) => ShardId === parent);
      const readable = unfinished.filter(({ ParentShardId }) => !isBehind(ParentShardId));
      await Promise.all(
        readable.map(async ({ ShardId }) => {
          await Promise.all(
            lanes.map((lane) =>
              untilItWorks(mapping.id, () => readLane(mapping, streamArn, ShardId, lane)),
            ),
          );
          finished.add(ShardId);
        }),
      );
      if (readable.length === 0) await rest(troubledMs);
    }
  };

  const untilItWorks = async (name: string, work: () => Promise<void>): Promise<void> => {
    let told = '';
    while (!stopping.aborted) {
      try {
        return await work();
      } catch (error) {
        // A database that is gone is one piece of news.
        if (!stopping.aborted && String(error) !== told) onFailure(name, error);
        told = String(error);
        await rest(troubledMs);
      }
    }
  };

  const running = mappings.map((mapping) => untilItWorks(mapping.id, () => readStream(mapping)));
  return {
    wake,
    stop: async () => {
      controller.abort();
      await Promise.all(running);
      positions.close();
    },
  };
}

/** Records of one item are in one lane. The names of its keys come in any order, and a sum does not mind. */
function laneOf({ dynamodb }: StreamRecord, { lanes }: StreamMapping): number {
  const bytes = Buffer.from(JSON.stringify(dynamodb.Keys));
  return lanes === 1 ? 0 : bytes.reduce((sum, byte) => sum + byte, 0) % lanes;
}
