/** Attributes of a change record without values. */
const attributes = new Set(
  'pk sk schemaVersion tenantId userId memberId groupId version action at actor requestId policies changedFields ttl'.split(
    ' ',
  ),
);

/** True for a change record of an erased user, which has no values and expires. */
export const isStrippedRecord = (item: Readonly<Record<string, unknown>>): boolean =>
  /^(CHANGE|GROUPCHANGE)#/.test(String(item['sk'])) &&
  Object.keys(item).every((name) => attributes.has(name)) &&
  Object.keys(item['actor'] ?? {}).every((name) => name === 'type' || name === 'id') &&
  Array.isArray(item['changedFields']) &&
  typeof item['ttl'] === 'number';
