import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bus } from './bus.ts';
import { isLoopback } from '../process/database.ts';
import { keepFailuresIn } from './dead-letters.ts';
import type { LocalFunction } from '../gateway/invoke.ts';
import { followRules } from './rules.ts';
import { startStreamPump } from './stream-pump.ts';
import type { Declared } from '../template/read-template.ts';

interface DeliveryOptions {
  readonly declared: Pick<Declared, 'mappings' | 'rules' | 'asynchronous'>;
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly databaseEndpoint: string;
  readonly bus: Bus;
  /** For what outlasts the process: how far the streams have been read, and what was given up. */
  readonly folder: string;
  readonly onFailure: (name: string, error: unknown) => void;
}

export interface Deliveries {
  /** Somebody may just have written something to the database. */
  wake(): void;
  /** Waits a moment for the functions that are running. */
  stop(): Promise<void>;
}

const stopWithinMs = 2000;

/** Starts functions that nobody calls as the stack has it: with records of streams, with events of a bus, and by the clock. */
export function startDeliveries({
  declared,
  functions,
  databaseEndpoint,
  bus,
  folder,
  onFailure,
}: DeliveryOptions): Deliveries {
  const common = { functions, onFailure, keepFailure: keepFailuresIn(join(folder, 'failures')) };
  const pump = startStreamPump({
    ...common,
    endpoint: databaseEndpoint,
    // Elsewhere the streams take an account, and what is deployed there follows them.
    mappings: isLoopback(databaseEndpoint) ? declared.mappings : [],
    positionsFile: join(folder, 'stream-positions.json'),
  });
  const rules = followRules({
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
