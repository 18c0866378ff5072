import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import type { Database } from '../../../infra/local/process/database.ts';

/** Machine of the measurements. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly database: string;
  /** Load average of the last minute, before the first measurement. */
  readonly load: number;
}

export function describeMachine({ endpoint, pid }: Database, load: number): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${arch()}`,
    node: process.version,
    database:
      pid === undefined
        ? `at ${new URL(endpoint).host}`
        : 'embedded (dynoxide), in memory, tables without stream and index',
    load,
  };
}
