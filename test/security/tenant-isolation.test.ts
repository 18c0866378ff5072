import { beforeAll, describe, expect, it } from 'vitest';
import { schemaVersion } from '../../lib/store/dynamodb/tables.ts';
import { keys } from '../../lib/store/keys.ts';
import {
  requestRoute,
  createUserIn,
  authenticatedRoutes,
  isOpenToTenant,
  isSelfRoute,
  type UserRefs,
  unknownUser,
} from '../support/authenticated-routes.ts';
import {
  type TestResponse,
  createTestService,
  systemToken,
  userToken,
  adminToken,
  type Service,
  type TenantSlug,
  tenantId,
} from '../support/service.ts';
import { expectNoWrites } from '../support/database/expect-no-writes.ts';

let service: Service;
let inAcme: UserRefs;
let inGlobex: UserRefs;
beforeAll(async () => {
  service = await createTestService();
  inAcme = await createUserIn(service, 'acme');
  inGlobex = await createUserIn(service, 'globex');
});

/** Body without its request ID. */
const withoutRequestId = ({ body }: TestResponse) => ({
  ...body,
  details: { ...body.details, requestId: undefined },
});

describe('a user of another tenant [T05 T20]', () => {
  it('is indistinguishable from a missing user', async () => {
    const reads = authenticatedRoutes.filter(({ operation }) =>
      ['getUser', 'getOrganizationUser', 'getProfile'].includes(operation),
    );
    const sent = { token: adminToken('acme'), organization: 'acme' };
    for (const route of reads) {
      const [other, unknown] = [
        await requestRoute(service, route, { ...sent, user: inGlobex }),
        await requestRoute(service, route, sent),
      ];
      expect(other).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect(withoutRequestId(other)).toEqual(withoutRequestId(unknown));
      expect(Object.keys(other.headers)).toEqual(Object.keys(unknown.headers));
      expect((await requestRoute(service, route, { ...sent, user: inAcme })).status).toBe(200);
    }
  });

  it('does not conflict: both tenants can have the email and the username', async () => {
    const body = { email: 'shared@example.com', userName: 'shared' };
    expect((await service.post('/v1/users', body, { token: adminToken('acme') })).status).toBe(201);
    expect((await service.post('/v1/users', body, { token: adminToken('globex') })).status).toBe(
      201,
    );
  });
});

describe('roles and app clients of another tenant are unknown [T06 T07]', () => {
  beforeAll(async () => {
    await service.putRole('globex', {
      slug: 'auditor',
      name: 'Auditor',
      permissions: ['users:read'],
    });
    await service.stored.put({
      ...keys.appClient(tenantId.globex, 'portal'),
      schemaVersion,
      appClientId: 'portal',
      name: 'Portal',
    });
  });

  const posts = (target: string, body: object, headers = {}) =>
    service.post(
      target,
      { email: 'jo@example.com', ...body },
      { token: adminToken('acme'), headers },
    );

  /** Responses to a create with these fields, in every dialect that has them. */
  const refusals =
    (fields: (name: string) => object, jitsudo?: (name: string) => object) =>
    async (name: string) => {
      const jitsudoFields = { name: 'Jo', password: 'tangled-orchard-7-lamps', ...jitsudo?.(name) };
      return expectNoWrites(service, async () => [
        await posts('/v1/users', fields(name)),
        await posts('/cradl/v1/users', fields(name)),
        ...(jitsudo
          ? [await posts('/jitsudo/v1/users', jitsudoFields, { 'x-tenant-id': tenantId.acme })]
          : []),
      ]);
    };

  it('a role is rejected like an unknown one', async () => {
    const refused = refusals(
      (role) => ({ roleIds: [`cradl:role:${role}`] }),
      (role) => ({ roles: [role] }),
    );
    const [others, unknown] = [await refused('auditor'), await refused('no-such-role')];
    expect(others.map(withoutRequestId)).toEqual(unknown.map(withoutRequestId));
    expect(others.map(({ status, body }) => [status, body.code])).toEqual([
      [422, 'invalid_roles'],
      [404, 'not_found'],
      [422, 'invalid_roles'],
    ]);
  });

  it('an app client is rejected like an unknown one', async () => {
    const refused = refusals((client) => ({ appClientId: `cradl:app-client:${client}` }));
    const [others, unknown] = [await refused('portal'), await refused('no-such-client')];
    expect(others.map(withoutRequestId)).toEqual(unknown.map(withoutRequestId));
    expect(others.map(({ status, body }) => [status, body.code])).toEqual([
      [422, 'invalid_app_client'],
      [404, 'not_found'],
    ]);
  });
});

describe('a tenant in the body [T08]', () => {
  const body = { email: 'eve@example.com', tenantId: tenantId.globex };

  it.each(['/v1/users', '/cradl/v1/users'])(
    'is rejected as an unknown field by %s',
    async (target) => {
      const answer = await expectNoWrites(service, () =>
        service.post(target, body, { token: adminToken('acme') }),
      );
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    },
  );

  it('is rejected by JITSudo and Credible', async () => {
    const tenantHeaders = {
      ...body,
      tenant_id: tenantId.globex,
      tenant: 'globex',
      organization: 'globex',
      organizationId: tenantId.globex,
    };
    const jitsudo = {
      ...tenantHeaders,
      email: 'eve1@example.com',
      name: 'Eve',
      password: 'tangled-orchard-7-lamps',
      roles: ['user'],
    };
    const { status } = await service.post('/jitsudo/v1/users', jitsudo, {
      token: adminToken('acme'),
      headers: { 'x-tenant-id': tenantId.acme },
    });
    expect(status).toBe(400);
    const credible = { ...tenantHeaders, email: 'eve2@example.com', userName: 'eve2' };
    expect(
      (
        await service.post('/credible/api/v0/users', credible, {
          token: systemToken('acme'),
        })
      ).status,
    ).toBe(400);
    const items = JSON.stringify(
      (await service.stored.all()).filter(({ email }) => String(email).startsWith('eve')),
    );
    expect(items).toBe('[]');
  });
});

describe('a token without roles [T11]', () => {
  const others = authenticatedRoutes.filter(
    (route) => !isSelfRoute(route) && !isOpenToTenant(route),
  );

  it.each(others.map((route) => [route.route, route] as const))(
    'cannot access other users: %s',
    async (_, route) => {
      await expectNoWrites(service, async () => {
        for (const roles of [[], ['user'], ['offline_access']]) {
          for (const user of [inAcme, unknownUser]) {
            const answer = await requestRoute(service, route, {
              token: userToken('acme', roles),
              user,
            });
            expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
            expect(answer.text).not.toContain('"Forbidden"');
          }
        }
      });
    },
  );
});

describe('concurrent requests of two tenants in one process [T18]', () => {
  it('stay isolated, with all caches', async () => {
    const at = await createTestService();
    const recruiter = { slug: 'recruiter', name: 'Recruiter' };
    await at.putRole('acme', { ...recruiter, permissions: ['users:create'] });
    await at.putRole('globex', { ...recruiter, permissions: [] });
    await at.stored.put({
      ...keys.appClient(tenantId.acme, 'mobile'),
      schemaVersion,
      appClientId: 'mobile',
      name: 'Mobile',
    });
    const creates = async (slug: TenantSlug, roles: string[], n: number, more = {}) => {
      // Users of the same name in both tenants.
      const token = userToken(slug, roles, 'somebody');
      const answer = await at.post(
        '/v1/users',
        { email: `user-${n}-${roles[0]}@example.com`, ...more },
        { token },
      );
      return { slug, status: answer.status, tenant: answer.body.tenantId };
    };
    const rounds = Array.from({ length: 10 }, (_, n) => n);
    const answers = await Promise.all(
      rounds.flatMap((n) => [
        creates('acme', ['recruiter'], n),
        creates('globex', ['recruiter'], n),
        creates('globex', ['admin'], n),
        creates('acme', ['admin'], n, { appClientId: 'cradl:app-client:mobile' }),
        creates('globex', ['admin'], n + 100, { appClientId: 'cradl:app-client:mobile' }),
      ]),
    );
    const created = (slug: TenantSlug) => ({ slug, status: 201, tenant: tenantId[slug] });
    const refused = (status: number) => ({ slug: 'globex', status, tenant: undefined });
    expect(answers).toEqual(
      rounds.flatMap(() => [
        created('acme'),
        refused(403),
        created('globex'),
        created('acme'),
        refused(422),
      ]),
    );
  });
});
