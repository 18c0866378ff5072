import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { aUserIn } from '../../support/authenticated-routes.ts';
import { aKeyServer, keySet } from '../../support/faults/key-server.ts';
import { aSigner, seconds } from '../../support/tokens/token-signer.ts';
import { aService, issuer } from '../../support/service.ts';

/**
 * Two clocks tell a remembered token from one that is verified again: tokens are verified by the clock of the process, and
 * remembered by the one that the service is given.
 */
const start = Math.floor(Date.now() / 1000) * 1000;
let clock = start;
const signer = aSigner();
const service = await aService({
  now: () => new Date(clock),
  environment: { ISSUERS: JSON.stringify([issuer.settings, signer.settings]) },
});
const user = await aUserIn(service, 'acme');
const reads = async (token: string) =>
  (await service.gets(`/v1/users/${user.native}`, { token })).status;

beforeEach(() => {
  clock = start;
  vi.useFakeTimers({ toFake: ['Date'], now: start });
});
afterEach(() => void vi.useRealTimers());

const longAfter = start + 24 * 3600 * 1000;

describe('a verified token is remembered', () => {
  it('for a minute, and then verified again', async () => {
    const token = signer.signs({ sub: 'for-a-minute' });
    expect(await reads(token)).toBe(200);
    vi.setSystemTime(longAfter);
    clock = start + 59_999;
    expect(await reads(token)).toBe(200);
    clock = start + 60_000;
    expect(await reads(token)).toBe(401);
  });

  it('for a minute from when it was verified, however often it comes', async () => {
    const token = signer.signs({ sub: 'again-and-again' });
    expect(await reads(token)).toBe(200);
    vi.setSystemTime(longAfter);
    for (const later of [20_000, 40_000, 59_999]) {
      clock = start + later;
      expect(await reads(token)).toBe(200);
    }
    clock = start + 60_000;
    expect(await reads(token)).toBe(401);
  });

  it('never past its expiry', async () => {
    const token = signer.signs({ sub: 'not-for-long', exp: seconds() + 10 });
    expect(await reads(token)).toBe(200);
    vi.setSystemTime(longAfter);
    clock = start + 9_999;
    expect(await reads(token)).toBe(200);
    clock = start + 10_000;
    expect(await reads(token)).toBe(401);
  });

  it('as itself: another token of the same subject is verified', async () => {
    expect(await reads(signer.signs({ sub: 'twice', jti: '1' }))).toBe(200);
    const other = signer.signs({ sub: 'twice', jti: '2' });
    vi.setSystemTime(longAfter);
    expect(await reads(other)).toBe(401);
  });

  it('and its signature is part of it', async () => {
    const token = signer.signs({ sub: 'signed' });
    expect(await reads(token)).toBe(200);
    const text = token.slice(0, token.lastIndexOf('.'));
    for (const signature of ['', '.', `.${Buffer.alloc(64).toString('base64url')}`])
      expect(await reads(`${text}${signature}`)).toBe(401);
  });

  it('but a refusal is not: a token that comes early is accepted when its time has come', async () => {
    const token = signer.signs({ nbf: seconds() + 30 });
    expect(await reads(token)).toBe(401);
    vi.setSystemTime(start + 31_000);
    expect(await reads(token)).toBe(200);
  });

  it('but no failure to verify it is: when the keys can be had, it is accepted', async () => {
    const server = await aKeyServer((_request, response) => void response.writeHead(500).end());
    const settings = { ...signer.settings, jwks: undefined, jwksUri: server.jwksUri };
    const fetching = await aService({
      now: () => new Date(clock),
      environment: { ISSUERS: JSON.stringify([settings]) },
    });
    const token = signer.signs();
    expect((await fetching.gets('/v1/users/x', { token })).status).toBe(503);
    server.answersWith(keySet(signer.jwk));
    clock += 3_000;
    expect((await fetching.gets('/v1/users/x', { token })).status).toBe(404);
  });
});

describe('a token is good until it expires, by the second', () => {
  it.each<[string, number, number]>([
    ['a second before', -1_000, 200],
    ['a second after', 1_000, 401],
  ])('%s', async (_, offset, status) => {
    const token = signer.signs({ sub: `expiring ${offset}`, exp: seconds() + 600 });
    clock = start + 600_000 + offset;
    vi.setSystemTime(clock);
    expect(await reads(token)).toBe(status);
  });
});
