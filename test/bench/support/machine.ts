import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';

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

/** Describes this machine. Called before the embedded database sets the endpoint. */
export function describeMachine(load: number): Machine {
  const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${platform()} ${arch()}`,
    node: process.version,
    database:
      endpoint === undefined
        ? 'embedded (dynoxide), in memory, tables without stream and index'
        : `at ${new URL(endpoint).host}`,
    load,
  };
}
