import { isJsonObject } from '../kernel/json-merge-patch.ts';

const maxBodyBytes = 8 * 1024;
const secret = '***';

/** Attribute names and paths, with or without the URN of a schema. */
const isSecretName = (name: string): boolean => /password|secret/i.test(name);

/** Formats a body without passwords and secrets, cut at 8 KiB with a mark. */
export function redactBody(body: unknown): string {
  const bytes = Buffer.from(JSON.stringify(redact(body)));
  if (bytes.length <= maxBodyBytes) return bytes.toString();
  // A character that the cut divides becomes the replacement character.
  return `${bytes.subarray(0, maxBodyBytes).toString().replace(/�+$/, '')}… (${bytes.length} bytes)`;
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

/** The JSON reader limits the depth. */
function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value);
  const path = members.find(([name]) => name.toLowerCase() === 'path')?.[1];
  const hasSecretPath = typeof path === 'string' && isSecretName(path);
  return Object.fromEntries(
    members.map(([name, member]) => {
      const isSecret = isSecretName(name) || (hasSecretPath && name.toLowerCase() === 'value');
      return [name, isSecret ? secret : redact(member)];
    }),
  );
}
