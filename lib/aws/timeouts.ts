/** Includes the SDK's retries and the whole response. */
const callTimeoutMs = 3000;

export const withTimeout = () => ({ abortSignal: AbortSignal.timeout(callTimeoutMs) });
