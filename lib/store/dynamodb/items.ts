/** Removes the key and the schema version, which are not part of the stored object. */
export function toAttributes(item: Record<string, unknown>): Record<string, unknown> {
  const { pk: _pk, sk: _sk, schemaVersion: _version, ...attributes } = item;
  return attributes;
}
