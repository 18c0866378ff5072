import { describe, expect, it } from 'vitest';
import { aKeyServer, keySet } from '../../support/faults/key-server.ts';
import { aSigner, part } from '../../support/tokens/token-signer.ts';
import { logged } from '../../support/logs.ts';
import { aService, anAdminOf, issuer } from '../../support/service.ts';

/** Text that looks like the stack of an error once it is quoted in the message of one. */
const email = 'quoted@leaky-address.example';
const quoted = `\n    at ${email} (file:///password/Tangled-Orchard-7-Lamps:1:1)\n    at ${email}`;

const signer = aSigner();

/** The trace in the one line that is logged meanwhile. */
const traced = async (act: () => Promise<unknown>): Promise<{ names: string[]; at: string[] }> => {
  const before = logged.length;
  await act();
  const lines = logged.slice(before);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('leaky-address');
  expect(lines[0]).not.toContain('Tangled-Orchard');
  return JSON.parse(lines[0]!).error;
};

describe('O08: a line says where an error came from, and nothing that a caller can put there', () => {
  it('when a token is refused for a key that is not there', async () => {
    const server = await aKeyServer(keySet(signer.jwk));
    const settings = { ...signer.settings, jwks: undefined, jwksUri: server.jwksUri };
    const service = await aService({ environment: { ISSUERS: JSON.stringify([settings]) } });
    const token = signer.signs({}, { kid: quoted });
    const { at } = await traced(() => service.gets('/v1/users/x', { token }));
    expect(at.length).toBeGreaterThan(0);
  });

  it.each<[string, object, object?]>([
    ['for its audience', { aud: quoted }],
    ['for its audiences', { aud: ['billing', quoted] }],
    ['for its algorithm', {}, { alg: 'EdDSA', note: quoted }],
  ])('when a token is refused %s', async (_, claims, header) => {
    const service = await aService({ environment: { ISSUERS: JSON.stringify([signer.settings]) } });
    const { at } = await traced(() =>
      service.gets('/v1/users/x', { token: signer.signs(claims, header) }),
    );
    expect(at.length).toBeGreaterThan(0);
  });

  it('when a payload is no JSON', async () => {
    const service = await aService();
    await traced(() =>
      service.gets('/v1/users/x', {
        token: signer.signsText(`${part(signer.header())}.${part(`${quoted}{`)}`),
      }),
    );
  });

  it('when a key set is no JSON', async () => {
    const server = await aKeyServer((_, response) => void response.end(quoted));
    const settings = { ...signer.settings, jwks: undefined, jwksUri: server.jwksUri };
    const service = await aService({ environment: { ISSUERS: JSON.stringify([settings]) } });
    const { names } = await traced(() => service.gets('/v1/users/x', { token: signer.signs() }));
    expect(names).toEqual(['KeysUnavailable', 'SyntaxError']);
  });

  it.each<[string, () => unknown, string]>([
    ['an error', () => new TypeError(`broken by ${email}${quoted}`), 'TypeError'],
    ['an error without a message', () => new RangeError(), 'RangeError'],
    [
      'an error whose name was changed',
      () => Object.assign(new Error(quoted), { name: 'Odd' }),
      'Odd',
    ],
    [
      'an error whose message was changed',
      () => Object.assign(new Error(quoted), { message: 'changed' }),
      'Error',
    ],
    [
      'an error that has an error for its cause',
      () => new Error(quoted, { cause: new RangeError(quoted) }),
      'Error',
    ],
    ['what is no error', () => quoted, 'string'],
  ])('when something breaks: %s', async (_, thrown, name) => {
    const policy = {
      authorize: () => {
        throw thrown();
      },
    };
    const service = await aService({
      policy,
      environment: { ISSUERS: JSON.stringify([issuer.settings]) },
    });
    const { names, at } = await traced(async () => {
      const answer = await service.gets('/v1/users/x', { token: anAdminOf('acme') });
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
      expect(answer.text).not.toContain('leaky-address');
    });
    expect(names[0]).toBe(name);
    expect(at.length > 0).toBe(name !== 'string');
  });
});
