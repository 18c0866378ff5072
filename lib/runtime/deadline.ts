/** Time to read the outcome of an unclear write and to respond. */
const reserveMs = 1000;

/** Time at which an operation gives up, given the time until Lambda stops the function. */
export const getDeadline = (now: Date, remainingMs: number): number =>
  now.getTime() + remainingMs - reserveMs;
