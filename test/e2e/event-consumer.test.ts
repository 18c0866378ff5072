import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { listen } from '../../infra/local/gateway/server.ts';
import { closeAfterFile } from '../support/cleanup.ts';
import { getShellEnvironment } from '../support/environment.ts';
import { readPage } from '../support/project/docs-examples.ts';
import { adminToken, createTestService } from '../support/service.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const consumer = join(import.meta.dirname, '../../docs/events/consumer.mjs');

/** Serves the feed of a service over HTTP. `onPage` runs before each response. */
async function serveFeed(onPage: () => void) {
  const service = await createTestService({ hasStream: true });
  const server = await listen(0);
  closeAfterFile(() => server.close());
  server.respondWith([
    async ({ target, headers }) => {
      const authorization = headers.find(([name]) => name === 'authorization')?.[1] ?? '';
      const response = await service.send('GET', target, { headers: { authorization } });
      onPage();
      return {
        status: response.status,
        headers: Object.entries(response.headers),
        body: response.text,
      };
    },
  ]);
  return { service, base: `http://127.0.0.1:${server.port}` };
}

test('the consumer of the documentation loses and repeats nothing when it is killed', async () => {
  let kill: (() => void) | undefined;
  const { service, base } = await serveFeed(() => kill?.());
  const file = join(createTemporaryFolder(), 'state.json');
  const token = adminToken('acme');
  const start = () => {
    const child = spawn(process.execPath, [consumer, file], {
      env: { ...getShellEnvironment(), BASE: base, TOKEN: token },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return { child, ended: once(child, 'exit') };
  };
  const readUsers = (): Record<string, number> =>
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).users : {};

  const expected: Record<string, number> = {};
  for (const [index, name] of ['ada', 'grace', 'joan', 'alan'].entries()) {
    const { body } = await service.post('/v1/users', { email: `${name}@example.com` }, { token });
    await service.send('PATCH', `/v1/users/${body.userId}`, { token, body: { name } });
    await service.numberChanges();
    expected[body.userId] = 2;
    // Killed around the arrival of the response with the new events, and then started again.
    const killed = start();
    kill = () => setTimeout(() => killed.child.kill('SIGKILL'), 4 * index);
    await killed.ended;
    kill = undefined;
    const { child, ended } = start();
    while (readUsers()[body.userId] === undefined) await sleep(10);
    child.kill('SIGKILL');
    await ended;
  }
  expect(readUsers()).toEqual(expected);
}, 30_000);

test('the page shows the consumer', () => {
  expect(readPage('docs/events/feed.md')).toContain(readFileSync(consumer, 'utf8'));
});
