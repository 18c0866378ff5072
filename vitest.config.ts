import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/global-setup.ts',
    // One more than the cores that CI has: some files mostly wait.
    maxWorkers: 3,
    pool: 'threads',
    // For what hangs, and not for what is slow: a machine may be busy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
