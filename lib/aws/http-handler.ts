import { Agent, type ClientRequest, type IncomingMessage, request as sendHttp } from 'node:http';
import { Agent as SecureAgent, request as sendHttps } from 'node:https';
import type { DurationMs } from '../domain/kernel/time.ts';

/** Bounds of each attempt of the SDK. No limit if 0. */
export interface HttpSettings {
  /** Time to connect. */
  readonly connectionTimeout: DurationMs;
  /** Time until the end of the response. */
  readonly requestTimeout: DurationMs;
}

/** Request as the SDK builds it. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Uint8Array;
}

const agentOptions = { keepAlive: true, maxSockets: 50 };

/**
 * Creates the HTTP client of an SDK client. It reads the whole response at once and needs fewer
 * timers and promises than the one of the SDK.
 */
export function createHttpHandler(settings: HttpSettings) {
  const current = { ...settings };
  const agent = new Agent(agentOptions);
  const secureAgent = new SecureAgent(agentOptions);

  const open = (request: SdkRequest): ClientRequest => {
    const { protocol, hostname, port, method, path, query = {}, headers } = request;
    if (Object.keys(query).length > 0) throw new Error('The HTTP client sends no query parameters');
    const options = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port, method, path, headers };
    return protocol === 'https:'
      ? sendHttps({ ...options, agent: secureAgent })
      : sendHttp({ ...options, agent });
  };

  const send = (request: SdkRequest, signal: AbortSignal | undefined): Promise<SdkResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<SdkResponse>();
    const outgoing = open(request);
    const fail = (error: Error) => {
      reject(error);
      outgoing.destroy(error);
    };
    const abort = () => fail(aborted());
    signal?.addEventListener('abort', abort);
    const { connectionTimeout, requestTimeout } = current;
    const timer =
      requestTimeout === 0
        ? undefined
        : setTimeout(() => fail(requestTimedOut(requestTimeout)), requestTimeout);
    outgoing.on('socket', (socket) => {
      if (!socket.connecting || connectionTimeout === 0) return;
      const connectionTimer = setTimeout(
        () => fail(connectionTimedOut(connectionTimeout)),
        connectionTimeout,
      );
      socket.once('connect', () => clearTimeout(connectionTimer));
      outgoing.once('close', () => clearTimeout(connectionTimer));
    });
    outgoing.on('response', (incoming) => {
      const { statusCode = 0, headers } = incoming;
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => resolve({ statusCode, headers, body: Buffer.concat(chunks) }));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
    outgoing.end(request.body);
    return promise;
  };

  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(
      request: SdkRequest,
      { abortSignal }: { readonly abortSignal?: AbortSignal } = {},
    ) {
      if (abortSignal?.aborted) throw aborted();
      return { response: await send(request, abortSignal) };
    },
    updateHttpClientConfig(name: keyof HttpSettings, value: DurationMs) {
      current[name] = value;
    },
    httpHandlerConfigs: () => current,
    destroy() {
      agent.destroy();
      secureAgent.destroy();
    },
  };
}

/** Errors with the names by which the SDK decides about a retry. */
const aborted = (): Error => Object.assign(new Error('Request aborted'), { name: 'AbortError' });

const requestTimedOut = (ms: DurationMs): Error =>
  Object.assign(new Error(`the response did not end within ${ms} ms`), {
    name: 'TimeoutError',
    code: 'ETIMEDOUT',
  });

const connectionTimedOut = (ms: DurationMs): Error =>
  Object.assign(new Error(`the socket did not establish a connection within ${ms} ms`), {
    name: 'TimeoutError',
  });
