import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createDomainService } from '../../support/scenarios/domains.ts';
import { issuer, type TenantSlug, tenantId } from '../../support/service.ts';

const { service, admin, createDomain, createVerifiedDomain, deleteDomain } =
  await createDomainService({
    environment: { ISSUERS: JSON.stringify([{ ...issuer.settings, tenants: [tenantId.acme] }]) },
  });
let networks = 0;
/** Address of a network without earlier requests. */
const newNetwork = () => `198.51.100.${++networks}`;
const find = (query: string, path = '/v1/auth/providers', sourceIp = newNetwork()) =>
  service.get(`${path}${query}`, { sourceIp });
const unknown = {
  status: 404,
  body: { code: 'not_found', message: 'No tenant has this slug or verified domain' },
};
await createVerifiedDomain('acme.example');
await createVerifiedDomain('xn--bcher-kva.example', 'acme');

describe('sign-in methods', () => {
  it.each(['?domain=acme.example', '?domain=Acme.Example.', '?domain=b%C3%BCcher.example'])(
    'are those of the tenant with the verified domain: %s',
    async (query) => {
      const methods = ['local', 'oidc'];
      expect(await find(query)).toMatchObject({
        status: 200,
        body: { tenantId: tenantId.acme, methods },
      });
      expect((await find(query, '/jitsudo/v1/auth/providers')).body).toEqual({
        tenant_id: tenantId.acme,
        methods,
      });
    },
  );

  it('are those of the tenant with the slug, and include issuers that can name it', async () => {
    for (const [slug, methods] of [
      ['acme', ['local', 'oidc']],
      ['GLOBEX', ['local']],
    ] as const)
      expect((await find(`?slug=${slug}`)).body).toEqual({
        tenantId: tenantId[slug.toLowerCase() as TenantSlug],
        methods,
        branding: null,
      });
  });

  it('are 404 in the same way for unknown, unverified and deleted domains', async () => {
    await createDomain('pending.example');
    const { body } = await createVerifiedDomain('deleted.example');
    await deleteDomain(body.domainId);
    for (const query of [
      '?slug=nothing',
      '?domain=nothing.example',
      '?domain=pending.example',
      '?domain=deleted.example',
      '?domain=mail.acme.example',
    ]) {
      const answer = await find(query);
      expect(answer).toMatchObject(unknown);
      expect(Object.keys(answer.body.details)).toEqual(['requestId']);
    }
  });

  it('are 404 for a suspended tenant', async () => {
    await createVerifiedDomain('suspended.example', 'south');
    await service.updateTenantItem('south', { status: 'suspended' });
    for (const query of ['?domain=suspended.example', '?slug=south'])
      expect(await find(query)).toMatchObject(unknown);
  });

  it.each(['', '?slug=acme&domain=acme.example', '?slug=a_b', '?domain=localhost'])(
    'require a valid slug or domain: %j',
    async (query) => {
      expect(await find(query)).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    },
  );

  it('are throttled per network after 100 unknown names', async () => {
    const sourceIp = newNetwork();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        find(`?domain=guess-${index}.example`, undefined, sourceIp),
      ),
    );
    expect(answers.filter(({ status }) => status !== 404)).toEqual([]);
    for (const query of ['?domain=acme.example', '?slug=acme'])
      expect(await find(query, undefined, sourceIp)).toMatchObject({
        status: 429,
        body: { code: 'too_many_requests', details: { limit: 'sign_in_lookups' } },
      });
    expect((await find('?domain=acme.example')).status).toBe(200);
  });

  it('are not throttled for known names', async () => {
    const sourceIp = newNetwork();
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all(
        Array.from({ length: 40 }, () => find('?slug=acme', undefined, sourceIp)),
      );
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    }
  });
});

describe('signing in without a tenant', () => {
  const requiresTenant = {
    status: 400,
    body: { code: 'invalid_input', details: { issues: [{ path: 'tenant_slug' }] } },
  };
  const signIn = (email: string, sourceIp = newNetwork()) =>
    service.send('POST', '/jitsudo/v1/auth/login', {
      body: { email, password: goodPassword },
      sourceIp,
    });
  const createUser = async (email: string, slug: TenantSlug = 'acme') =>
    service.post(
      '/v1/users',
      { email, userName: email.split('@')[0], password: goodPassword },
      { token: admin(slug) },
    );

  it('uses the verified domain of the email', async () => {
    await createUser('ada@acme.example');
    expect((await signIn('Ada@ACME.example')).status).toBe(200);
    const native = { email: 'ada@acme.example', password: goodPassword };
    const sourceIp = newNetwork();
    expect((await service.post('/v1/auth/token', native, { sourceIp })).status).toBe(200);
    expect((await signIn('nobody@acme.example')).body.code).toBe('unauthenticated');
  });

  it('requires a tenant if no tenant has verified the domain', async () => {
    await createDomain('unproven.example');
    // Their canonical forms are longer than a key.
    const longNames = [`ada@${'ﷺ'.repeat(240)}`, `ada@${'㌀.'.repeat(120)}example`];
    for (const email of ['ada@unproven.example', 'ada@nothing.example', 'ada', ...longNames])
      expect(await signIn(email)).toMatchObject(requiresTenant);
  });

  it('finds no user of another tenant', async () => {
    await createUser('eve@acme.example', 'globex');
    expect((await signIn('eve@acme.example')).body.code).toBe('unauthenticated');
  });

  it('counts unknown domains against the network', async () => {
    const sourceIp = newNetwork();
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => signIn(`ada@guess-${index}.example`, sourceIp)),
    );
    expect((await signIn('ada@acme.example', sourceIp)).body.details.limit).toBe('sign_in_lookups');
  });
});
