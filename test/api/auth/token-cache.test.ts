import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { createKeyServer, keySet } from '../../support/faults/key-server.ts';
import { createSigner, seconds } from '../../support/tokens/token-signer.ts';
import { createTestService, issuer } from '../../support/service.ts';

/**
 * Two clocks distinguish cached tokens from verified ones. Verification uses the clock of the
 * process, and the cache uses the clock of the service.
 */
const start = Math.floor(Date.now() / 1000) * 1000;
let clock = start;
const signer = createSigner();
const service = await createTestService({
  now: () => new Date(clock),
  environment: { ISSUERS: JSON.stringify([issuer.settings, signer.settings]) },
});
const user = await createUserIn(service, 'acme');
const reads = async (token: string) =>
  (await service.get(`/v1/users/${user.native}`, { token })).status;

beforeEach(() => {
  clock = start;
  vi.useFakeTimers({ toFake: ['Date'], now: start });
});
afterEach(() => void vi.useRealTimers());

const nextDay = start + 24 * 3600 * 1000;

describe('the token cache', () => {
  it('keeps a verified token for 60 s', async () => {
    const token = signer.signs({ sub: 'for-a-minute' });
    expect(await reads(token)).toBe(200);
    vi.setSystemTime(nextDay);
    clock = start + 59_999;
    expect(await reads(token)).toBe(200);
    clock = start + 60_000;
    expect(await reads(token)).toBe(401);
  });

  it('counts from the verification of a token, not from its last use', async () => {
    const token = signer.signs({ sub: 'again-and-again' });
    expect(await reads(token)).toBe(200);
    vi.setSystemTime(nextDay);
    for (const later of [20_000, 40_000, 59_999]) {
      clock = start + later;
      expect(await reads(token)).toBe(200);
    }
    clock = start + 60_000;
    expect(await reads(token)).toBe(401);
  });

  it('never keeps a token past its expiration', async () => {
    const token = signer.signs({ sub: 'not-for-long', exp: seconds() + 10 });
    expect(await reads(token)).toBe(200);
    vi.setSystemTime(nextDay);
    clock = start + 9_999;
    expect(await reads(token)).toBe(200);
    clock = start + 10_000;
    expect(await reads(token)).toBe(401);
  });

  it('distinguishes tokens of the same subject', async () => {
    expect(await reads(signer.signs({ sub: 'twice', jti: '1' }))).toBe(200);
    const other = signer.signs({ sub: 'twice', jti: '2' });
    vi.setSystemTime(nextDay);
    expect(await reads(other)).toBe(401);
  });

  it('includes the signature in its key', async () => {
    const token = signer.signs({ sub: 'signed' });
    expect(await reads(token)).toBe(200);
    const text = token.slice(0, token.lastIndexOf('.'));
    for (const signature of ['', '.', `.${Buffer.alloc(64).toString('base64url')}`])
      expect(await reads(`${text}${signature}`)).toBe(401);
  });

  it('does not keep a rejected token', async () => {
    const token = signer.signs({ nbf: seconds() + 30 });
    expect(await reads(token)).toBe(401);
    vi.setSystemTime(start + 31_000);
    expect(await reads(token)).toBe(200);
  });

  it('does not keep a failed verification', async () => {
    const server = await createKeyServer(
      (_request, response) => void response.writeHead(500).end(),
    );
    const settings = { ...signer.settings, jwks: undefined, jwksUri: server.jwksUri };
    const fetchingService = await createTestService({
      now: () => new Date(clock),
      environment: { ISSUERS: JSON.stringify([settings]) },
    });
    const token = signer.signs();
    expect((await fetchingService.get('/v1/users/x', { token })).status).toBe(503);
    server.answersWith(keySet(signer.jwk));
    clock += 3_000;
    expect((await fetchingService.get('/v1/users/x', { token })).status).toBe(404);
  });
});

describe('a token', () => {
  it.each<[string, number, number]>([
    ['1 s before', 200, -1_000],
    ['1 s after', 401, 1_000],
  ])('%s its expiration returns %i', async (_, status, offset) => {
    const token = signer.signs({ sub: `expiring ${offset}`, exp: seconds() + 600 });
    clock = start + 600_000 + offset;
    vi.setSystemTime(clock);
    expect(await reads(token)).toBe(status);
  });
});
