import { describe, expect, it, vi } from 'vitest';
import {
  aKeyServer,
  aServiceFetchingFrom,
  keySet,
  says,
  statuses,
} from '../../support/faults/key-server.ts';
import { aSigner } from '../../support/tokens/token-signer.ts';

const [first, second, third] = [
  aSigner({ kid: '1' }),
  aSigner({ kid: '2' }),
  aSigner({ kid: '3' }),
];

describe('a key set is fetched when it is needed', () => {
  it('once, for all that come', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    const { reads } = await aServiceFetchingFrom(first, server);
    expect(server.requested).toEqual([]);
    expect(
      await statuses(Array.from({ length: 10 }, (_, n) => reads(first.signs({ sub: `${n}` })))),
    ).toEqual(Array(10).fill(404));
    expect((await reads(first.signs({ sub: 'later' }))).status).toBe(404);
    expect(server.requested).toEqual(['GET /keys']);
  });

  it('at /.well-known/jwks.json of the issuer unless it is told where', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    const iss = `${new URL(server.jwksUri).origin}/pool`;
    const { reads } = await aServiceFetchingFrom(first, server, {
      jwksUri: undefined,
      issuer: iss,
    });
    expect((await reads(first.signs({ iss }))).status).toBe(404);
    expect(server.requested).toEqual(['GET /pool/.well-known/jwks.json']);
  });

  it('and not at all where it is configured by value and has the key', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    const { reads } = await aServiceFetchingFrom(first, server, { jwks: { keys: [first.jwk] } });
    expect((await reads(first.signs())).status).toBe(404);
    expect(server.requested).toEqual([]);
  });

  it('and not for a token that could be no access token anyway', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    const { reads } = await aServiceFetchingFrom(first, server);
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

describe('J05: an issuer changes its keys', () => {
  it('a new key is found with one request, and the old ones stay', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    const { reads } = await aServiceFetchingFrom(first, server);
    expect((await reads(first.signs())).status).toBe(404);
    server.answersWith(keySet(first.jwk, second.jwk));
    // Both sign in the name of the one issuer.
    expect(
      await statuses(Array.from({ length: 10 }, (_, n) => reads(second.signs({ sub: `${n}` })))),
    ).toEqual(Array(10).fill(404));
    expect((await reads(first.signs({ sub: 'old' }))).status).toBe(404);
    expect(server.requested).toHaveLength(2);
  });

  it('a key by value gives way to those at the URL', async () => {
    const server = await aKeyServer(keySet(second.jwk));
    const { reads } = await aServiceFetchingFrom(first, server, { jwks: { keys: [first.jwk] } });
    expect((await reads(second.signs())).status).toBe(404);
    expect(server.requested).toHaveLength(1);
  });

  it('a key that it withdraws is refused ten minutes later, and its keys stay while it is down', async () => {
    const server = await aKeyServer(keySet(first.jwk, second.jwk));
    const { reads, passes } = await aServiceFetchingFrom(first, server);
    expect((await reads(second.signs())).status).toBe(404);
    server.answersWith(says('down', 500));
    passes(10 * 60_000);
    expect((await reads(second.signs({ sub: 'while it is down' }))).status).toBe(404);
    server.answersWith(keySet(first.jwk));
    passes(10 * 60_000 - 1);
    expect((await reads(second.signs({ sub: 'just before' }))).status).toBe(404);
    passes(1);
    expect((await reads(second.signs({ sub: 'after' }))).status).toBe(401);
    expect((await reads(first.signs())).status).toBe(404);
    // The fourth asked whether it might be a new key.
    expect(server.requested).toHaveLength(4);
  });

  it('a flood of unknown key ids makes one request', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    const { reads } = await aServiceFetchingFrom(first, server);
    const forged = (kid: string) => reads(third.signs({}, { kid }));
    expect(await statuses(Array.from({ length: 20 }, (_, n) => forged(`forged-${n}`)))).toEqual(
      Array(20).fill(401),
    );
    for (let n = 20; n < 40; n++) expect((await forged(`forged-${n}`)).status).toBe(401);
    expect((await reads(first.signs())).status).toBe(404);
    expect(server.requested).toHaveLength(1);
  });

  it('and keeps a new key waiting for ten seconds at most', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    const { reads, passes } = await aServiceFetchingFrom(first, server);
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

  it('keys that are known serve while the issuer is down, and others are not taken on trust', async () => {
    const server = await aKeyServer(keySet(first.jwk));
    const { reads } = await aServiceFetchingFrom(first, server);
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
