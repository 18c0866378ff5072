import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { aKeyServer, aServiceFetchingFrom, keySet, says } from '../../support/faults/key-server.ts';
import { aSigner } from '../../support/tokens/token-signer.ts';

const first = aSigner({ kid: '1' });
const manyKeys = Array.from({ length: 10_000 }, (_, n) => ({ ...first.jwk, kid: `key-${n}` }));

describe('J05: keys that cannot be had are a 503, and never a permit', () => {
  it.each<[string, Parameters<typeof aKeyServer>[0]]>([
    ['an answer of 500', says('{}', 500)],
    ['an answer of 404 with the keys', says(JSON.stringify({ keys: [first.jwk] }), 404)],
    ['nothing', says('')],
    ['a page', says('<html>Down for maintenance</html>')],
    ['half a key set', says(JSON.stringify({ keys: [first.jwk] }).slice(0, -9))],
    ['ten thousand keys', keySet(first.jwk, ...manyKeys)],
    ['spaces without end', says(`${' '.repeat(600_000)}{"keys":[]}`)],
    ['JSON that is no object', says('null')],
    ['a list of keys', says(JSON.stringify([first.jwk]))],
    ['an object without keys', says('{}')],
    ['keys that are no list', says('{"keys":{"0":{}}}')],
    ['keys that are no objects', says('{"keys":["key"]}')],
    [
      'what is no UTF-8',
      says(Buffer.from(`{"name":"\xff","keys":[${JSON.stringify(first.jwk)}]}`, 'latin1')),
    ],
    [
      'a connection that breaks off',
      (_, response) =>
        void response
          .writeHead(200, { 'content-length': '999' })
          .write('{', () => response.destroy()),
    ],
    ['a connection that is dropped', (_, response) => void response.destroy()],
  ])('%s', async (_, answer) => {
    const server = await aKeyServer(answer);
    const { reads, posts, passes, stored } = await aServiceFetchingFrom(first, server);
    const before = await stored.all();
    const refused = { status: 503, headers: { 'retry-after': '1' }, body: { code: 'unavailable' } };
    expect(await reads(first.signs())).toMatchObject(refused);
    expect(await posts(first.signs({ sub: 'writer' }))).toMatchObject(refused);
    expect(await stored.all()).toEqual(before);

    // Whoever is in trouble is left in peace for three seconds, and is asked again after.
    passes(2_999);
    for (let n = 0; n < 5; n++)
      expect((await reads(first.signs({ sub: `${n}` }))).status).toBe(503);
    expect(server.requested).toHaveLength(1);
    server.answersWith(keySet(first.jwk));
    passes(1);
    expect((await reads(first.signs())).status).toBe(404);
    expect(server.requested).toHaveLength(2);
  });

  it('keys elsewhere: a redirect is not followed', async () => {
    const attackers = await aKeyServer(keySet(first.jwk));
    const server = await aKeyServer(
      (_, response) => void response.writeHead(302, { location: attackers.jwksUri }).end(),
    );
    const { reads } = await aServiceFetchingFrom(first, server);
    expect((await reads(first.signs())).status).toBe(503);
    expect(attackers.requested).toEqual([]);
  });

  it('keys that come too slowly are given up, for everybody who waits for them', async () => {
    const server = await aKeyServer((_, response) => {
      // A byte now and then, so that the connection is never idle.
      const drip = async () => {
        while (!response.destroyed) {
          response.write(' ');
          await pause(50);
        }
      };
      void drip();
    });
    const { reads } = await aServiceFetchingFrom(first, server);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => reads(first.signs({ sub: `${n}` }))),
    );
    // Not because the function itself ran out of time.
    for (const answer of answers)
      expect(answer).toMatchObject({
        status: 503,
        body: { message: expect.stringContaining('keys') },
      });
    expect(server.requested).toHaveLength(1);
  });

  it('an issuer that is not there', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    await server.stop();
    const { reads } = await aServiceFetchingFrom(first, server);
    expect(await reads(first.signs())).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
  });
});

describe('a key of the set that is not for signing verifies nothing', () => {
  it.each<[string, object]>([
    ['for encryption', { use: 'enc' }],
    ['for another algorithm', { alg: 'ES384' }],
    ['symmetric', { kty: 'oct', k: 'c2VjcmV0' }],
    ['without its coordinates', { x: undefined, y: undefined }],
    ['off the curve', { y: first.jwk.x }],
  ])('%s', async (_, changes) => {
    const server = await aKeyServer(keySet({ ...first.jwk, ...changes }));
    const { reads } = await aServiceFetchingFrom(first, server);
    expect((await reads(first.signs())).status).toBe(401);
  });
});
