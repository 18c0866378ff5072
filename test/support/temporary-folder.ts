import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeAfterFile } from './cleanup.ts';

/** Creates an empty folder that is removed at the end of the test file. */
export function createTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
  closeAfterFile(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
