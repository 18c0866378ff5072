/** For a call, the SDK's own retries and all of the answer included. Milliseconds. */
const callTimeoutMs = 3000;

/** Gives a call up after a while. */
export const withTimeout = () => ({ abortSignal: AbortSignal.timeout(callTimeoutMs) });
