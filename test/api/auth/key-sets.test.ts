import { describe, expect, it, vi } from 'vitest';
import {
  createKeyServer,
  createServiceWithKeys,
  keySet,
  respondWith,
  statuses,
} from '../../support/faults/key-server.ts';
import { createSigner } from '../../support/tokens/token-signer.ts';

const [first, second, third] = [
  createSigner({ kid: '1' }),
  createSigner({ kid: '2' }),
  createSigner({ kid: '3' }),
];

describe('a key set', () => {
  it('is fetched once for concurrent requests', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    const { reads } = await createServiceWithKeys(first, server);
    expect(server.requested).toEqual([]);
    expect(
      await statuses(Array.from({ length: 10 }, (_, n) => reads(first.signs({ sub: `${n}` })))),
    ).toEqual(Array(10).fill(404));
    expect((await reads(first.signs({ sub: 'later' }))).status).toBe(404);
    expect(server.requested).toEqual(['GET /keys']);
  });

  it('is fetched from /.well-known/jwks.json of the issuer by default', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    const iss = `${new URL(server.jwksUri).origin}/pool`;
    const { reads } = await createServiceWithKeys(first, server, {
      jwksUri: undefined,
      issuer: iss,
    });
    expect((await reads(first.signs({ iss }))).status).toBe(404);
    expect(server.requested).toEqual(['GET /pool/.well-known/jwks.json']);
  });

  it('is not fetched if the key is configured inline', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    const { reads } = await createServiceWithKeys(first, server, { jwks: { keys: [first.jwk] } });
    expect((await reads(first.signs())).status).toBe(404);
    expect(server.requested).toEqual([]);
  });

  it('is not fetched for an unacceptable token', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    const { reads } = await createServiceWithKeys(first, server);
    for (const token of [
      'x',
      'a.b.c',
      first.signs({}, { alg: 'none' }),
      first.signs({}, { crit: [] }),
    ]) {
      expect((await reads(token)).status).toBe(401);
    }
    expect(server.requested).toEqual([]);
  });
});

describe('key rotation by an issuer [J05]', () => {
  it('adds a key after one request and keeps the old one', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    const { reads } = await createServiceWithKeys(first, server);
    expect((await reads(first.signs())).status).toBe(404);
    server.answersWith(keySet(first.jwk, second.jwk));
    expect(
      await statuses(Array.from({ length: 10 }, (_, n) => reads(second.signs({ sub: `${n}` })))),
    ).toEqual(Array(10).fill(404));
    expect((await reads(first.signs({ sub: 'old' }))).status).toBe(404);
    expect(server.requested).toHaveLength(2);
  });

  it('adds a key from the URL to inline keys', async () => {
    const server = await createKeyServer(keySet(second.jwk));
    const { reads } = await createServiceWithKeys(first, server, { jwks: { keys: [first.jwk] } });
    expect((await reads(second.signs())).status).toBe(404);
    expect(server.requested).toHaveLength(1);
  });

  it('removes a key after 10 min, and keeps cached keys while the issuer is down', async () => {
    const server = await createKeyServer(keySet(first.jwk, second.jwk));
    const { reads, passes } = await createServiceWithKeys(first, server);
    expect((await reads(second.signs())).status).toBe(404);
    server.answersWith(respondWith('down', 500));
    passes(10 * 60_000);
    expect((await reads(second.signs({ sub: 'while it is down' }))).status).toBe(404);
    server.answersWith(keySet(first.jwk));
    passes(10 * 60_000 - 1);
    expect((await reads(second.signs({ sub: 'just before' }))).status).toBe(404);
    passes(1);
    expect((await reads(second.signs({ sub: 'after' }))).status).toBe(401);
    expect((await reads(first.signs())).status).toBe(404);
    // The fourth request looks for a new key.
    expect(server.requested).toHaveLength(4);
  });

  it('causes one request for many unknown key IDs', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    const { reads } = await createServiceWithKeys(first, server);
    const forged = (kid: string) => reads(third.signs({}, { kid }));
    expect(await statuses(Array.from({ length: 20 }, (_, n) => forged(`forged-${n}`)))).toEqual(
      Array(20).fill(401),
    );
    for (let n = 20; n < 40; n++) expect((await forged(`forged-${n}`)).status).toBe(401);
    expect((await reads(first.signs())).status).toBe(404);
    expect(server.requested).toHaveLength(1);
  });

  it('delays a new key by at most 10 s after an unknown key ID', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    const { reads, passes } = await createServiceWithKeys(first, server);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      expect((await reads(third.signs({}, { kid: 'forged' }))).status).toBe(401);
      server.answersWith(keySet(first.jwk, second.jwk));
      expect((await reads(second.signs())).status).toBe(401);
      passes(10_000);
      vi.advanceTimersByTime(10_000);
      expect((await reads(second.signs())).status).toBe(404);
    } finally {
      vi.useRealTimers();
    }
  });

  it('affects only unknown keys while the issuer is down: they return 503', async () => {
    const server = await createKeyServer(keySet(first.jwk));
    const { reads } = await createServiceWithKeys(first, server);
    expect((await reads(first.signs())).status).toBe(404);
    await server.stop();
    expect((await reads(first.signs({ sub: 'else' }))).status).toBe(404);
    expect(await reads(second.signs())).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'unavailable' },
    });
  });
});
