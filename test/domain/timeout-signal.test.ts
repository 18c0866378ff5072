import { expect, test } from 'vitest';
import { getTimeoutSignal } from '../../lib/domain/kernel/timeout-signal.ts';

const waitForAbort = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

test('aborts in the order of the times', async () => {
  const order: string[] = [];
  const [later, sooner] = [getTimeoutSignal(260), getTimeoutSignal(1)];
  await Promise.all([
    waitForAbort(sooner).then(() => order.push('sooner')),
    waitForAbort(later).then(() => order.push('later')),
  ]);

  expect(order).toEqual(['sooner', 'later']);
});

test('shares signals between requests, but none that has aborted', async () => {
  const signals = Array.from({ length: 1000 }, () => getTimeoutSignal(3000));
  expect(new Set(signals).size).toBeLessThan(signals.length);

  await waitForAbort(getTimeoutSignal(1));
  expect(getTimeoutSignal(1).aborted).toBe(false);
});
