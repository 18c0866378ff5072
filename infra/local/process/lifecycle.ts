/** Progress of the start-up, and shutdown: once, in order, and complete. */
const cleanups: (() => Promise<void> | void)[] = [];
const controller = new AbortController();

/** Aborts on shutdown. */
export const stopSignal: AbortSignal = controller.signal;

/** Registers a shutdown step. Steps run in the order of registration. */
export function onStop(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

/** Ends this process. Later calls have no effect. */
async function stop(exitCode: number): Promise<void> {
  if (stopSignal.aborted) return;
  controller.abort();
  for (const cleanup of cleanups) {
    try {
      await cleanup();
    } catch (error) {
      console.error(error);
    }
  }
  process.exit(exitCode);
}

/** Prints an error and stops. Expected errors have no stack trace. */
export async function fail(error: unknown): Promise<void> {
  if (stopSignal.aborted) return;
  const isOnPurpose = error instanceof Error && error.constructor === Error;
  console.error(isOnPurpose ? `\n${error.message}` : error);
  await stop(1);
}

/**
 * Stops on Ctrl-C, on SIGTERM, when the terminal closes, on an uncaught error, and after the parent
 * npm process was killed.
 */
export function stopOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => void stop(0));
  process.on('uncaughtException', (error) => void fail(error));
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  setInterval(() => process.ppid === npm || void stop(1), 1000).unref();
}

/** Awaits a step of the start-up, and prints its name if it takes longer than 1 s. */
export async function runStep<T>(name: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => process.stderr.write(`${name} …\n`), 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
