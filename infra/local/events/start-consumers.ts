import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from './bus.ts';
import { isLoopback } from '../process/database.ts';
import { createDeadLetterStore } from './dead-letters.ts';
import type { LocalFunction } from '../gateway/invoke.ts';
import { startRules } from './rules.ts';
import { startStreamPump } from './stream-pump.ts';
import type { LocalStack } from '../template/read-template.ts';

interface ConsumerOptions {
  readonly declared: Pick<LocalStack, 'mappings' | 'rules' | 'asynchronous'>;
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly databaseEndpoint: string;
  readonly bus: Bus;
  /** Folder for stream positions and dead letters. */
  readonly folder: string;
  readonly onFailure: (name: string, error: unknown) => void;
}

export interface Consumers {
  /** Reads the streams soon, because a function may have written to a table. */
  wake(): void;
  /** Waits briefly for running functions. */
  stop(): Promise<void>;
}

const stopWithinMs = 2000;

/** Starts the event sources of the stack: streams, bus rules and schedules. */
export function startConsumers({
  declared,
  functions,
  databaseEndpoint,
  bus,
  folder,
  onFailure,
}: ConsumerOptions): Consumers {
  const common = {
    functions,
    onFailure,
    saveDeadLetter: createDeadLetterStore(join(folder, 'failures')),
  };
  const pump = startStreamPump({
    ...common,
    endpoint: databaseEndpoint,
    // Streams of a remote database belong to the functions deployed there.
    mappings: isLoopback(databaseEndpoint) ? declared.mappings : [],
    positionsFile: join(folder, 'stream-positions.json'),
  });
  const rules = startRules({
    ...common,
    bus,
    rules: declared.rules,
    asynchronous: declared.asynchronous,
  });
  return {
    wake: pump.wake,
    stop: async () => {
      await Promise.race([
        Promise.all([pump.stop(), rules.stop()]),
        sleep(stopWithinMs, undefined, { ref: false }),
      ]);
    },
  };
}
