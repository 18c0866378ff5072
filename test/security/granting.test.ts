import * as fc from 'fast-check';
import { fromItem } from '../../lib/store/users/user-items.ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Permission, permissions } from '../../lib/domain/access/permissions.ts';
import {
  createTestService,
  systemToken,
  userToken,
  adminToken,
  type Service,
  tenantId,
} from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

let service: Service;
beforeAll(async () => {
  service = await createTestService();
});

let users = 0;
const grants = async (token: string, roles: readonly string[]) => {
  const body = {
    email: `user-${++users}@example.com`,
    roleIds: roles.map((role) => `cradl:role:${role}`),
  };
  return service.post('/v1/users', body, { token });
};

describe('a caller cannot grant a permission that they do not hold [R04 R06]', () => {
  it('for any combination of granted and held roles', async () => {
    const carrying = {
      none: [],
      creating: ['users:create'],
      reading: ['users:read'],
      both: permissions,
    } as const satisfies Record<string, readonly Permission[]>;
    for (const [slug, carried] of Object.entries(carrying))
      await service.putRole('north', { slug, name: slug, permissions: carried });
    const effective = (roles: readonly string[]) =>
      new Set(roles.flatMap((role): readonly string[] => carrying[role as keyof typeof carrying]));
    const created: string[] = [];
    const some = fc.subarray(Object.keys(carrying));
    await fc.assert(
      fc.asyncProperty(some, some, async (held, granted) => {
        const may =
          effective(held).has('users:create') && effective(granted).isSubsetOf(effective(held));
        const { status, body } = await grants(userToken('north', held), granted);
        expect(status).toBe(may ? 201 : 403);
        if (status === 201) created.push(body.email);
      }),
      { numRuns: scaleRuns(30) },
    );
    // No other user exists.
    const stored = (await service.stored.all()).flatMap(({ sk, email }) =>
      sk === 'USER' ? [email] : [],
    );
    expect(new Set(stored)).toEqual(new Set(created));
  });

  it('with a permission of a newer version', async () => {
    // Written by a newer version that runs concurrently during a deployment.
    const steward = {
      slug: 'steward',
      name: 'Steward',
      permissions: ['users:create', 'users:read', 'tenant:delete'] as unknown as Permission[],
    };
    await service.putRole('acme', steward);
    expect(await grants(adminToken('acme'), ['steward'])).toMatchObject({
      status: 403,
      body: {
        code: 'forbidden',
        notices: ['You can grant only permissions that you hold.'],
      },
    });
    expect((await grants(userToken('acme', ['steward']), ['steward'])).status).toBe(201);
    expect((await grants(systemToken('acme'), ['steward'])).status).toBe(201);
  });

  it('through an item that redefines a built-in role', async () => {
    for (const slug of ['user', 'approver'])
      await service.putRole('south', { slug, name: slug, permissions });
    expect((await grants(userToken('south', ['user']), [])).status).toBe(403);
    expect((await grants(userToken('south', ['approver']), [])).status).toBe(403);
    // A redefined role with fewer permissions could be granted by anyone.
    await service.putRole('south', { slug: 'admin', name: 'admin', permissions: [] });
    await service.putRole('south', {
      slug: 'recruiter',
      name: 'Recruiter',
      permissions: ['users:create'],
    });
    expect((await grants(userToken('south', ['recruiter']), ['admin'])).status).toBe(403);
    expect((await grants(userToken('south', ['admin']), ['admin'])).status).toBe(201);
  });
});

describe('roles come only from one field of each dialect [R05]', () => {
  const smuggled = {
    roles: ['admin'],
    roleIds: ['cradl:role:admin'],
    role: 'admin',
    role_ids: ['admin'],
    groups: ['admin'],
    permissions: ['users:create'],
    isOwner: true,
    is_owner: true,
    status: 'active',
    systemAdministrator: true,
  };

  it('Credible has no such field', async () => {
    const body = { email: 'smuggler1@example.com', userName: 'smuggler' };
    const creates = (more: object) =>
      service.post(
        '/credible/api/v0/users',
        { ...body, ...more },
        { token: systemToken('globex') },
      );
    expect((await creates(smuggled)).status).toBe(400);
    expect((await creates({})).status).toBe(201);
    const { body: shown } = await service.get('/credible/api/v0/users/smuggler', {
      token: adminToken('globex'),
    });
    expect(JSON.stringify(shown)).not.toContain('admin');
    const [{ invitation, ...stored } = {}] = (await service.stored.all()).filter(
      ({ email }) => email === body.email,
    );
    expect(stored).toMatchObject({ roles: [], status: 'invite_pending', emailVerified: false });
    // The inviter and their permissions.
    expect(fromItem({ ...stored, invitation }).invitation?.inviter).toMatchObject({
      subject: 'system',
      roles: ['system_admin'],
    });
    expect(JSON.stringify(stored)).not.toMatch(
      /permissions|isOwner|is_owner|"role"|groups|systemAdministrator":true/,
    );
  });

  it('JITSudo reads `roles`', async () => {
    const body = {
      email: 'smuggler2@example.com',
      name: 'Smuggler',
      auth_provider: 'oidc',
      roles: ['user'],
    };
    const headers = { 'x-tenant-id': tenantId.globex };
    const creates = (more: object) =>
      service.post(
        '/jitsudo/v1/users',
        { ...body, ...more },
        { token: adminToken('globex'), headers },
      );
    const { roles: _known, ...others } = smuggled;
    expect((await creates(others)).status).toBe(400);
    const answer = await creates({});
    expect(answer).toMatchObject({
      status: 201,
      body: { roles: ['user'], is_owner: false, email_verified: false },
    });
  });

  it.each([
    ['/v1/users', ['roleIds', 'status']],
    ['/cradl/v1/users', ['roleIds']],
  ])('%s rejects unknown fields', async (target, fields) => {
    for (const [field, value] of Object.entries(smuggled)) {
      if (fields.includes(field)) continue;
      const answer = await service.post(
        target,
        { email: 'smuggler3@example.com', [field]: value },
        { token: adminToken('globex') },
      );
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
      expect(answer.text).toContain(field);
    }
  });
});
