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

/**
 * Stores objects with signed requests. The S3 client of the SDK would add 270 kB to a function, and
 * the signer of the other clients is in the function anyway.
 *
 * @param url Address of the bucket.
 */
export function createS3Archive(
  url: string,
  { region, credentials, maxAttempts = 3 }: S3Config,
): Archive {
  const { protocol, host, hostname, port, pathname } = new URL(url);
  const http = createHttpHandler(timeouts);
  const signer = new SignatureV4({
    service: 's3',
    region,
    credentials,
    sha256: Sha256,
    uriEscapePath: false,
  });

  const send = async (key: string, body: string): Promise<number> => {
    const request = await signer.sign({
      method: 'PUT',
      protocol,
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: `${pathname.replace(/\/$/, '')}/${key}`,
      query: {},
      headers: {
        host,
        'content-length': String(Buffer.byteLength(body)),
        'content-type': 'text/plain; charset=utf-8',
        // Conditional writes, S3 User Guide: only the first request stores the object.
        'if-none-match': '*',
        // Object Lock requires a checksum.
        'x-amz-checksum-sha256': hash('sha256', body, 'base64'),
        'x-amz-sdk-checksum-algorithm': 'SHA256',
      },
      body,
    });
    return (await http.handle(request)).response.statusCode;
  };

  return {
    async put(key, body) {
      for (let attempts = 1; ; attempts++) {
        const status = await send(key, body).catch((error: unknown) => error as Error);
        if (status === 200) return 'stored';
        if (status === 412) return 'exists';
        const cause = typeof status === 'number' ? new Error(`S3 answered ${status}`) : status;
        if (attempts >= maxAttempts || !isRetryable(status)) throw unavailable(cause);
        const delayMs = Math.random() * retryDelayMs * 2 ** attempts;
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    },
  };
}

/** Lost responses, concurrent writes of one key (409), throttling, and errors of S3. */
const isRetryable = (status: number | Error): boolean =>
  status instanceof Error || status === 409 || status === 429 || status >= 500;

const unavailable = (cause: unknown): Failure =>
  new Failure('unavailable', 'The archive cannot be reached right now', { cause });
