import { describe, expect, it } from 'vitest';
import { createKeyServer, keySet } from '../../support/faults/key-server.ts';
import { createSigner, part } from '../../support/tokens/token-signer.ts';
import { getLogs } from '../../support/logs.ts';
import { createTestService, adminToken, issuer } from '../../support/service.ts';

/** Text that looks like a stack trace once an error message quotes it. */
const email = 'quoted@leaky-address.example';
const fakeTrace = `\n    at ${email} (file:///password/Tangled-Orchard-7-Lamps:1:1)\n    at ${email}`;

const signer = createSigner();

/** Trace in the only line logged during the action. */
const captureTrace = async (
  act: () => Promise<unknown>,
): Promise<{ names: string[]; at: string[] }> => {
  const before = getLogs.length;
  await act();
  const lines = getLogs.slice(before);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('leaky-address');
  expect(lines[0]).not.toContain('Tangled-Orchard');
  return JSON.parse(lines[0]!).error;
};

describe('a log line has the origin of an error, but no text of the caller [O08]', () => {
  it('if a token has an unknown key', async () => {
    const server = await createKeyServer(keySet(signer.jwk));
    const settings = { ...signer.settings, jwks: undefined, jwksUri: server.jwksUri };
    const service = await createTestService({
      environment: { ISSUERS: JSON.stringify([settings]) },
    });
    const token = signer.signs({}, { kid: fakeTrace });
    const { at } = await captureTrace(() => service.get('/v1/users/x', { token }));
    expect(at.length).toBeGreaterThan(0);
  });

  it.each<[string, object, object?]>([
    ['its audience', { aud: fakeTrace }],
    ['its audiences', { aud: ['billing', fakeTrace] }],
    ['its algorithm', {}, { alg: 'EdDSA', note: fakeTrace }],
  ])('if a token is rejected for %s', async (_, claims, header) => {
    const service = await createTestService({
      environment: { ISSUERS: JSON.stringify([signer.settings]) },
    });
    const { at } = await captureTrace(() =>
      service.get('/v1/users/x', { token: signer.signs(claims, header) }),
    );
    expect(at.length).toBeGreaterThan(0);
  });

  it('if a payload is invalid JSON', async () => {
    const service = await createTestService();
    await captureTrace(() =>
      service.get('/v1/users/x', {
        token: signer.signsText(`${part(signer.header())}.${part(`${fakeTrace}{`)}`),
      }),
    );
  });

  it('if a key set is invalid JSON', async () => {
    const server = await createKeyServer((_, response) => void response.end(fakeTrace));
    const settings = { ...signer.settings, jwks: undefined, jwksUri: server.jwksUri };
    const service = await createTestService({
      environment: { ISSUERS: JSON.stringify([settings]) },
    });
    const { names } = await captureTrace(() =>
      service.get('/v1/users/x', { token: signer.signs() }),
    );
    expect(names).toEqual(['KeysUnavailable', 'SyntaxError']);
  });

  it.each<[string, () => unknown, string]>([
    ['an error', () => new TypeError(`broken by ${email}${fakeTrace}`), 'TypeError'],
    ['an error without a message', () => new RangeError(), 'RangeError'],
    [
      'an error with another name',
      () => Object.assign(new Error(fakeTrace), { name: 'Odd' }),
      'Odd',
    ],
    [
      'an error with a changed message',
      () => Object.assign(new Error(fakeTrace), { message: 'changed' }),
      'Error',
    ],
    [
      'an error with a cause',
      () => new Error(fakeTrace, { cause: new RangeError(fakeTrace) }),
      'Error',
    ],
    ['a string', () => fakeTrace, 'string'],
  ])('if a defect throws %s', async (_, createError, name) => {
    const policy = {
      authorize: () => {
        throw createError();
      },
    };
    const service = await createTestService({
      policy,
      environment: { ISSUERS: JSON.stringify([issuer.settings]) },
    });
    const { names, at } = await captureTrace(async () => {
      const answer = await service.get('/v1/users/x', { token: adminToken('acme') });
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
      expect(answer.text).not.toContain('leaky-address');
    });
    expect(names[0]).toBe(name);
    expect(at.length > 0).toBe(name !== 'string');
  });
});
