import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keys } from '../../lib/store/keys.ts';
import { seedUsers } from '../support/dialects/list-users.ts';
import { runCli } from '../support/scenarios/run-cli.ts';
import { createTestService, tenantId } from '../support/service.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const service = await createTestService();
const { stored } = service;
const emails = await seedUsers(service, 'acme', 300);

const folder = createTemporaryFolder();
const state = join(folder, 'state.json');

/** Runs `npm run migrate` on the table of this service. */
const migrate = (args: readonly string[], onProgress = (_child: ChildProcess): void => {}) =>
  runCli('migrate', ['--state', state, ...args], {
    stored,
    onStart: (child) => void child.stderr?.once('data', () => onProgress(child)),
  });

/** Removes the view of a user's entry. */
async function removeView(index: number): Promise<string> {
  const { view: _view, ...entry } = (await stored.item(
    keys.emailClaim(tenantId.acme, String(emails[index])),
  ))!;
  await stored.put(entry);
  return String(entry['userId']);
}

const fast = ['--units', '999999'];

test('verifies entries, rewrites them, and continues at the position of a stopped run', async () => {
  const userIds = [await removeView(7), await removeView(emails.length - 7)];

  const verified = await migrate(['--verify', ...fast]);
  expect(verified.code).toBe(1);
  for (const userId of userIds)
    expect(verified.output).toContain(`tenant ${tenantId.acme}, user ${userId}: entry outdated`);

  // One unit per second stops it after the first page.
  const stopped = await migrate(['--units', '1'], (child) => child.kill('SIGINT'));
  expect(stopped).toEqual({ code: 1, output: expect.stringContaining('Repeat the command') });
  expect(statSync(state).mode & 0o777).toBe(0o600);
  const { after } = JSON.parse(readFileSync(state, 'utf8'));
  expect(after).toEqual({ pk: expect.any(String), sk: expect.any(String) });

  const continued = await migrate(fast);
  expect(continued).toEqual({
    code: 0,
    output: expect.stringContaining(
      `users: ${emails.length}, rewritten entries: 2, remaining differences: 0`,
    ),
  });
  expect(existsSync(state)).toBe(false);
});
