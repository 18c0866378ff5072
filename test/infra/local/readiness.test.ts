import { request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { type LocalServer, listen, textResponse } from '../../../infra/local/gateway/server.ts';

// Requests to a server that is not ready yet.

const servers: LocalServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** Starts a server. `send` resolves when the request has arrived, with its pending response. */
async function start(limits: Omit<NonNullable<Parameters<typeof listen>[1]>, 'respondEarly'> = {}) {
  const arrivals = new Map<string, () => void>();
  const server = await listen(0, {
    ...limits,
    respondEarly: (target) => {
      arrivals.get(target)?.();
      return target === '/early' ? textResponse(200, 'early') : undefined;
    },
  });
  servers.push(server);
  const send = async (path: string) => {
    const arrived = new Promise<void>((resolve) => arrivals.set(path, resolve));
    const response = new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request({ host: '127.0.0.1', port: server.port, path, agent: false });
      outgoing.on('response', (answer) => resolve(answer.resume().statusCode));
      outgoing.on('error', reject).end();
    });
    await arrived;
    return { response };
  };
  return { server, send };
}

test('requests wait until the server is ready, and proceed in the order of arrival', async () => {
  const { server, send } = await start();
  const waiting = [await send('/1'), await send('/2'), await send('/3')];
  const order: string[] = [];
  server.respondWith([({ target }) => (order.push(target), textResponse(200, target))]);
  const statuses = await Promise.all(waiting.map(({ response }) => response));
  expect([statuses, order]).toEqual([
    [200, 200, 200],
    ['/1', '/2', '/3'],
  ]);
});

test('requests above the limit get 503', async () => {
  const { server, send } = await start({ maxWaiting: 1 });
  const first = await send('/1');
  const second = await send('/2');
  expect(await second.response).toBe(503);
  server.respondWith([() => textResponse(200, '')]);
  expect(await first.response).toBe(200);
});

test('a request that waits too long gets 503', async () => {
  const { send } = await start({ maxWaitMs: 1 });
  expect(await (await send('/1')).response).toBe(503);
});

test('a waiting request gets 503 if the server closes', async () => {
  const { server, send } = await start();
  const waiting = await send('/1');
  await server.close();
  expect(await waiting.response).toBe(503);
});

test('an early response does not wait', async () => {
  const { send } = await start();
  expect(await (await send('/early')).response).toBe(200);
});
