/** How a start-up is followed and how it ends: once, in order, with nothing left behind. */
const cleanups: (() => Promise<void> | void)[] = [];
const controller = new AbortController();

/** Aborts when the server is about to stop. */
export const stopping: AbortSignal = controller.signal;

/** To be done before the process ends, in the order in which it was asked for. */
export function atStop(cleanup: () => Promise<void> | void): void {
  cleanups.push(cleanup);
}

/** Ends this process, once. */
async function stop(exitCode: number): Promise<void> {
  if (stopping.aborted) return;
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

/** Says what went wrong and stops. An error that was thrown on purpose needs no stack trace. */
export async function fail(error: unknown): Promise<void> {
  if (stopping.aborted) return;
  const isOnPurpose = error instanceof Error && error.constructor === Error;
  console.error(isOnPurpose ? `\n${error.message}` : error);
  await stop(1);
}

/** Stops on Ctrl-C, on SIGTERM, on a mistake of our own, and when the npm that started us has been killed. */
export function stopWhenAsked(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));
  process.on('uncaughtException', (error) => void fail(error));
  if (process.env.npm_lifecycle_event === undefined) return;
  const npm = process.ppid;
  setInterval(() => process.ppid === npm || void stop(1), 1000).unref();
}

/** Awaits one part of the start-up, and names it when it takes longer than a second. */
export async function step<T>(name: string, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => process.stderr.write(`${name} …\n`), 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
