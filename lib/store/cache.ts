const most = 1000;

/**
 * Remembers what `load` answered for a key, for so many milliseconds; calls that come while it is loading share the
 * answer, and a failure is not remembered. `now` is in epoch milliseconds.
 */
export function cached<Value>(
  milliseconds: number,
  now: () => number,
  load: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const entries = new Map<string, { value: Promise<Value>; until: number }>();
  return (key) => {
    const entry = entries.get(key);
    if (entry && entry.until > now()) return entry.value;
    if (entries.size >= most) entries.clear();
    const value = load(key);
    entries.set(key, { value, until: now() + milliseconds });
    value.catch(() => entries.delete(key));
    return value;
  };
}
