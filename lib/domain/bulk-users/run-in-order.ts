import type { Limiter } from '../kernel/limiter.ts';

/** Part of a request. Tasks that share a key, directly or through others, run in order. */
export interface OrderedTask<Result> {
  readonly keys: readonly string[];
  /** Must not throw. `isFirst` is false if an earlier task shares a key. */
  readonly run: (isFirst: boolean) => Promise<Result>;
}

/** Tasks that run one after another. */
interface Chain<Result> {
  readonly keys: readonly string[];
  readonly latest: Promise<Result>;
}

/** Runs tasks concurrently within the limit, and those of a chain one after another. */
export function runInOrder<Result>(
  tasks: readonly OrderedTask<Result>[],
  limiter: Limiter,
): Promise<Result[]> {
  const chainByKey = new Map<string, Chain<Result>>();
  return Promise.all(
    tasks.map(({ keys, run }) => {
      const chains = [...new Set(keys.flatMap((key) => chainByKey.get(key) ?? []))];
      const latest = Promise.all(chains.map((chain) => chain.latest)).then(() =>
        limiter(() => run(chains.length === 0)),
      );
      const chain = { keys: [...keys, ...chains.flatMap((earlier) => earlier.keys)], latest };
      for (const key of chain.keys) chainByKey.set(key, chain);
      return latest;
    }),
  );
}
