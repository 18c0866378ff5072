import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import {
  cleanUp,
  findRunning,
  instancePath,
  recordRunning,
} from '../../../../infra/local/process/running.ts';
import { listen, textResponse } from '../../../../infra/local/gateway/server.ts';
import { createTemporaryFolder } from '../../../support/temporary-folder.ts';

// Detection of another process that uses the same data.

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** Starts a server that has not become ready, and describes it in a new folder. */
async function startServer(instance: string) {
  const folder = createTemporaryFolder();
  const server = await listen(0, {
    respondEarly: (target) => (target === instancePath ? textResponse(200, 'first') : undefined),
  });
  closing.push(server.close);
  const url = `http://localhost:${server.port}`;
  recordRunning(folder, { pid: process.pid, url, instance });
  return { folder, server, url };
}

test('finds a process whose server returns its ID, also during its start-up', async () => {
  const { folder, url } = await startServer('first');
  expect(await findRunning(folder)).toMatchObject({ url, instance: 'first' });
});

test('finds no process if another server uses the port, or none', async () => {
  const { folder } = await startServer('second');
  expect(await findRunning(folder)).toBeUndefined();
  const ended = await startServer('first');
  await ended.server.close();
  expect(await findRunning(ended.folder)).toBeUndefined();
  expect(await findRunning(createTemporaryFolder())).toBeUndefined();
});

test('cleans up only after the database of a killed process has ended', async () => {
  const folder = createTemporaryFolder();
  const database = createServer().listen(0, '127.0.0.1');
  const { promise: connected, resolve } = Promise.withResolvers<void>();
  database.on('connection', () => resolve());
  await new Promise((listening) => database.once('listening', listening));
  const { port } = database.address() as { port: number };
  recordRunning(folder, {
    pid: 1,
    url: 'http://localhost:1',
    instance: 'first',
    database: { endpoint: `http://127.0.0.1:${port}`, pid: 1 },
  });

  let isClean = false;
  const cleaned = cleanUp(folder).then(() => (isClean = true));
  await connected;
  expect(isClean).toBe(false);
  database.close();
  await cleaned;
  expect(await findRunning(folder)).toBeUndefined();
});
