import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamMapping } from '../template/event-sources.ts';
import type { SaveDeadLetter } from './dead-letters.ts';
import type { LocalFunction } from '../gateway/invoke.ts';
import { createLane } from './lane.ts';
import { openPositions } from './positions.ts';
import { createStreams, maxRecords, type Start, type StreamRecord } from './streams.ts';

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
 * batches take less time in total.
 */
const getBusyPauseMs = (readMs: number) => Math.min(Math.max(40, 10 * readMs), 1000);

/** Pause after a failed read. */
const errorPauseMs = 1000;

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

  /** Reads one shard to its end, once for all lanes, which do not wait for each other. */
  const readShard = async (mapping: StreamMapping, streamArn: string, shardId: string) => {
    const target = functions.get(mapping.functionName);
    if (target === undefined)
      throw new Error(`The function ${mapping.functionName} does not exist.`);
    const lanes = Array.from({ length: mapping.lanes }, (_, index) => {
      const place = `${mapping.id} ${streamArn} ${shardId} ${index + 1}/${mapping.lanes}`;
      const onProgress = ({ dynamodb }: StreamRecord) =>
        positions.set(place, dynamodb.SequenceNumber);
      const options = { mapping, target, streamArn, shardId, keepFailure, onFailure };
      const lane = createLane({ ...options, onProgress, retryDelayMs, stopping });
      return { ...lane, onProgress, after: positions.get(place) };
    });
    const isNew = ({ dynamodb }: StreamRecord, after: string | undefined) =>
      after === undefined || BigInt(dynamodb.SequenceNumber) > BigInt(after);

    try {
      let iterator: string | undefined = await streams.iterate(
        streamArn,
        shardId,
        findStart(lanes, mapping),
      );
      while (iterator !== undefined && !stopping.aborted) {
        // Created before the read, so a write during the read still wakes the reader.
        const woken = bell.promise;
        const readAt = performance.now();
        const { records, next } = await streams.read(iterator);
        iterator = next;
        const readMs = performance.now() - readAt;

        const matching = records.filter(
          (record) =>
            mapping.filters.length === 0 || mapping.filters.some((matches) => matches(record)),
        );
        for (const [index, { add, after }] of lanes.entries())
          add(
            matching
              .filter((record) => getLane(record, mapping) === index && isNew(record, after))
              .map((record) => ({ ...record, eventSourceARN: streamArn })),
          );
        const [last] = records.slice(-1);
        for (const { isIdle, after, onProgress } of lanes)
          if (last && isIdle() && isNew(last, after) && !stopping.aborted) onProgress(last);

        while (lanes.some(({ waitingCount }) => waitingCount() >= maxRecords) && !stopping.aborted)
          await rest(getBusyPauseMs(readMs));
        if (records.length === maxRecords) continue;
        if (records.length === 0) await Promise.race([woken, rest(getIdlePauseMs(readMs))]);
        const pauseMs = readAt + readMs + getBusyPauseMs(readMs) - performance.now();
        if (pauseMs > 0) await rest(pauseMs);
      }
      await Promise.all(lanes.map(({ end }) => end()));
    } finally {
      // Their records are read again.
      await Promise.all(lanes.map(({ close }) => close()));
    }
  };

  const readStream = async (mapping: StreamMapping) => {
    const streamArn = await streams.find(mapping.tableName);
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
          await retryForever(mapping.id, () => readShard(mapping, streamArn, ShardId));
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

/** Finds the first position of the lanes. A lane without one starts like a new consumer. */
function findStart(
  lanes: readonly { readonly after: string | undefined }[],
  { startAt }: StreamMapping,
): Start {
  const positions = lanes.flatMap(({ after }) => after ?? []);
  const first = positions.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1))[0];
  const isComplete = positions.length === lanes.length || startAt === 'LATEST';
  return first !== undefined && isComplete ? { after: first } : startAt;
}

/**
 * Assigns all records of an item to one lane. A sum of key hashes does not depend on their order.
 */
function getLane({ dynamodb }: StreamRecord, { lanes }: StreamMapping): number {
  const bytes = Buffer.from(JSON.stringify(dynamodb.Keys));
  return lanes === 1 ? 0 : bytes.reduce((sum, byte) => sum + byte, 0) % lanes;
}
