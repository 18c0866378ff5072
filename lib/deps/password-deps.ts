import { createAttemptStore } from '../store/attempt-store.ts';
import { createPasswordHashStore } from '../store/password-hash-store.ts';
import type { Environment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

export type PasswordDeps = ReturnType<typeof createPasswordDeps>;

/** Dependencies of the authenticated HTTP function that reads password hashes. */
export function createPasswordDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables } = createHttpParts(env, overrides);
  return {
    ...deps,
    passwordHashes: createPasswordHashStore(tables),
    attempts: createAttemptStore(tables),
  };
}
