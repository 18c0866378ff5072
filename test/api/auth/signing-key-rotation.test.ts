import { describe, expect, it } from 'vitest';
import { aFaultyWayTo, always, isLost, meets } from '../../support/faults/fault-proxy.ts';
import { aClock } from '../../support/scenarios/user-states.ts';
import {
  aKeyOfOurs,
  anAppClient,
  arnOf,
  asksForToken,
} from '../../support/tokens/roster-tokens.ts';
import { anAdminOf, aService, aws, type Service } from '../../support/service.ts';

// The keys of Roster's own tokens: how one replaces another, and what happens while KMS cannot be reached.

const clock = aClock();
const way = await aFaultyWayTo((await aws()).endpoint);
const first = await aService();
const client = await anAppClient(first, 'acme');

/** The same deployment, as it is deployed again with other keys. */
const deployed = (keys: { current: string; next?: string; previous?: string }) =>
  aService({
    now: clock.now,
    environment: {
      DIRECTORY_TABLE: first.stored.directory,
      SECRETS_TABLE: first.stored.secrets,
      AWS_ENDPOINT_URL_KMS: way.endpoint,
      SIGNING_KEYS: JSON.stringify(
        Object.fromEntries(Object.entries(keys).map(([name, id]) => [name, arnOf(id)])),
      ),
    },
  });

const published = async (service: Service) =>
  (await service.gets('/.well-known/jwks.json')).body.keys.map(({ kid }: { kid: string }) => kid);
const kidOf = (token: string): string =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
const granted = async (service: Service): Promise<string> =>
  (await asksForToken(service, client)).body.access_token;
const lists = (service: Service, token: string) => service.gets('/v1/users', { token });

describe('a key is replaced', async () => {
  const [one, two] = [await aKeyOfOurs('1'), await aKeyOfOurs('2')];
  way.isWell();

  it('in three deploys, and every token that was granted is good for its hour', async () => {
    const before = await deployed({ current: '1' });
    expect(await published(before)).toEqual([one.kid]);
    const old = await granted(before);
    expect(kidOf(old)).toBe(one.kid);

    const announced = await deployed({ current: '1', next: '2' });
    expect(await published(announced)).toEqual([one.kid, two.kid]);
    expect(kidOf(await granted(announced))).toBe(one.kid);
    // Of a function that was deployed a moment earlier than the one that verifies.
    const early = await two.signs({ ...client.claims });
    expect((await lists(announced, early)).status).toBe(200);

    const promoted = await deployed({ current: '2', previous: '1' });
    expect(await published(promoted)).toEqual([two.kid, one.kid]);
    const fresh = await granted(promoted);
    expect(kidOf(fresh)).toBe(two.kid);
    for (const token of [old, early, fresh])
      expect((await lists(promoted, token)).status).toBe(200);

    const done = await deployed({ current: '2' });
    expect(await published(done)).toEqual([two.kid]);
    expect((await lists(done, fresh)).status).toBe(200);
    expect(await lists(done, old), 'a key that is withdrawn verifies nothing').toMatchObject({
      status: 401,
      body: { code: 'unauthenticated' },
    });
  });
});

describe('J05: while KMS cannot be reached', () => {
  it('an own token is a 503 and never a permit, tokens of others are what they were, and after three seconds it is asked again', async () => {
    const service = await deployed({ current: 'current' });
    const token = await (await aKeyOfOurs()).signs({ ...client.claims });
    for (const fault of [
      isLost,
      meets('AccessDeniedException'),
      meets('KMSInternalException', { status: 500 }),
    ]) {
      way.goesWrong(always(fault));
      expect(await lists(service, token)).toMatchObject({
        status: 503,
        headers: { 'retry-after': '1' },
        body: { code: 'unavailable' },
      });
      clock.leaps(3_000);
    }
    expect((await lists(service, anAdminOf('acme'))).status).toBe(200);
    way.isWell();
    expect((await lists(service, token)).status).toBe(200);
    // What is known is not asked for again, and forged names of keys bring nobody to KMS.
    way.goesWrong(always(isLost));
    for (const kid of ['a', 'b', 'c']) {
      expect(
        (await lists(service, await (await aKeyOfOurs()).signs({ ...client.claims }, { kid })))
          .status,
      ).toBe(401);
    }
    expect(way.sent).toEqual([]);
    way.isWell();
  });

  it('nothing is granted, and no keys are shown, and that is said as it should be', async () => {
    const service = await deployed({ current: 'current' });
    way.goesWrong(always(isLost));
    expect(await asksForToken(service, client)).toMatchObject({
      status: 503,
      body: { error: 'temporarily_unavailable' },
      headers: { 'retry-after': '1' },
    });
    expect(await service.gets('/.well-known/jwks.json')).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    });
    way.isWell();
    expect((await asksForToken(service, client)).status).toBe(200);
    way.goesWrong(always(isLost, 'Sign'));
    expect((await asksForToken(service, client)).status).toBe(503);
    way.isWell();
    expect((await service.gets('/.well-known/jwks.json')).status).toBe(200);
  });
});
