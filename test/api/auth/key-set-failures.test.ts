import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  createKeyServer,
  createServiceWithKeys,
  keySet,
  respondWith,
} from '../../support/faults/key-server.ts';
import { createSigner } from '../../support/tokens/token-signer.ts';

const first = createSigner({ kid: '1' });
const manyKeys = Array.from({ length: 10_000 }, (_, n) => ({ ...first.jwk, kid: `key-${n}` }));

describe('a failed key request returns 503 [J05]', () => {
  it.each<[string, Parameters<typeof createKeyServer>[0]]>([
    ['a 500 response', respondWith('{}', 500)],
    ['a 404 response with the keys', respondWith(JSON.stringify({ keys: [first.jwk] }), 404)],
    ['an empty response', respondWith('')],
    ['an HTML page', respondWith('<html>Down for maintenance</html>')],
    ['half a key set', respondWith(JSON.stringify({ keys: [first.jwk] }).slice(0, -9))],
    ['10,000 keys', keySet(first.jwk, ...manyKeys)],
    ['600 kB of spaces', respondWith(`${' '.repeat(600_000)}{"keys":[]}`)],
    ['JSON null', respondWith('null')],
    ['a list of keys', respondWith(JSON.stringify([first.jwk]))],
    ['an object without keys', respondWith('{}')],
    ['keys that are not a list', respondWith('{"keys":{"0":{}}}')],
    ['keys that are not objects', respondWith('{"keys":["key"]}')],
    [
      'invalid UTF-8',
      respondWith(Buffer.from(`{"name":"\xff","keys":[${JSON.stringify(first.jwk)}]}`, 'latin1')),
    ],
    [
      'a connection that ends early',
      (_, response) =>
        void response
          .writeHead(200, { 'content-length': '999' })
          .write('{', () => response.destroy()),
    ],
    ['a dropped connection', (_, response) => void response.destroy()],
  ])('for %s', async (_, answer) => {
    const server = await createKeyServer(answer);
    const { reads, posts, passes, stored } = await createServiceWithKeys(first, server);
    const before = await stored.all();
    const unavailable = {
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'unavailable' },
    };
    expect(await reads(first.signs())).toMatchObject(unavailable);
    expect(await posts(first.signs({ sub: 'writer' }))).toMatchObject(unavailable);
    expect(await stored.all()).toEqual(before);

    // After a failure, the next key request starts 3 s later.
    passes(2_999);
    for (let n = 0; n < 5; n++)
      expect((await reads(first.signs({ sub: `${n}` }))).status).toBe(503);
    expect(server.requested).toHaveLength(1);
    server.answersWith(keySet(first.jwk));
    passes(1);
    expect((await reads(first.signs())).status).toBe(404);
    expect(server.requested).toHaveLength(2);
  });

  it('for a redirect, which is not followed', async () => {
    const attackerServer = await createKeyServer(keySet(first.jwk));
    const server = await createKeyServer(
      (_, response) => void response.writeHead(302, { location: attackerServer.jwksUri }).end(),
    );
    const { reads } = await createServiceWithKeys(first, server);
    expect((await reads(first.signs())).status).toBe(503);
    expect(attackerServer.requested).toEqual([]);
  });

  it('for a slow response, to all callers waiting for the same keys', async () => {
    const server = await createKeyServer((_, response) => {
      // Sends bytes, which prevents an idle timeout.
      const drip = async () => {
        while (!response.destroyed) {
          response.write(' ');
          await pause(50);
        }
      };
      void drip();
    });
    const { reads } = await createServiceWithKeys(first, server);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => reads(first.signs({ sub: `${n}` }))),
    );
    // The key request timed out, not the function.
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 503,
        body: { message: expect.stringContaining('keys') },
      });
    expect(server.requested).toHaveLength(1);
  });

  it('for an issuer that is down', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    await server.stop();
    const { reads } = await createServiceWithKeys(first, server);
    expect(await reads(first.signs())).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
  });
});

describe('a token returns 401 if its key in the key set is', () => {
  it.each<[string, object]>([
    ['for encryption', { use: 'enc' }],
    ['for another algorithm', { alg: 'ES384' }],
    ['symmetric', { kty: 'oct', k: 'c2VjcmV0' }],
    ['without coordinates', { x: undefined, y: undefined }],
    ['off the curve', { y: first.jwk.x }],
  ])('%s', async (_, changes) => {
    const server = await createKeyServer(keySet({ ...first.jwk, ...changes }));
    const { reads } = await createServiceWithKeys(first, server);
    expect((await reads(first.signs())).status).toBe(401);
  });
});
