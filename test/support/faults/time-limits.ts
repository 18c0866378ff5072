import { KMSClient } from '@aws-sdk/client-kms';

const shortestLimitMs = 3000;
const factor = 20;

interface SdkClient {
  readonly config: {
    readonly requestHandler: { updateHttpClientConfig(name: string, value: number): void };
  };
}

/** Parent class of all clients of the SDK. */
const { prototype } = Object.getPrototypeOf(KMSClient) as { prototype: { send: Function } };

/**
 * Extends the time limits of requests to AWS, because a busy machine can pause a test for seconds.
 * Shorter limits are the deadlines of tests that wait for them.
 */
export function extendTimeLimits(): void {
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (milliseconds) =>
    timeout.call(AbortSignal, milliseconds * (milliseconds >= shortestLimitMs ? factor : 1));

  const { send } = prototype;
  const extended = new WeakSet<object>();
  prototype.send = function (this: SdkClient, ...args: unknown[]) {
    const { requestHandler } = this.config;
    if (!extended.has(requestHandler)) {
      extended.add(requestHandler);
      for (const name of ['connectionTimeout', 'requestTimeout'])
        requestHandler.updateHttpClientConfig(name, 0);
    }
    return send.apply(this, args);
  };
}

/** Replaces the signals of requests with this time limit. Returns a function that restores them. */
export function replaceTimeLimit(limitMs: number, createSignal: () => AbortSignal): () => void {
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (milliseconds) =>
    milliseconds === limitMs ? createSignal() : timeout.call(AbortSignal, milliseconds);
  return () => void Object.assign(AbortSignal, { timeout });
}
