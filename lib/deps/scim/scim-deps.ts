import type { Environment } from '../environment.ts';
import { createHttpParts, type TestOverrides } from '../http-deps.ts';

export type ScimDeps = ReturnType<typeof createScimDeps>;

/** Dependencies of the authenticated HTTP function for SCIM. */
export const createScimDeps = (env: Environment, overrides: TestOverrides = {}) =>
  createHttpParts(env, overrides).deps;
