/** Interactions of update rules: conditions, permissions, repeated requests and limits. */
import { describe, expect, it } from 'vitest';
import {
  requestRoute,
  createUserIn,
  authenticatedRoutes,
} from '../../support/authenticated-routes.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  createTestService,
  adminToken,
  userToken,
  issuer,
  tenantId,
} from '../../support/service.ts';

const service = await createTestService();
await service.putRole('acme', { slug: 'remover', name: 'Remover', permissions: ['users:delete'] });
const token = adminToken('acme');
const path = (user: { native: string }) => `/v1/users/${user.native}`;
const patch = (target: string, body: object, headers = {}, as = token) =>
  service.send('PATCH', target, { token: as, body, headers });

describe('If-Match', () => {
  const own = authenticatedRoutes.filter(({ operation }) => operation === 'updateOwnUser');

  it.each(own.map((route) => [route.route, route] as const))(
    'applies to self-service updates: %s',
    async (_, route) => {
      const user = await createUserIn(service, 'acme');
      const as = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.acme });
      const updateIf = (version: string) =>
        requestRoute(service, route, {
          token: as,
          headers: { 'x-tenant-id': tenantId.acme, 'if-match': version },
        });
      expect(await updateIf('"2"')).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed', details: { version: 1 } },
      });
      expect((await updateIf('"1"')).status).toBe(200);
      expect((await updateIf('"1"')).status).toBe(412);
    },
  );

  it('applies to the erasure of a deleted user', async () => {
    const user = await createUserIn(service, 'acme');
    await service.send('DELETE', path(user), { token });
    const erase = (version: string) =>
      service.send('POST', `${path(user)}/erase`, { token, headers: { 'if-match': version } });
    expect((await erase('"1"')).status).toBe(412);
    expect((await erase('"2"')).status).toBe(204);
  });

  it('is required from callers who may change roles, and others get 403', async () => {
    const user = await createUserIn(service, 'acme');
    const body = { roleIds: ['cradl:role:user', 'las:role:user'] };
    expect((await patch(path(user), body, {}, userToken('acme', ['user']))).status).toBe(403);
    expect(await patch(path(user), body)).toMatchObject({
      status: 428,
      body: { code: 'precondition_required' },
    });
    expect(await patch(path(user), body, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { roleIds: ['cradl:role:user'] },
    });
  });
});

describe('a user with more permissions than the caller', () => {
  it('cannot be erased or restored after a delete', async () => {
    const user = await createUserIn(service, 'acme', { roleIds: ['cradl:role:admin'] });
    await service.send('DELETE', path(user), { token });
    for (const move of ['erase', 'restore']) {
      const answer = await service.send('POST', `${path(user)}/${move}`, {
        token: userToken('acme', ['remover']),
      });
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'forbidden', notices: [expect.any(String)] },
      });
    }
    expect((await service.send('POST', `${path(user)}/restore`, { token })).status).toBe(200);
  });
});

describe('a password', () => {
  it('is changed by one of several concurrent requests with the same current password', async () => {
    const password = 'tangled-orchard-7-lamps';
    const user = await createUserIn(service, 'acme', { password });
    const as = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.acme });
    const answers = await Promise.all(
      ['one', 'two', 'three'].map((word) =>
        service.post(
          '/v1/users/me/password',
          { currentPassword: password, newPassword: `${word}-lamps-in-an-orchard` },
          { token: as },
        ),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 400, 400]);
  });
});

describe('a list', () => {
  it('combines all filters', async () => {
    const email = `jsmith.${unique()}@example.com`;
    await service.post('/v1/users', { email }, { token });
    const found = async (query: string) =>
      (await service.get(`/v1/users?email=${email}&${query}`, { token })).body.users.map(
        (user: { email: string }) => user.email,
      );
    expect(await found('emailPrefix=JSmith.')).toEqual([email]);
    expect(await found('emailPrefix=joan')).toEqual([]);
  });

  it.each(['email', 'emailPrefix'])(
    'rejects an %s that is too long after folding',
    async (name) => {
      // Each letter folds to 18 characters.
      const answer = await service.get(`/v1/users?${name}=${encodeURIComponent('ﷺ'.repeat(254))}`, {
        token,
      });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', details: { issues: [{ path: name }] } },
      });
    },
  );
});

describe('an identity', () => {
  it('belongs to one user per tenant, and a conflict names it', async () => {
    const identity = { issuer: 'https://id.example.com', subject: unique() };
    await createUserIn(service, 'acme', { identity });
    await createUserIn(service, 'globex', { identity });
    const answer = await service.post(
      '/v1/users',
      { email: `jo.${unique()}@example.com`, identity },
      { token },
    );
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'user_exists', details: { field: 'identity' } },
    });
    expect(answer.body.message).toContain('identity');
  });
});

describe('a repeated create', () => {
  it('returns the first response even for the largest request', async () => {
    const fill = (size: number) => ({ a: 'é'.repeat(size / 2 - 10) });
    const body = {
      email: `jo.${unique()}@example.com`,
      name: '🦜'.repeat(4096),
      description: '\t'.repeat(4095) + '.',
      metadata: fill(65_536),
      profileMetadata: fill(65_536),
      tutorialStatus: fill(65_200),
      picture: `https://images.example.com/${'x'.repeat(4068)}`,
      avatar: `data:image/png;base64,iVBORw0KGgoA${'A'.repeat(262_132)}`,
    };
    const createUser = () =>
      service.post('/v1/users', body, { token, headers: { 'idempotency-key': 'the-same' } });
    const [first, again] = [await createUser(), await createUser()];
    expect(first.status).toBe(201);
    expect(again).toMatchObject({
      status: 201,
      headers: { 'idempotency-replayed': 'true', etag: '"1"', location: first.headers['location'] },
    });
    expect(again.text).toBe(first.text);
  });
});
