/** Makes requests wait until a server is ready. */
export interface Readiness {
  /**
   * Resolves when the server is ready, in the order of the calls. Resolves to false if too many
   * requests wait, after a fixed time, and when the server closes first.
   */
  wait(): Promise<boolean>;
  /** Ends the wait of all requests. Later calls have no effect. */
  end(outcome: 'ready' | 'closed'): void;
}

/** Bounds of the requests that wait. */
export interface WaitLimits {
  readonly maxWaiting?: number;
  readonly maxWaitMs?: number;
}

export function createReadiness({
  maxWaiting = 1000,
  maxWaitMs = 30_000,
}: WaitLimits = {}): Readiness {
  const end = Promise.withResolvers<boolean>();
  let outcome: 'ready' | 'closed' | undefined;
  let waiting = 0;

  const wait = async (): Promise<boolean> => {
    if (outcome !== undefined) return outcome === 'ready';
    if (waiting >= maxWaiting) return false;
    waiting++;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), maxWaitMs);
    });
    const isReady = await Promise.race([end.promise, timeout]);
    clearTimeout(timer);
    waiting--;
    return isReady;
  };
  return {
    wait,
    end: (next) => {
      outcome ??= next;
      end.resolve(outcome === 'ready');
    },
  };
}
