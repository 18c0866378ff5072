import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { testEnvironment } from './support/environment.ts';
import { Sequencer } from './support/sequencer.ts';

const root = join(import.meta.dirname, '..');

// Workers and the commands that tests run read the variable.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/compiled');
enableCompileCache(process.env.NODE_COMPILE_CACHE);

export default defineConfig({
  root,
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: 'test/support/setup.ts',
    env: testEnvironment,
    // More than the two cores of CI, because files with browsers and commands mostly wait. A fourth
    // worker makes the run slower.
    maxWorkers: 3,
    pool: 'threads',
    // Files share the modules of a worker; `support/setup.ts` restores what a file changes.
    isolate: false,
    // Node strips the types itself, which is faster than the module runner of Vite.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: Sequencer },
    // Detects hanging tests. A busy machine may be slow.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
