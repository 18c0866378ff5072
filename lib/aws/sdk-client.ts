import type { DurationMs } from '../domain/kernel/time.ts';
import { createHttpHandler } from './http-handler.ts';
import { Sha256 } from './sha256.ts';

/**
 * Middleware of the SDK to remove: copies of every input and output for a log that is disabled,
 * X-Ray trace IDs, which Roster does not use, and the `User-Agent` header.
 */
const unusedMiddleware = [
  'loggerMiddleware',
  'recursionDetectionMiddleware',
  'getUserAgentMiddleware',
];

// The SDK sets no timeouts, and a function must be able to respond before Lambda stops it.
const connectionTimeout: DurationMs = 1000;
const defaultRequestTimeoutMs: DurationMs = 3000;

/** Settings of any client of the SDK. */
export interface SdkConfig {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly maxAttempts?: number;
  /** Time limit of each attempt, until the end of the response. */
  readonly requestTimeoutMs?: DurationMs;
}

/** Settings that replace parts of the SDK. */
interface Replacements {
  readonly requestHandler: ReturnType<typeof createHttpHandler>;
  readonly sha256: typeof Sha256;
}

interface SdkClient {
  readonly middlewareStack: { remove(name: string): boolean };
  readonly config: { signer: (scheme?: never) => Promise<object> };
}

/**
 * Creates a client of the SDK that does less for each request. Throws if the SDK has renamed a
 * middleware to remove.
 */
export function createSdkClient<Client extends SdkClient>(
  Constructor: new (config: Omit<SdkConfig, 'requestTimeoutMs'> & Replacements) => Client,
  { requestTimeoutMs = defaultRequestTimeoutMs, ...config }: SdkConfig,
): Client {
  const requestHandler = createHttpHandler({ connectionTimeout, requestTimeout: requestTimeoutMs });
  const client = new Constructor({ ...config, requestHandler, sha256: Sha256 });
  for (const name of unusedMiddleware)
    if (!client.middlewareStack.remove(name)) throw new Error(`The SDK has no ${name} to remove`);
  // The SDK creates a signer for each request. It depends only on the configuration.
  const { signer } = client.config;
  let created: Promise<object> | undefined;
  Object.assign(client.config, { signer: (scheme?: never) => (created ??= signer(scheme)) });
  return client;
}
