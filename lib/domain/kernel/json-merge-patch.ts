import { invalidInput } from './failure.ts';
import type { JsonObject } from '../users/user.ts';

const maxUserJsonBytes = 64 * 1024;
const maxDepth = 32;

const isWithinDepth = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((member) => isWithinDepth(member, levels - 1)));

/** Why an object of the caller's own (metadata, tutorial status) is more than can be held, a user's where no other bound is given; undefined when it is not. */
export function checkJsonLimits(value: unknown, maxBytes = maxUserJsonBytes): string | undefined {
  if (!isWithinDepth(value, maxDepth)) return `must be at most ${maxDepth} levels deep`;
  return Buffer.byteLength(JSON.stringify(value)) > maxBytes
    ? `must have at most ${maxBytes} bytes of JSON`
    : undefined;
}

/** An object after a merge patch (RFC 7396 §2); what is left of one that went is none. Throws `invalid_input` for more than can be held. */
export function applyMergePatch(
  field: string,
  target: unknown,
  patch: JsonObject | null,
  maxBytes?: number,
): JsonObject | undefined {
  if (patch === null) return undefined;
  const isObject = (value: unknown): value is JsonObject =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const merge = (old: unknown, next: unknown): unknown => {
    if (!isObject(next)) return next;
    const result = new Map(Object.entries(isObject(old) ? old : {}));
    for (const [name, value] of Object.entries(next)) {
      if (value === null) result.delete(name);
      else result.set(name, merge(result.get(name), value));
    }
    return Object.fromEntries(result);
  };
  const result = merge(target, patch) as JsonObject;
  const message = checkJsonLimits(result, maxBytes);
  if (message !== undefined) throw invalidInput({ path: field, message });
  return result;
}
