import { describe, expect, it } from 'vitest';
import {
  requestRoute,
  createUserIn,
  oneRoutePerOperation,
  requiresMoreThanAdmin,
} from '../../support/authenticated-routes.ts';
import { algorithms, createSigner } from '../../support/tokens/token-signer.ts';
import { createTestService, issuer, tenantId } from '../../support/service.ts';

const issuers = (...settings: object[]) => ({
  environment: { ISSUERS: JSON.stringify([issuer.settings, ...settings]) },
});

describe('an issuer', () => {
  it.each(algorithms)('can sign with %s, and then with no other algorithm', async (alg) => {
    const signer = createSigner({ alg });
    const service = await createTestService(issuers(signer.settings));
    const user = await createUserIn(service, 'acme');
    const reads = async (token: string) =>
      (await service.get(`/v1/users/${user.native}`, { token })).status;
    expect(await reads(signer.signs())).toBe(200);
    for (const other of [
      ...algorithms,
      'RS512',
      'ES512',
      'HS256',
      'no tenants with an empty list',
    ].filter((name) => name !== alg)) {
      expect(await reads(signer.signs({}, { alg: other })), other).toBe(401);
    }
    expect(await reads(signer.signs().replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')))).toBe(
      401,
    );
  });
});

describe('the tokens of several issuers', () => {
  const [one, two] = [
    createSigner({ issuer: 'https://one.example.com', kid: 'k' }),
    createSigner({ issuer: 'https://two.example.com', kid: 'k' }),
  ];
  const three = createSigner({ issuer: 'https://three.example.com', alg: 'RS256', kid: 'three' });

  it('are accepted only under the name and key ID of their issuer', async () => {
    const service = await createTestService(issuers(one.settings, two.settings, three.settings));
    const user = await createUserIn(service, 'acme');
    const reads = async (token: string) =>
      (await service.get(`/v1/users/${user.native}`, { token })).status;
    for (const signer of [one, two, three]) {
      for (const { issuer: iss } of [one, two, three]) {
        for (const kid of ['k', 'three']) {
          const isItsOwn = iss === signer.issuer && kid === signer.jwk.kid;
          expect(await reads(signer.signs({ iss }, { kid })), `${signer.issuer} as ${iss}`).toBe(
            isItsOwn ? 200 : 401,
          );
        }
      }
    }
  });

  it('must meet the requirements of their own issuer', async () => {
    const other = { ...two.settings, audience: 'billing', typ: 'jwt', tenantClaim: 'org' };
    const service = await createTestService(issuers(one.settings, other));
    const user = await createUserIn(service, 'acme');
    const reads = async (token: string) =>
      (await service.get(`/v1/users/${user.native}`, { token })).status;
    expect(await reads(two.signs())).toBe(401);
    expect(
      await reads(
        two.signs({ aud: 'billing', org: tenantId.acme, tenant_id: undefined }, { typ: 'JWT' }),
      ),
    ).toBe(200);
    expect(await reads(two.signs({ org: tenantId.acme }, { typ: 'JWT' }))).toBe(401);
    expect(await reads(two.signs({ aud: 'billing', org: tenantId.acme }))).toBe(401);
    expect(await reads(two.signs({ aud: 'billing' }, { typ: 'JWT' }))).toBe(401);
  });

  it('return 401 under another name, even with only one issuer', async () => {
    const service = await createTestService({
      environment: { ISSUERS: JSON.stringify([one.settings]) },
    });
    for (const iss of [undefined, 'https://two.example.com', `${one.issuer}/`]) {
      expect((await service.get('/v1/users/x', { token: one.signs({ iss }) })).status).toBe(401);
    }
    expect((await service.get('/v1/users/x', { token: one.signs() })).status).toBe(404);
  });
});

describe('an issuer can name', () => {
  const signer = createSigner();
  const mintToken = (slug: 'acme' | 'globex') => signer.signs({ tenant_id: tenantId[slug] });

  it.each<[string, object, { acme: boolean; globex: boolean }]>([
    ['no tenants by default', { tenants: undefined }, { acme: false, globex: false }],
    ['no tenants with an empty list', { tenants: [] }, { acme: false, globex: false }],
    ['tenants on its list', { tenants: [tenantId.acme] }, { acme: true, globex: false }],
    [
      'tenants on its list, in upper case',
      { tenants: [tenantId.globex.toUpperCase()] },
      { acme: false, globex: true },
    ],
    ['all tenants with a wildcard', { tenants: '*' }, { acme: true, globex: true }],
  ])('%s', async (_, settings, allowed) => {
    const service = await createTestService(issuers({ ...signer.settings, ...settings }));
    const before = await service.stored.all();
    for (const slug of ['acme', 'globex'] as const) {
      for (const route of oneRoutePerOperation) {
        const answer = await requestRoute(service, route, { token: mintToken(slug), slug });
        // Administrators of a tenant need more permissions for these operations. Other operations
        // return 404, because the user does not exist.
        const needsMore =
          route.dialect === 'credible' ||
          route.operation === 'copyInvitationLink' ||
          requiresMoreThanAdmin(route);
        const reached =
          [201, 200, 404].includes(answer.status) || (needsMore && 'notices' in answer.body);
        expect(reached, `${route.route} in ${slug}: ${answer.text}`).toBe(allowed[slug]);
        if (!reached) expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      }
    }
    if (!allowed.acme && !allowed.globex) expect(await service.stored.all()).toEqual(before);
  });
});
