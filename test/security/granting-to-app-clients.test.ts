import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Permission, permissions } from '../../lib/domain/access/permissions.ts';
import { keys } from '../../lib/store/keys.ts';
import {
  createAppClient,
  requestAppClient,
  type CreatedAppClient,
  listSecrets,
} from '../support/scenarios/app-clients.ts';
import {
  createTestService,
  systemToken,
  userToken,
  adminToken,
  type Service,
  tenantId,
} from '../support/service.ts';
import { expectNoWrites } from '../support/database/expect-no-writes.ts';
import { scaleRuns } from '../support/property-runs.ts';

let service: Service;
beforeAll(async () => {
  service = await createTestService();
  await service.putRole('acme', {
    slug: 'steward',
    name: 'Steward',
    permissions: ['tenant:delete'] as unknown as Permission[],
  });
  await service.putRole('acme', {
    slug: 'lookout',
    name: 'Lookout',
    permissions: ['appClients:read'],
  });
  const others = permissions.filter((permission) => permission !== 'appClients:read');
  await service.putRole('acme', { slug: 'others', name: 'Others', permissions: others });
  for (const [slug, carried] of Object.entries(carrying))
    await service.putRole('acme', { slug, name: slug, permissions: carried });
});

const carrying = {
  writing: ['appClients:write'],
  reading: ['users:read'],
  delegating: ['roles:delegate'],
  nothing: [],
  both: ['appClients:write', 'users:read'],
} as const satisfies Record<string, readonly Permission[]>;
const roles = Object.keys(carrying);
const headers = { 'x-tenant-id': tenantId.acme };
const asIds = (slugs: readonly string[]) => slugs.map((slug) => `cradl:role:${slug}`);
const effective = (slugs: readonly string[]) =>
  new Set(
    slugs.flatMap((slug): readonly string[] => carrying[slug as keyof typeof carrying] ?? []),
  );

/** Every operation that grants roles to an app client. */
const grants = {
  'a create in the native API': (slugs: readonly string[], token: string) =>
    service.post('/v1/app-clients', { roleIds: asIds(slugs) }, { token }),
  'a create in Cradl': (slugs: readonly string[], token: string) =>
    service.post('/cradl/v1/appClients', { roleIds: asIds(slugs) }, { token }),
  'a create in JITSudo': (slugs: readonly string[], token: string) =>
    service.post('/jitsudo/v1/api-keys', { name: 'Key', scopes: slugs }, { token, headers }),
  'a change in the native API': async (slugs: readonly string[], token: string) =>
    requestAppClient(service, 'PATCH', await createAppClient(service, 'acme'), '', {
      token,
      body: { roleIds: asIds(slugs) },
    }),
  'a change in Cradl': async (slugs: readonly string[], token: string) => {
    const { appClientId } = await createAppClient(service, 'acme');
    return service.send('PATCH', `/cradl/v1/appClients/${appClientId}`, {
      token,
      body: { roleIds: asIds(slugs) },
    });
  },
};

describe('a caller cannot grant an app client permissions that they do not hold [P10 R04 R06]', () => {
  it.each(Object.entries(grants))('by %s', async (grantName, gives) => {
    const some = fc.subarray(roles);
    await fc.assert(
      fc.asyncProperty(some, some, async (callerRoles, assignedRoles) => {
        const holds = effective(callerRoles);
        const assigns = assignedRoles.length > 0 || grantName.startsWith('a change');
        const mayDelegate = !grantName.endsWith('Cradl') || !assigns || holds.has('roles:delegate');
        const may =
          holds.has('appClients:write') &&
          effective(assignedRoles).isSubsetOf(holds) &&
          mayDelegate;
        const { status, body } = await gives(assignedRoles, userToken('acme', callerRoles));
        expect(
          status < 300,
          JSON.stringify({ held: callerRoles, given: assignedRoles, status }),
        ).toBe(may);
        if (!may) expect({ status, code: body.code }).toEqual({ status: 403, code: 'forbidden' });
      }),
      { numRuns: scaleRuns(20) },
    );
  });

  it.each(Object.entries(grants))(
    'by %s with a permission of a newer version',
    async (_, gives) => {
      expect((await gives(['steward'], adminToken('acme'))).status).toBe(403);
      expect((await gives(['steward'], systemToken('acme'))).status).toBeLessThan(300);
    },
  );

  it('returns 403 to callers without write access, for known and unknown roles', async () => {
    for (const gives of Object.values(grants)) {
      const answers = await Promise.all([
        gives(['admin'], userToken('acme', ['approver'])),
        gives(['nobody'], userToken('acme', ['approver'])),
      ]);
      for (const { status, body } of answers) {
        expect(status).toBe(403);
        expect(body.notices).toEqual([
          'Creating, changing and revoking app clients requires the permission appClients:write in this tenant.',
        ]);
      }
    }
  });
});

describe('a caller cannot change an app client with more permissions', () => {
  const deeds = {
    change: (appClient: CreatedAppClient, token: string) =>
      requestAppClient(service, 'PATCH', appClient, '', { token, body: { name: 'Mine' } }),
    'change in Cradl': ({ appClientId }: CreatedAppClient, token: string) =>
      service.send('PATCH', `/cradl/v1/appClients/${appClientId}`, {
        token,
        body: { name: 'Mine' },
      }),
    rotate: (appClient: CreatedAppClient, token: string) =>
      requestAppClient(service, 'POST', appClient, '/secrets', {
        token,
        body: { overlapSeconds: 0 },
      }),
    'remove a secret': (appClient: CreatedAppClient, token: string) =>
      requestAppClient(service, 'DELETE', appClient, `/secrets/${appClient.secrets[0]?.secretId}`, {
        token,
      }),
    revoke: (appClient: CreatedAppClient, token: string) =>
      requestAppClient(service, 'POST', appClient, '/revoke', { token }),
    delete: (appClient: CreatedAppClient, token: string) =>
      requestAppClient(service, 'DELETE', appClient, '', { token }),
    'delete in Cradl': ({ appClientId }: CreatedAppClient, token: string) =>
      service.send('DELETE', `/cradl/v1/appClients/${appClientId}`, { token }),
    'delete in JITSudo': ({ appClientId }: CreatedAppClient, token: string) =>
      service.send('DELETE', `/jitsudo/v1/api-keys/${appClientId.split(':')[2]}`, {
        token,
        headers,
      }),
  };

  it.each(Object.entries(deeds))('%s', async (_, change) => {
    const appClient = await createAppClient(service, 'acme', { roleIds: asIds(['reading']) });
    const response = await expectNoWrites(service, () =>
      change(appClient, userToken('acme', ['writing'])),
    );
    expect(response).toMatchObject({
      status: 403,
      body: {
        notices: ['You can change only app clients whose permissions you hold.'],
      },
    });
    expect((await change(appClient, userToken('acme', ['both']))).status).toBeLessThan(300);
  });

  it.each(Object.entries(deeds))(
    '%s: an app client with system access requires a system administrator',
    async (_, change) => {
      const appClient = await createAppClient(service, 'acme');
      const key = keys.appClient(tenantId.acme, appClient.appClientId.split(':')[2] ?? '');
      await service.stored.put({ ...(await service.stored.item(key)), systemAdministrator: true });
      expect(
        (await expectNoWrites(service, () => change(appClient, adminToken('acme')))).status,
      ).toBe(403);
      expect((await change(appClient, systemToken('acme'))).status).toBeLessThan(300);
    },
  );

  it('also if only its role gained a permission', async () => {
    const grown = await createTestService();
    await grown.putRole('acme', {
      slug: 'writing',
      name: 'Writing',
      permissions: ['appClients:write'],
    });
    const appClient = await createAppClient(grown, 'acme', { roleIds: asIds(['user']) });
    const key = keys.appClient(tenantId.acme, appClient.appClientId.split(':')[2] ?? '');
    // Simulates an edited role: its current permissions count.
    await grown.stored.put({ ...(await grown.stored.item(key)), roles: ['approver'] });
    expect(
      (
        await requestAppClient(grown, 'POST', appClient, '/secrets', {
          token: userToken('acme', ['writing']),
          body: {},
        })
      ).status,
    ).toBe(403);
    expect(await listSecrets(grown, appClient)).toHaveLength(1);
  });
});

describe('reading app clients', () => {
  it('requires app-clients:read and no other permission', async () => {
    const another = {
      native: '/v1/app-clients',
      cradl: '/cradl/v1/appClients',
      jitsudo: '/jitsudo/v1/api-keys',
    };
    for (const path of Object.values(another)) {
      expect(
        (await service.get(path, { token: userToken('acme', ['lookout']), headers })).status,
      ).toBe(200);
      expect(
        (await service.get(path, { token: userToken('acme', ['others']), headers })).status,
      ).toBe(403);
    }
  });
});
