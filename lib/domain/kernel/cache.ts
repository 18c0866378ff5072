import type { DurationMs, EpochMs } from './time.ts';

const maxEntries = 1000;

/**
 * Creates a function that caches `load` per key. Concurrent calls share one load. Failures and
 * `undefined` are not cached, because a later call can find a value. `needsCurrent` loads a new
 * value and caches it.
 */
export function createCache<Value>(
  ttlMs: DurationMs,
  now: () => EpochMs,
  load: (key: string) => Promise<Value>,
): (key: string, needsCurrent?: boolean) => Promise<Value> {
  const entries = new Map<string, { value: Promise<Value>; expiresAtMs: EpochMs }>();
  return (key, needsCurrent = false) => {
    const entry = entries.get(key);
    if (entry && !needsCurrent && entry.expiresAtMs > now()) return entry.value;
    if (entries.size >= maxEntries) entries.clear();
    const value = load(key);
    entries.set(key, { value, expiresAtMs: now() + ttlMs });
    value.then(
      (loaded) => loaded === undefined && entries.delete(key),
      () => entries.delete(key),
    );
    return value;
  };
}
