import { setTimeout as sleep } from 'node:timers/promises';
import { deliver } from './batches.ts';
import type { StreamMapping } from '../template/event-sources.ts';
import type { SaveDeadLetter } from './dead-letters.ts';
import type { LocalFunction } from '../gateway/invoke.ts';
import { openPositions } from './positions.ts';
import { createStreams, maxRecords, type StreamRecord } from './streams.ts';

interface PumpOptions {
  /** Endpoint of the database. */
  readonly endpoint: string;
  readonly mappings: readonly StreamMapping[];
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly keepFailure: SaveDeadLetter;
  /** Reports each failure with the name of the function or the mapping. */
  readonly onFailure: (name: string, error: unknown) => void;
  /**
   * File with the position of each mapping. Records after the saved position are delivered again.
   */
  readonly positionsFile?: string;
  /** Delay before the first retry, doubled before each later one. */
  readonly retryDelayMs?: number;
}

export interface StreamPump {
  /** Reads soon, because a function may have written to a table. */
  wake(): void;
  /** Waits for running functions. */
  stop(): Promise<void>;
}

/**
 * Polling interval of an idle stream, as a factor of the time that a read takes. The embedded
 * database reads long streams slowly, even if there is nothing new.
 */
const getIdlePauseMs = (readMs: number) => Math.min(Math.max(150, 100 * readMs), 5000);

/**
 * Pause between reads of a busy stream. It leaves the database time for other requests, and larger
 * batches take less time. Lambda reads 4 times a second.
 */
const getBusyPauseMs = (readMs: number) => Math.max(100, readMs);

/** Pause after a failed read. */
const errorPauseMs = 1000;

/** Part of a shard whose records one consumer receives in order. */
interface Lane {
  readonly mapping: StreamMapping;
  readonly streamArn: string;
  readonly shardId: string;
  readonly lane: number;
}

/**
 * Delivers stream records to the functions of event source mappings, one batch per lane at a time.
 */
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

  /**
   * Reads one shard to its end and delivers the records of one lane. Lanes do not wait for each
   * other.
   */
  const readLane = async ({ mapping, streamArn, shardId, lane }: Lane) => {
    const target = functions.get(mapping.functionName);
    if (target === undefined)
      throw new Error(`The function ${mapping.functionName} does not exist.`);
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
      // Created before the read, so a write during the read still wakes the reader.
      const woken = bell.promise;
      const readAt = performance.now();
      const { records, next } = await streams.read(iterator);
      iterator = next;
      const readMs = performance.now() - readAt;

      const inLane = records.filter((record) => getLane(record, mapping) === lane);
      const matching = inLane.filter(
        (record) =>
          mapping.filters.length === 0 || mapping.filters.some((matches) => matches(record)),
      );
      if (waiting.length === 0) full = performance.now() + mapping.batchingWindowMs;
      waiting.push(...matching.map((record) => ({ ...record, eventSourceARN: streamArn })));
      const isDue = () =>
        waiting.length >= mapping.batchSize || performance.now() >= full || iterator === undefined;
      while (waiting.length > 0 && isDue() && !stopping.aborted)
        await deliver(waiting.splice(0, mapping.batchSize), options);
      const [last] = records.slice(-1);
      if (last && waiting.length === 0 && !stopping.aborted) onProgress(last);

      if (records.length === maxRecords) continue;
      if (records.length === 0) await Promise.race([woken, rest(getIdlePauseMs(readMs))]);
      const pauseMs = readAt + readMs + getBusyPauseMs(readMs) - performance.now();
      if (pauseMs > 0) await rest(pauseMs);
    }
  };

  const readStream = async (mapping: StreamMapping) => {
    const streamArn = await streams.find(mapping.tableName);
    const lanes = Array.from({ length: mapping.lanes }, (_, lane) => lane);
    const finished = new Set<string | undefined>();
    while (!stopping.aborted) {
      const shards = await streams.listShards(streamArn);
      const unfinished = shards.filter(({ ShardId }) => !finished.has(ShardId));
      // Parent shards contain older records of the same items.
      const isBehind = (parent: string | undefined) =>
        unfinished.some(({ ShardId }) => ShardId === parent);
      const readable = unfinished.filter(({ ParentShardId }) => !isBehind(ParentShardId));
      await Promise.all(
        readable.map(async ({ ShardId }) => {
          await Promise.all(
            lanes.map((lane) =>
              retryForever(mapping.id, () =>
                readLane({ mapping, streamArn, shardId: ShardId, lane }),
              ),
            ),
          );
          finished.add(ShardId);
        }),
      );
      if (readable.length === 0) await rest(errorPauseMs);
    }
  };

  const retryForever = async (name: string, work: () => Promise<void>): Promise<void> => {
    let lastReported = '';
    while (!stopping.aborted) {
      try {
        return await work();
      } catch (error) {
        // Reports an unreachable database once.
        if (!stopping.aborted && String(error) !== lastReported) onFailure(name, error);
        lastReported = String(error);
        await rest(errorPauseMs);
      }
    }
  };

  const running = mappings.map((mapping) => retryForever(mapping.id, () => readStream(mapping)));
  return {
    wake,
    stop: async () => {
      controller.abort();
      await Promise.all(running);
      positions.close();
    },
  };
}

/**
 * Assigns all records of an item to one lane. A sum of key hashes does not depend on their order.
 */
function getLane({ dynamodb }: StreamRecord, { lanes }: StreamMapping): number {
  const bytes = Buffer.from(JSON.stringify(dynamodb.Keys));
  return lanes === 1 ? 0 : bytes.reduce((sum, byte) => sum + byte, 0) % lanes;
}
