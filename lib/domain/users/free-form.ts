const mostBytes = 64 * 1024;
const deepest = 32;

const depthWithin = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' || value === null || (levels > 0 && Object.values(value).every((member) => depthWithin(member, levels - 1)));

/** Why an object of the caller's own (metadata, tutorial status) is more than a user can hold; undefined when it is not. */
export function freeFormExcess(value: unknown): string | undefined {
  if (!depthWithin(value, deepest)) return `must be at most ${deepest} levels deep`;
  return Buffer.byteLength(JSON.stringify(value)) > mostBytes ? `must have at most ${mostBytes} bytes of JSON` : undefined;
}
