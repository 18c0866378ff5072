/** For a call, the SDK's own retries and all of the answer included. Milliseconds. */
const longestCall = 3000;

/** Gives a call up after a while. */
export const inTime = () => ({ abortSignal: AbortSignal.timeout(longestCall) });
