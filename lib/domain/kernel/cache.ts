const maxEntries = 1000;

/**
 * Caches the result of `load` per key for a duration in milliseconds. Concurrent calls share one load. Failures and missing
 * values (undefined) are not cached, because a later call can find what was created meanwhile. `isCurrent` skips the cached
 * value and caches the new one. `now` is in epoch milliseconds.
 */
export function createCache<Value>(
  milliseconds: number,
  now: () => number,
  load: (key: string) => Promise<Value>,
): (key: string, isCurrent?: boolean) => Promise<Value> {
  const entries = new Map<string, { value: Promise<Value>; until: number }>();
  return (key, isCurrent = false) => {
    const entry = entries.get(key);
    if (entry && !isCurrent && entry.until > now()) return entry.value;
    if (entries.size >= maxEntries) entries.clear();
    const value = load(key);
    entries.set(key, { value, until: now() + milliseconds });
    value.then(
      (loaded) => loaded === undefined && entries.delete(key),
      () => entries.delete(key),
    );
    return value;
  };
}
