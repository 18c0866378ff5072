import { expect } from 'vitest';
import type { Service } from '../service.ts';

/** Runs an action and asserts that it writes nothing except attempt counters and activity records. */
export async function expectNoWrites<Result>(
  { stored }: Service,
  act: () => Promise<Result>,
): Promise<Result> {
  const before = stored.writes().length;
  const secretsBefore = stored.writes(stored.secrets).length;
  const result = await act();
  const writes = [
    ...stored.writes().slice(before),
    ...stored.writes(stored.secrets).slice(secretsBefore),
  ];
  expect(writes.filter((key) => !/^ATTEMPTS#|^TENANT#[^#]+#ACTIVITY /.test(key))).toEqual([]);
  return result;
}
