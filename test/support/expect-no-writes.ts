import { expect } from 'vitest';
import type { Service } from './service.ts';

/** Does something that must leave both tables exactly as they are, but for what counts attempts at passwords. */
export async function withoutEffect<Result>(
  { stored }: Service,
  act: () => Promise<Result>,
): Promise<Result> {
  const tables = async () => [
    (await stored.all()).filter(({ pk }) => !String(pk).startsWith('ATTEMPTS#')),
    await stored.all(stored.secrets),
  ];
  const before = await tables();
  const result = await act();
  expect(await tables()).toEqual(before);
  return result;
}
