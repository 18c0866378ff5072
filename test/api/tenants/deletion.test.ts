import { describe, expect, it } from 'vitest';
import { provisionTenant } from '../../../infra/cli/provision.ts';
import { keys } from '../../../lib/store/keys.ts';
import {
  authenticatedRoutes,
  createDomainIn,
  requestRoute,
  tenantInput,
} from '../../support/authenticated-routes.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createInvitationService } from '../../support/scenarios/invitations.ts';
import { day } from '../../support/scenarios/user-states.ts';
import { createTestService, systemToken, tenantId } from '../../support/service.ts';
import { createTokenAppClient, requestAccessToken } from '../../support/tokens/roster-tokens.ts';

const path = (id: string, action = '') => `/v1/tenants/${id}${action}`;
/** A system administrator without a tenant. */
const system = systemToken();

describe('the life of a tenant', () => {
  it('allows only the transitions of its status', async () => {
    const time = new Date();
    const service = await createTestService({ now: () => time });
    const { body } = await service.post('/v1/tenants', tenantInput(), { token: system });
    const act = async (action: string, status: number) => {
      const [method, suffix] = action === 'delete' ? ['DELETE', ''] : ['POST', `/${action}`];
      const answer = await service.send(method, path(body.tenantId, suffix), { token: system });
      expect(answer, action).toMatchObject({ status });
      return answer.body;
    };
    const participles: Readonly<Record<string, string>> = {
      suspend: 'suspended',
      resume: 'resumed',
      delete: 'deleted',
      restore: 'restored',
      erase: 'erased',
    };
    const expectRefused = async (actions: readonly string[], details: typeof active) => {
      await expectNoWrites(service, async () => {
        for (const action of actions) {
          const reason = `${details.status} tenant cannot be ${participles[action]}`;
          const message = expect.stringContaining(reason);
          expect(await act(action, 409)).toMatchObject({
            code: 'invalid_transition',
            message,
            details,
          });
        }
      });
    };
    const active = { status: 'active', allowed: ['suspend', 'delete'] };
    await expectRefused(['resume', 'restore', 'erase'], active);
    await act('suspend', 200);
    const suspended = { status: 'suspended', allowed: ['resume', 'delete'] };
    await expectRefused(['suspend', 'restore', 'erase'], suspended);
    await act('delete', 204);
    const deleted = { status: 'deleted', allowed: ['restore', 'erase'] };
    await expectRefused(['suspend', 'resume', 'delete'], deleted);
    // It returns to the status before the deletion.
    expect(await act('restore', 200)).toMatchObject({
      status: 'suspended',
      deletion: null,
      erasure: null,
    });
    await act('resume', 200);
    await act('delete', 204);
    const erased = await act('erase', 202);
    expect(erased).toMatchObject({
      status: 'deleted',
      erasure: {
        status: 'scheduled',
        requestedBy: 'system',
        erasedUsers: 0,
        startedTime: null,
        finishedTime: null,
      },
    });
    expect(erased.deletion.eraseAfterTime).toBe(time.toISOString());
    expect(await act('restore', 409)).toMatchObject({ code: 'restore_expired' });
    await expectRefused(['delete', 'suspend'], { status: 'deleted', allowed: [] });
    // A repetition has no effect.
    await expectNoWrites(service, async () => expect(await act('erase', 202)).toEqual(erased));
  });

  it('has a restore window, honors If-Match and protects the tenant of the caller', async () => {
    const { service, clock } = await createInvitationService();
    const token = clock.aTokenOf('acme', ['system_admin']);
    const send = (method: string, suffix = '', headers = {}) =>
      service.send(method, path(tenantId.globex, suffix), {
        token: clock.aTokenOf('acme', ['system_admin']),
        headers,
      });
    expect(await service.send('DELETE', path(tenantId.acme), { token })).toMatchObject({
      status: 409,
      body: { code: 'self_protected' },
    });
    expect(await send('DELETE', '', { 'if-match': '"7"' })).toMatchObject({ status: 412 });
    expect(await send('DELETE', '', { 'if-match': '"1"' })).toMatchObject({ status: 204 });
    const deletedAt = clock.now();
    const { body } = await send('GET');
    const eraseAfterTime = new Date(deletedAt.getTime() + 30 * day).toISOString();
    expect(body).toMatchObject({
      status: 'deleted',
      version: 2,
      deletion: {
        deletedTime: deletedAt.toISOString(),
        deletedBy: 'system_admin-of-acme',
        eraseAfterTime,
      },
      erasure: { status: 'scheduled', requestedBy: null },
    });
    clock.advanceBy(30 * day - 1);
    expect(await send('POST', '/restore')).toMatchObject({ status: 200 });
    expect(await send('DELETE')).toMatchObject({ status: 204 });
    clock.advanceBy(30 * day);
    expect(await send('POST', '/restore')).toMatchObject({ body: { code: 'restore_expired' } });
    // Its slug stays reserved, for the bootstrap command too.
    const taken = tenantInput({ slug: 'globex' });
    expect(
      await service.post('/v1/tenants', taken, {
        token: clock.aTokenOf('acme', ['system_admin']),
      }),
    ).toMatchObject({ status: 409, body: { code: 'slug_taken' } });
    const draft = { ...taken, uniqueness: 'tenant', locale: 'en', origin: 'https://a.example' };
    await expect(provisionTenant(draft as never, '1', service.stored)).rejects.toMatchObject({
      code: 'slug_taken',
    });
  });

  it('lists deleted tenants only with status=deleted', async () => {
    const service = await createTestService();
    const list = async (query: string, target = '/v1/tenants') => {
      const { body } = await service.get(`${target}${query}`, { token: system });
      const [tenants] = Object.values<any>(body).filter((value) => Array.isArray(value));
      return { slugs: (tenants ?? []).map(({ slug }: { slug: string }) => slug), body };
    };
    const { slugs: all } = await list('');
    for (const id of [tenantId.globex, tenantId.acme, tenantId.north])
      await service.send('DELETE', path(id), { token: system });
    expect((await list('')).slugs).toEqual(
      all.filter((slug: string) => !['acme', 'globex', 'north'].includes(slug)),
    );
    expect((await list('', '/jitsudo/v1/tenants')).slugs).toEqual((await list('')).slugs);
    const { slugs, body } = await list('?status=deleted&maxResults=2');
    expect(slugs).toEqual(['acme', 'globex']);
    const next = `nextToken=${encodeURIComponent(body.nextToken)}`;
    expect((await list(`?status=deleted&maxResults=2&${next}`)).slugs).toEqual(['north']);
    // A cursor belongs to its list.
    expect(await service.get(`/v1/tenants?${next}`, { token: system })).toMatchObject({
      status: 400,
    });
    expect(await service.get('/v1/tenants?status=active', { token: system })).toMatchObject({
      status: 400,
    });
    await service.send('POST', path(tenantId.acme, '/restore'), { token: system });
    expect((await list('?status=deleted')).slugs).toEqual(['globex', 'north']);
    expect((await list('')).slugs).toContain('acme');
  });
});

describe('a deleted tenant does not exist', () => {
  it('for every request, credential, link, mail and consumer, until it is restored', async () => {
    const life = await createInvitationService({ hasOutboxIndex: true });
    const { service, clock, inviteUser, inviteAndReadToken, acceptLink } = life;
    const guest = await inviteUser();
    const { token: link } = await inviteAndReadToken();
    const admin = () => clock.aTokenOf('acme', ['admin']);
    const user = {
      email: 'jo@acme.example',
      userName: 'jo',
      password: goodPassword,
      roleIds: ['cradl:role:admin'],
    };
    const { userId } = (await service.post('/v1/users', user, { token: admin() })).body;
    const client = await createTokenAppClient(service, 'acme', {
      roles: ['admin'],
      systemAdministrator: true,
    });
    const domain = await createDomainIn(service, 'acme', 'acme.example');
    await service.post(`/v1/domains/${domain.native}/verify`, undefined, { token: admin() });
    const signIn = () =>
      service.post('/v1/auth/token', { userName: 'jo', password: goodPassword, tenant: 'acme' });
    const { body: session } = await signIn();
    const { body: clientToken } = await requestAccessToken(service, client);
    const before = await service.stored.item(keys.tenant(tenantId.acme));
    const due = await service.stored.item(keys.user(tenantId.acme, guest.uuid));

    const send = (method: string, suffix = '') =>
      service.send(method, path(tenantId.acme, suffix), {
        token: clock.aTokenOf('globex', ['system_admin']),
      });
    expect(await send('DELETE')).toMatchObject({ status: 204 });
    clock.advanceBy(30_000);

    const expectNotFound = async (credentials: object) => {
      for (const route of authenticatedRoutes) {
        const answer = await requestRoute(service, route, credentials);
        expect(answer, route.route).toMatchObject({
          status: 403,
          body: { message: 'The tenant of the access token does not exist' },
        });
      }
    };
    await expectNotFound({ token: admin() });
    for (const route of authenticatedRoutes) {
      const headers = { ...client.key, 'x-tenant-id': tenantId.acme };
      const { status, body } = await requestRoute(service, route, { headers });
      expect([403, 404], route.route).toContain(status);
      expect(body.message, route.route).toMatch(/^The tenant .*does not exist$/);
    }
    for (const token of [session.accessToken, clientToken.access_token]) {
      const { status, body } = await service.get('/v1/users', { token });
      expect([403, 404]).toContain(status);
      expect(body.message).toMatch(/^The tenant .*does not exist$/);
    }
    // Its system administrators cannot act in other tenants.
    const elsewhere = { headers: { ...client.key, 'x-tenant-id': tenantId.globex } };
    expect(await service.get('/v1/users', elsewhere)).toMatchObject({ status: 403 });
    const outside = { token: clock.aTokenOf('globex', ['system_admin']) };
    const naming = { ...outside, headers: { 'x-tenant-id': tenantId.acme } };
    expect(await service.get('/v1/users', naming)).toMatchObject({ status: 404 });
    expect(await service.get('/credible/api/v0/organizations/acme', outside)).toMatchObject({
      status: 404,
    });
    const organization = `cradl:organization:${tenantId.acme.replaceAll('-', '')}`;
    for (const [method, target, body] of [
      ['GET', `/cradl/v1/organizations/${organization}`],
      ['PATCH', path(tenantId.acme), { name: 'Acme' }],
      ['POST', path(tenantId.acme, '/transfer-ownership'), { userId }],
    ] as const)
      expect(await service.send(method, target, { ...outside, body })).toMatchObject({
        status: 404,
      });

    expect(await signIn()).toMatchObject({ status: 401 });
    expect((await requestAccessToken(service, client)).status).toBe(401);
    for (const query of ['slug=acme', 'domain=acme.example'])
      expect(await service.get(`/v1/auth/providers?${query}`)).toMatchObject({ status: 404 });
    expect(await acceptLink(link)).toMatchObject({ status: 404 });
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    const mails = await service.deliverPendingMail();
    expect(mails.filter(({ to }) => [guest.email, user.email].includes(String(to)))).toEqual([]);
    service.dnsRecords.clear();
    clock.advanceBy(7 * day);
    await service.on.domainChecks();
    expect(await service.stored.item(keys.domainClaim('acme.example'))).toMatchObject({
      failures: 0,
    });
    const globex = { token: clock.aTokenOf('globex', ['admin']) };
    expect(await service.get('/v1/users', globex)).toMatchObject({ status: 200 });

    const { status, body } = await send('POST', '/restore');
    expect({ status, body }).toMatchObject({ status: 200, body: { status: 'active' } });
    const { version: _v, updatedAt: _t, updatedBy: _b, ...same } = before as Record<string, any>;
    expect(await service.stored.item(keys.tenant(tenantId.acme))).toMatchObject(same);
    clock.advanceBy(3_600_000);
    expect(await signIn()).toMatchObject({ status: 200 });
    expect(await service.get('/v1/users', { headers: client.key })).toMatchObject({ status: 200 });
    await service.deliverPendingMail();
    expect(due).toHaveProperty('dueAt');
    expect(await service.stored.item(keys.user(tenantId.acme, guest.uuid))).not.toHaveProperty(
      'dueAt',
    );
  });
});
