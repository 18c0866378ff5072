import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { testEnvironment } from './support/environment.ts';
import { Sequencer } from './support/sequencer.ts';

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: 'test/support/setup.ts',
    env: testEnvironment,
    // Twice the cores of CI, because files with browsers and commands mostly wait.
    maxWorkers: 4,
    pool: 'threads',
    // Files share the modules of a worker; `support/setup.ts` restores what a file changes.
    isolate: false,
    sequence: { sequencer: Sequencer },
    // Detects hanging tests. A busy machine may be slow.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
