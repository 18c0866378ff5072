import { hash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { Failure } from '../domain/kernel/failure.ts';
import type { DurationMs } from '../domain/kernel/time.ts';
import type { Archive } from '../domain/sinks/archive.ts';
import { createHttpHandler } from './http-handler.ts';
import { Sha256 } from './sha256.ts';

export interface S3Config {
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly maxAttempts?: number;
}

const timeouts = { connectionTimeout: 1000, requestTimeout: 5000 };
const retryDelayMs: DurationMs = 50;

/** Response of S3. The body is empty unless an object was read. */
interface S3Response {
  readonly status: number;
  readonly body: Buffer;
}

interface S3Request {
  readonly method: 'GET' | 'PUT';
  /** Empty for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends requests to a bucket. Repeats failed ones, and throws `unavailable` after other statuses. */
type SendS3Request = (request: S3Request, expected: readonly number[]) => Promise<S3Response>;

/**
 * Creates a client for a bucket. The S3 client of the SDK would add 270 kB to a function, and the
 * signer of the other clients is in the function anyway.
 *
 * @param url Address of the bucket.
 */
export function createS3Client(
  url: string,
  { region, credentials, maxAttempts = 3 }: S3Config,
): SendS3Request {
  const { protocol, host, hostname, port, pathname } = new URL(url);
  const http = createHttpHandler(timeouts);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: false,
  });

  const send = async ({ method, key, query = {}, headers, body }: S3Request) => {
    const request = await signer.sign({
      method,
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: `${pathname.replace(/\/$/, '')}/${key}`,
      query: { ...query },
      headers: { host, ...headers },
      ...(body !== undefined && { body }),
    });
    const search = Object.keys(query).length > 0 ? `?${new URLSearchParams(query).toString()}` : '';
    const path = `${request.path}${search}`;
    const { response } = await http.handle({ ...request, path, query: {} });
    return { status: response.statusCode, body: Buffer.from(response.body) };
  };

  return async (request, expected) => {
    for (let attempts = 1; ; attempts++) {
      const response = await send(request).catch((error: unknown) => error as Error);
      const status = response instanceof Error ? response : response.status;
      if (!(response instanceof Error) && expected.includes(response.status)) return response;
      const cause = typeof status === 'number' ? new Error(`S3 answered ${status}`) : status;
      if (attempts >= maxAttempts || !isRetryable(status)) throw unavailable(cause);
      const delayMs = Math.random() * retryDelayMs * 2 ** attempts;
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  };
}

/**
 * Stores objects in a bucket.
 *
 * @param url Address of the bucket.
 */
export function createS3Archive(url: string, config: S3Config): Archive {
  const send = createS3Client(url, config);
  return {
    async put(key, body) {
      const headers = {
        'content-length': String(Buffer.byteLength(body)),
        'content-type': 'text/plain; charset=utf-8',
        // Conditional writes, S3 User Guide: only the first request stores the object.
        'if-none-match': '*',
        // Object Lock requires a checksum.
        'x-amz-checksum-sha256': hash('sha256', body, 'base64'),
        'x-amz-sdk-checksum-algorithm': 'SHA256',
      };
      const { status } = await send({ method: 'PUT', key, headers, body }, [200, 412]);
      return status === 200 ? 'stored' : 'exists';
    },
  };
}

/** Lost responses, concurrent writes of one key (409), throttling, and errors of S3. */
const isRetryable = (status: number | Error): boolean =>
  status instanceof Error || status === 409 || status === 429 || status >= 500;

const unavailable = (cause: unknown): Failure =>
  new Failure('unavailable', 'The archive cannot be reached right now', { cause });
