import { invalidInput } from './failure.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

const maxUserJsonBytes = 64 * 1024;
const maxDepth = 32;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Returns the message of the exceeded limit of a free-form object, or undefined if it fits. */
export function checkJsonLimits(value: unknown, maxBytes = maxUserJsonBytes): string | undefined {
  if (!isWithinDepth(value, maxDepth)) return `must have at most ${maxDepth} levels`;
  return Buffer.byteLength(JSON.stringify(value)) > maxBytes
    ? `must have at most ${maxBytes} bytes of JSON`
    : undefined;
}

/** True if a value has at most this number of levels. */
export const isWithinDepth = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((member) => isWithinDepth(member, levels - 1)));

/** Applies a merge patch (RFC 7396 §2) to a field. Throws `invalid_input` above the limits. */
export function applyMergePatch({
  field,
  target,
  patch,
  maxBytes,
}: {
  readonly field: string;
  readonly target: unknown;
  readonly patch: JsonObject | null;
  readonly maxBytes?: number;
}): JsonObject | undefined {
  if (patch === null) return undefined;
  const result = merge(target, patch) as JsonObject;
  const message = checkJsonLimits(result, maxBytes);
  if (message !== undefined) throw invalidInput({ path: field, message });
  return result;
}

// A Map, because assigning the name `__proto__` to an object would set its prototype.
function merge(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const result = new Map(Object.entries(isJsonObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, merge(result.get(name), value));
  }
  return Object.fromEntries(result);
}

type Cleared<Patch> = { readonly [Name in keyof Patch]?: Exclude<Patch[Name], null> | undefined };

/** Returns the fields that a patch sets. Null becomes undefined, which clears the field. */
export const toChangedFields = <Patch extends object>(patch: Patch): Cleared<Patch> =>
  Object.fromEntries(
    Object.entries(patch)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value ?? undefined]),
  ) as Cleared<Patch>;
