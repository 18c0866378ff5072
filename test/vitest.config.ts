import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** For the embedded database. Tests pass everything else as an argument and never change `process.env`. */
const awsEnvironment = {
  AWS_REGION: 'local',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_SESSION_TOKEN: '',
  AWS_PROFILE: '',
};

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: 'test/support/setup.ts',
    env: awsEnvironment,
    // One more than the cores that CI has: some files mostly wait.
    maxWorkers: 3,
    pool: 'threads',
    // For what hangs, and not for what is slow: a machine may be busy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
