import { describe, expect, it } from 'vitest';
import { createCountCombiner } from '../../lib/store/mail/combine-counts.ts';

/** Counter with a limit whose first request waits until `release` is called. */
function createCounter(max: number) {
  const amounts: number[] = [];
  const gate = Promise.withResolvers<void>();
  let mails = 0;
  const count = async (amount: number): Promise<boolean> => {
    amounts.push(amount);
    if (amounts.length === 1) await gate.promise;
    if (mails + amount > max) return false;
    mails += amount;
    return true;
  };
  return { amounts, count, release: gate.resolve, fail: gate.reject };
}

describe('concurrent counts of one counter', () => {
  it.each([
    [10, [1, 4], [true, true, true, true, true]],
    [5, [1, 4], [true, true, true, true, true]],
    // No request follows the first refusal.
    [3, [1, 4, 1, 1, 1], [true, true, true, false, false]],
    [1, [1, 4, 1], [true, false, false, false, false]],
  ])('share requests within a limit of %i', async (max, amounts, expected) => {
    const combine = createCountCombiner();
    const counter = createCounter(max);
    const results = Array.from({ length: 5 }, () => combine('a', counter.count));
    counter.release();
    expect(await Promise.all(results)).toEqual(expected);
    expect(counter.amounts).toEqual(amounts);
    expect(await combine('a', counter.count)).toBe(max > 5);
  });

  it('fail with their own request only', async () => {
    const combine = createCountCombiner();
    const counter = createCounter(10);
    const results = [combine('a', counter.count), combine('a', counter.count)];
    counter.fail(new Error('unavailable'));
    const outcomes = await Promise.allSettled(results);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('of another counter do not wait', async () => {
    const combine = createCountCombiner();
    const counter = createCounter(10);
    const waiting = combine('a', counter.count);
    expect(await combine('b', async () => true)).toBe(true);
    counter.release();
    expect(await waiting).toBe(true);
  });
});
