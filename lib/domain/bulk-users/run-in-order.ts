import type { Limiter } from '../kernel/limiter.ts';

/** Part of a request. Tasks that share a key run in order. */
export interface OrderedTask<Result> {
  readonly keys: readonly string[];
  /** Must not throw. `isFirst` is false if an earlier task shares a key. */
  readonly run: (isFirst: boolean) => Promise<Result>;
}

/** Runs tasks concurrently within the limit, and those that share a key one after another. */
export function runInOrder<Result>(
  tasks: readonly OrderedTask<Result>[],
  limiter: Limiter,
): Promise<Result[]> {
  const latestByKey = new Map<string, Promise<Result>>();
  return Promise.all(
    tasks.map(({ keys, run }) => {
      const earlier = keys.flatMap((key) => latestByKey.get(key) ?? []);
      const result = Promise.all(earlier).then(() => limiter(() => run(earlier.length === 0)));
      for (const key of keys) latestByKey.set(key, result);
      return result;
    }),
  );
}
