import { setTimeout as sleep } from 'node:timers/promises';
import { deliver } from './batches.ts';
import type { StreamMapping } from './consumers.ts';
import type { KeepFailure } from './failures.ts';
import type { LocalFunction } from './invoke.ts';
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

/** How long a stream is left alone while nothing happens: what nobody wakes us for is late by this much. */
const idleMs = 150;

/** How long it is left alone while much happens, for the database to have its time for others. */
const busyMs = 25;

/** After a failure to read. */
const troubledMs = 1000;

/** Feeds the functions of event source mappings from the streams of the database's tables, one batch of a shard at a time. */
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
  const rest = (ms: number) => sleep(ms, undefined, { ref: false, signal: stopping }).catch(() => {});

  const readShard = async (mapping: StreamMapping, target: LocalFunction, streamArn: string, shardId: string) => {
    const place = `${mapping.id} ${streamArn} ${shardId}`;
    const after = positions.get(place);
    const onProgress = ({ dynamodb }: StreamRecord) => positions.set(place, dynamodb.SequenceNumber);
    const options = { mapping, target, streamArn, shardId, keepFailure, onFailure, onProgress, retryDelayMs, stopping };
    const waiting: StreamRecord[] = [];
    let full = 0;

    let iterator: string | undefined = await streams.iterate(streamArn, shardId, after === undefined ? mapping.startAt : { after });
    while (iterator !== undefined && !stopping.aborted) {
      // Taken before the read, so that what is written meanwhile is not overslept.
      const woken = bell.promise;
      const readAt = performance.now();
      const { records, next } = await streams.read(iterator);
      iterator = next;

      const wanted = records.filter((record) => mapping.filters.length === 0 || mapping.filters.some((matches) => matches(record)));
      if (waiting.length === 0) full = performance.now() + mapping.batchingWindowMs;
      waiting.push(...wanted.map((record) => ({ ...record, eventSourceARN: streamArn })));
      while (!stopping.aborted && (waiting.length >= mapping.batchSize || (waiting.length > 0 && performance.now() >= full))) {
        await deliver(waiting.splice(0, mapping.batchSize), options);
      }
      const [last] = records.slice(-1);
      if (last && waiting.length === 0 && !stopping.aborted) onProgress(last);

      if (records.length === recordsAtOnce) continue;
      if (records.length === 0) await Promise.race([woken, rest(idleMs)]);
      const rested = performance.now() - readAt;
      if (rested < busyMs) await rest(busyMs - rested);
    }
  };

  const readStream = async (mapping: StreamMapping) => {
    const target = functions.get(mapping.functionName);
    if (target === undefined) throw new Error(`There is no function ${mapping.functionName}.`);
    const streamArn = await streams.find(mapping.tableName);
    const finished = new Set<string | undefined>();
    while (!stopping.aborted) {
      const shards = await streams.listShards(streamArn);
      const unfinished = shards.filter(({ ShardId }) => !finished.has(ShardId));
      // What happened to an item before its shard was split comes first.
      const isBehind = (parent: string | undefined) => unfinished.some(({ ShardId }) => ShardId === parent);
      const readable = unfinished.filter(({ ParentShardId }) => !isBehind(ParentShardId));
      await Promise.all(
        readable.map(async ({ ShardId }) => {
          await readShard(mapping, target, streamArn, ShardId);
          finished.add(ShardId);
        }),
      );
      if (readable.length === 0) await rest(troubledMs);
    }
  };

  const follow = async (mapping: StreamMapping) => {
    while (!stopping.aborted) {
      try {
        await readStream(mapping);
      } catch (error) {
        if (!stopping.aborted) onFailure(mapping.id, error);
        await rest(troubledMs);
      }
    }
  };

  const running = mappings.map(follow);
  return {
    wake,
    stop: async () => {
      controller.abort();
      await Promise.all(running);
      positions.close();
    },
  };
}
