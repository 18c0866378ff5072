/**
 * Time limits of requests to AWS. They end when a fault ends them, and else later than in
 * production, because a busy machine can pause a test for seconds.
 */
import { KMSClient } from '@aws-sdk/client-kms';

const shortestLimitMs = 3000;
const factor = 20;

/** Header with the ID of the time limit of a request. */
export const limitHeader = 'x-time-limit';

const controllers = new WeakMap<AbortSignal, AbortController>();
const running = new Map<string, AbortController>();
let lastId = 0;

/** Ends the time limit of a request. A request without a limit continues. */
export function endTimeLimit(id: string): void {
  const controller = running.get(id);
  if (controller) abort(controller);
}

const abort = (controller: AbortController): void =>
  controller.abort(new DOMException('The time limit has ended', 'TimeoutError'));

interface SdkClient {
  readonly config: {
    readonly requestHandler: { updateHttpClientConfig(name: string, value: number): void };
  };
}

type Next = (args: { readonly request: { readonly headers: object } }) => unknown;
interface Command {
  readonly middlewareStack: {
    add(middleware: (next: Next) => Next, options: { step: 'build' }): void;
  };
}

/** Parent class of all clients of the SDK. */
const { prototype } = Object.getPrototypeOf(KMSClient) as { prototype: { send: Function } };

export function extendTimeLimits(): void {
  AbortSignal.timeout = (milliseconds) => {
    const controller = new AbortController();
    // Shorter limits are the deadlines of tests.
    const limitMs = milliseconds * (milliseconds >= shortestLimitMs ? factor : 1);
    setTimeout(abort, limitMs, controller).unref();
    controllers.set(controller.signal, controller);
    return controller.signal;
  };

  const { send } = prototype;
  const extended = new WeakSet<object>();
  prototype.send = async function (
    this: SdkClient,
    command: Command,
    options: { abortSignal?: AbortSignal } = {},
  ) {
    const { requestHandler } = this.config;
    if (!extended.has(requestHandler)) {
      extended.add(requestHandler);
      for (const name of ['connectionTimeout', 'requestTimeout'])
        requestHandler.updateHttpClientConfig(name, 0);
    }
    const controller = options.abortSignal && controllers.get(options.abortSignal);
    if (!controller) return send.call(this, command, options);
    const id = String(++lastId);
    running.set(id, controller);
    const addHeader = (next: Next) => (args: Parameters<Next>[0]) => {
      Object.assign(args.request.headers, { [limitHeader]: id });
      return next(args);
    };
    command.middlewareStack.add(addHeader, { step: 'build' });
    try {
      return await send.call(this, command, options);
    } finally {
      running.delete(id);
    }
  };
}
