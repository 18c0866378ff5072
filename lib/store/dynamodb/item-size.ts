/** Read units are charged per 4 KiB of an item or a query. */
const bytesPerReadUnit = 4096;

/**
 * Counts the bytes of an item, without undefined attributes. An upper bound for numbers. DynamoDB
 * Developer Guide, "Item sizes and formats".
 */
export const countItemBytes = (item: object): number =>
  Object.entries(item).reduce(
    (total, [name, value]) =>
      value === undefined ? total : total + Buffer.byteLength(name) + countValueBytes(value),
    0,
  );

function countValueBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return Math.ceil(String(value).length / 2) + 1;
  if (Array.isArray(value))
    return value.reduce((total: number, each) => total + 1 + countValueBytes(each), 3);
  if (typeof value !== 'object' || value === null) return 1;
  return 3 + Object.keys(value).length + countItemBytes(value);
}

export const countReadUnits = (item: object): number =>
  Math.ceil(countItemBytes(item) / bytesPerReadUnit);
