import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamMapping } from '../template/event-sources.ts';
import type { SaveDeadLetter } from './dead-letters.ts';
import type { LocalFunction } from '../gateway/invoke.ts';
import { createLane, type Lane } from './lane.ts';
import { openPositions } from './positions.ts';
import { createStreams, maxRecords, type Start, type StreamRecord } from './streams.ts';

interface PumpOptions {
  /** Endpoint of the database. */
  readonly endpoint: string;
  readonly mappings: readonly StreamMapping[];
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly saveDeadLetter: SaveDeadLetter;
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
  saveDeadLetter,
  onFailure,
  positionsFile,
  retryDelayMs = 200,
}: PumpOptions): StreamPump {
  const controller = new AbortController();
  const stopping = controller.signal;
  const streams = createStreams(endpoint, stopping);
  const positions = openPositions(positionsFile);
  let wakeSignal = Promise.withResolvers<void>();

  const wake = () => {
    wakeSignal.resolve();
    wakeSignal = Promise.withResolvers();
  };
  const pause = (ms: number) =>
    sleep(ms, undefined, { ref: false, signal: stopping }).catch(() => {});

  /** Creates the lanes of a shard at their saved positions. */
  const openLanes = (mapping: StreamMapping, streamArn: string, shardId: string): OpenLane[] => {
    const target = functions.get(mapping.functionName);
    if (target === undefined)
      throw new Error(`The function ${mapping.functionName} does not exist.`);
    const options = { mapping, target, streamArn, shardId, saveDeadLetter, onFailure };
    return Array.from({ length: mapping.lanes }, (_, index) => {
      const reader = `${mapping.id} ${streamArn} ${shardId} ${index + 1}/${mapping.lanes}`;
      const onProgress = ({ dynamodb }: StreamRecord) =>
        positions.set(reader, dynamodb.SequenceNumber);
      const lane = createLane({ ...options, onProgress, retryDelayMs, stopping });
      return { ...lane, onProgress, after: positions.get(reader) };
    });
  };

  /** Adds records to their lanes. A lane with nothing to deliver skips the other records. */
  const distribute = (
    records: readonly StreamRecord[],
    lanes: readonly OpenLane[],
    mapping: StreamMapping,
  ) => {
    const matching = records.filter(
      (record) =>
        mapping.filters.length === 0 || mapping.filters.some((matches) => matches(record)),
    );
    const last = records.at(-1);
    for (const [index, { add, after, isIdle, onProgress }] of lanes.entries()) {
      add(matching.filter((record) => getLane(record, mapping) === index && isNew(record, after)));
      if (last && isIdle() && isNew(last, after) && !stopping.aborted) onProgress(last);
    }
  };

  /** Reads one shard to its end, once for all lanes, which do not wait for each other. */
  const readShard = async (mapping: StreamMapping, streamArn: string, shardId: string) => {
    const lanes = openLanes(mapping, streamArn, shardId);
    const isFull = () => lanes.some(({ waitingCount }) => waitingCount() >= maxRecords);
    try {
      let iterator: string | undefined = await streams.iterate(
        streamArn,
        shardId,
        findStart(lanes, mapping),
      );
      while (iterator !== undefined && !stopping.aborted) {
        // Created before the read, so a write during the read still wakes the reader.
        const woken = wakeSignal.promise;
        const readAt = performance.now();
        const { records, next } = await streams.read(iterator);
        iterator = next;
        const readMs = performance.now() - readAt;

        distribute(
          records.map((record) => ({ ...record, eventSourceARN: streamArn })),
          lanes,
          mapping,
        );
        while (isFull() && !stopping.aborted) await pause(getBusyPauseMs(readMs));
        if (records.length === maxRecords) continue;
        if (records.length === 0) await Promise.race([woken, pause(getIdlePauseMs(readMs))]);
        const pauseMs = readAt + readMs + getBusyPauseMs(readMs) - performance.now();
        if (pauseMs > 0) await pause(pauseMs);
      }
      await Promise.all(lanes.map(({ end }) => end()));
    } finally {
      // Records that were not delivered are read again.
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
      if (readable.length === 0) await pause(errorPauseMs);
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
        await pause(errorPauseMs);
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

interface OpenLane extends Lane {
  readonly onProgress: (last: StreamRecord) => void;
  /** Position at which the lane continues. Undefined for a new consumer. */
  readonly after: string | undefined;
}

const isNew = ({ dynamodb }: StreamRecord, after: string | undefined): boolean =>
  after === undefined || BigInt(dynamodb.SequenceNumber) > BigInt(after);

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
