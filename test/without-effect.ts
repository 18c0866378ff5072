import { expect } from 'vitest';
import type { Service } from './steps.ts';

/** Does something that must leave both tables exactly as they are. */
export async function withoutEffect<Result>({ stored }: Service, act: () => Promise<Result>): Promise<Result> {
  const tables = () => Promise.all([stored.all(), stored.all(stored.secrets)]);
  const before = await tables();
  const result = await act();
  expect(await tables()).toEqual(before);
  return result;
}
