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

interface SdkClient {
  readonly middlewareStack: { remove(name: string): boolean };
  readonly config: { signer: (scheme?: never) => Promise<object> };
}

/**
 * Creates a client of the SDK that does less for each request. Throws if the SDK has renamed a
 * middleware to remove.
 */
export function createSdkClient<Client extends SdkClient, Config extends object>(
  Constructor: new (config: Config) => Client,
  config: Config,
): Client {
  const client = new Constructor({ ...config, sha256: Sha256 });
  for (const name of unusedMiddleware)
    if (!client.middlewareStack.remove(name)) throw new Error(`The SDK has no ${name} to remove`);
  // The SDK creates a signer for each request. It depends only on the configuration.
  const { signer } = client.config;
  let created: Promise<object> | undefined;
  Object.assign(client.config, { signer: (scheme?: never) => (created ??= signer(scheme)) });
  return client;
}
