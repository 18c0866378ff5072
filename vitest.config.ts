import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/global-setup.ts',
    // One more than the cores that CI has: some files mostly wait.
    maxWorkers: 3,
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
