/**
 * Runs before every test file. Files share the modules of their worker, so this restores what one
 * file can change.
 */
import { afterAll, vi } from 'vitest';
import { closeResources } from './cleanup.ts';
import { captureLogs } from './logs.ts';

captureLogs();

afterAll(async () => {
  vi.restoreAllMocks();
  await closeResources();
});
