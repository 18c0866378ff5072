import { describe, expect, it } from 'vitest';
import {
  createFaultProxy,
  always,
  dropRequest,
  failWith,
} from '../../support/faults/fault-proxy.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import {
  createOwnSigner,
  createTokenAppClient,
  toKeyArn,
  requestAccessToken,
} from '../../support/tokens/roster-tokens.ts';
import { adminToken, createTestService, aws, type Service } from '../../support/service.ts';

// Rotation of Roster's signing keys, and failures of KMS.

const clock = createTestClock();
const kmsProxy = await createFaultProxy((await aws()).endpoint);
const first = await createTestService();
const client = await createTokenAppClient(first, 'acme');

/** Deploys the same tables with other keys. */
const deploy = (keys: { current: string; next?: string; previous?: string }) =>
  createTestService({
    now: clock.now,
    environment: {
      DIRECTORY_TABLE: first.stored.directory,
      SECRETS_TABLE: first.stored.secrets,
      AWS_ENDPOINT_URL_KMS: kmsProxy.endpoint,
      SIGNING_KEYS: JSON.stringify(
        Object.fromEntries(Object.entries(keys).map(([name, id]) => [name, toKeyArn(id)])),
      ),
    },
  });

const listKeyIds = async (service: Service) =>
  (await service.get('/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);
const getKeyId = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
const requestToken = async (service: Service): Promise<string> =>
  (await requestAccessToken(service, client)).body.access_token;
const lists = (service: Service, token: string) => service.get('/v1/users', { token });

describe('a rotation of the signing key', async () => {
  const [one, two] = [await createOwnSigner('1'), await createOwnSigner('2')];
  kmsProxy.isWell();

  it('takes three deployments, and old tokens are accepted until the last one', async () => {
    const before = await deploy({ current: '1' });
    expect(await listKeyIds(before)).toEqual([one.kid]);
    const old = await requestToken(before);
    expect(getKeyId(old)).toBe(one.kid);

    const withNextKey = await deploy({ current: '1', next: '2' });
    expect(await listKeyIds(withNextKey)).toEqual([one.kid, two.kid]);
    expect(getKeyId(await requestToken(withNextKey))).toBe(one.kid);
    // Signed by a function that was deployed before the verifying one.
    const early = await two.signs({ ...client.claims });
    expect((await lists(withNextKey, early)).status).toBe(200);

    const withPreviousKey = await deploy({ current: '2', previous: '1' });
    expect(await listKeyIds(withPreviousKey)).toEqual([two.kid, one.kid]);
    const fresh = await requestToken(withPreviousKey);
    expect(getKeyId(fresh)).toBe(two.kid);
    for (const token of [old, early, fresh])
      expect((await lists(withPreviousKey, token)).status).toBe(200);

    const withNewKey = await deploy({ current: '2' });
    expect(await listKeyIds(withNewKey)).toEqual([two.kid]);
    expect((await lists(withNewKey, fresh)).status).toBe(200);
    expect(await lists(withNewKey, old), 'token of a removed key').toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });
});

describe('while KMS is unavailable [J05]', () => {
  it('Roster tokens return 503, other tokens are accepted, and KMS is retried after 3 s', async () => {
    const service = await deploy({ current: 'current' });
    const token = await (await createOwnSigner()).signs({ ...client.claims });
    for (const fault of [
      dropRequest,
      failWith('AccessDeniedException'),
      failWith('KMSInternalException', { status: 500 }),
    ]) {
      kmsProxy.goesWrong(always(fault));
      expect(await lists(service, token)).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1' },
        body: { code: 'unavailable' },
      });
      clock.advanceBy(3_000);
    }
    expect((await lists(service, adminToken('acme'))).status).toBe(200);
    kmsProxy.isWell();
    expect((await lists(service, token)).status).toBe(200);
    // Neither cached keys nor unknown key IDs cause a request.
    kmsProxy.goesWrong(always(dropRequest));
    for (const kid of ['a', 'b', 'c']) {
      expect(
        (await lists(service, await (await createOwnSigner()).signs({ ...client.claims }, { kid })))
          .status,
      ).toBe(401);
    }
    expect(kmsProxy.sent).toEqual([]);
    kmsProxy.isWell();
  });

  it('the token endpoint and the key set return 503', async () => {
    const service = await deploy({ current: 'current' });
    kmsProxy.goesWrong(always(dropRequest));
    expect(await requestAccessToken(service, client)).toMatchObject({
      status: 503,
      body: { error: 'temporarily_unavailable' },
      headers: { 'retry-after': '1' },
    });
    expect(await service.get('/.well-known/jwks.json')).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    });
    kmsProxy.isWell();
    expect((await requestAccessToken(service, client)).status).toBe(200);
    kmsProxy.goesWrong(always(dropRequest, 'Sign'));
    expect((await requestAccessToken(service, client)).status).toBe(503);
    kmsProxy.isWell();
    expect((await service.get('/.well-known/jwks.json')).status).toBe(200);
  });
});
