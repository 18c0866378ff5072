import { isJsonObject, type JsonObject } from '../kernel/json-merge-patch.ts';

const maxBodyBytes = 8 * 1024;
const secret = '***';

/** Attribute names and paths, with or without the URN of a schema. */
const isSecretName = (name: string): boolean => /password|secret/i.test(name);

/** True for a text that can contain a secret: JSON in a value, a filter, or a path with a filter. */
const mentionsSecret = (text: string): boolean =>
  /(?:password|secret)\W{0,3}(?:[:=[]|\s(?:eq|ne|co|sw|ew|gt|ge|lt|le)\s)/i.test(text);

/** Formats a body without passwords and secrets, cut at 8 KiB with a mark. */
export function redactBody(body: unknown): string {
  const bytes = Buffer.from(JSON.stringify(redactStart(body)));
  if (bytes.length <= maxBodyBytes) return bytes.toString();
  // A character that the cut divides becomes the replacement character.
  const start = bytes.subarray(0, maxBodyBytes).toString().replace(/�+$/, '');
  return `${start}… (${Buffer.byteLength(JSON.stringify(body))} bytes)`;
}

/** Replaces a query that names a secret, such as a filter by password. */
export const redactQuery = (query: string): string => {
  const text = decodeQuery(query);
  return text === undefined || isSecretName(text) ? secret : query;
};

function decodeQuery(query: string): string | undefined {
  try {
    return decodeURIComponent(query);
  } catch {
    return undefined;
  }
}

/** Copies the first 8 KiB of a value without secrets. The JSON reader limits the depth. */
function redactStart(body: unknown): unknown {
  let remaining = maxBodyBytes;
  const copyFirst = <Item, Copy>(items: readonly Item[], copy: (item: Item) => Copy): Copy[] => {
    const copies: Copy[] = [];
    for (const item of items) {
      if (remaining <= 0) break;
      remaining -= 1;
      copies.push(copy(item));
    }
    return copies;
  };
  const redact = (value: unknown): unknown => {
    if (Array.isArray(value)) return copyFirst(value, redact);
    if (isJsonObject(value)) return redactMembers(value);
    const redacted = typeof value === 'string' && mentionsSecret(value) ? secret : value;
    remaining -= String(redacted).length;
    return redacted;
  };
  const redactMembers = (object: JsonObject): JsonObject => {
    const members = Object.entries(object);
    const hasSecretPath = members.some(
      ([name, path]) => isNamed(name, 'path') && typeof path === 'string' && isSecretName(path),
    );
    const copies = copyFirst(members, ([name, member]) => {
      remaining -= name.length;
      const isSecret = isSecretName(name) || (hasSecretPath && isNamed(name, 'value'));
      return [name, isSecret ? secret : redact(member)] as const;
    });
    return Object.fromEntries(copies);
  };
  return redact(body);
}

const isNamed = (name: string, expected: string): boolean => name.toLowerCase() === expected;
