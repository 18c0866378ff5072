/**
 * Limits of client secrets to the permissions of their creators, and expiration of their tokens.
 */
import { describe, expect, it } from 'vitest';
import { renewSecret, provisionAppClient } from '../../../infra/cli/provision.ts';
import { keys } from '../../../lib/store/keys.ts';
import { createInvitationService, outcome } from '../../support/scenarios/invitations.ts';
import { requestAccessToken } from '../../support/tokens/roster-tokens.ts';
import { toRoleId } from '../../support/scenarios/roles.ts';
import { type TestResponse, type TestRequest, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const {
  service,
  clock,
  acceptLink,
  inviteAndReadToken,
  reads: readsUser,
} = await createInvitationService();
const cacheTtlMs = 31_000;
const desk = () => clock.aTokenOf('acme', ['desk']);
const admin = () => clock.aTokenOf('acme', ['admin']);
const system = () => clock.aTokenOf('acme', ['system_admin']);
await service.putRole('acme', {
  slug: 'desk',
  name: 'Desk',
  permissions: ['users:create', 'users:read', 'appClients:write'],
});
await service.putRole('acme', {
  slug: 'inviter',
  name: 'Inviter',
  permissions: ['users:create', 'users:read'],
});

interface Client {
  readonly id: string;
  readonly clientId: string;
  readonly secret: string;
  readonly secretId: string;
}
const toClient = ({ body }: TestResponse): Client => ({
  id: body.appClientId,
  clientId: body.clientId,
  secret: body.secret,
  secretId: body.secrets.at(-1)?.secretId,
});
const create = async (token: string, roles: readonly string[] = []): Promise<Client> => {
  const answer = await service.post(
    '/v1/app-clients',
    { name: 'Import', roleIds: roles.map(toRoleId) },
    { token },
  );
  expect(answer.status).toBe(201);
  return toClient(answer);
};
const assign = ({ id }: Client, roles: readonly string[]): Promise<TestResponse> =>
  service.send('PATCH', `/v1/app-clients/${id}`, {
    token: system(),
    body: { roleIds: roles.map(toRoleId) },
  });
const rotate = ({ id }: Client, sent: TestRequest, overlapSeconds = 0): Promise<TestResponse> =>
  service.post(`/v1/app-clients/${id}/secrets`, { overlapSeconds }, sent);
const getToken = async (client: Client): Promise<string> =>
  (await requestAccessToken(service, client)).body.access_token;
const getClaims = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const byKey = ({ secret }: Client): TestRequest => ({ headers: { 'x-api-key': secret } });
const list = (sent: TestRequest): Promise<TestResponse> => service.get('/v1/users', sent);
const invite = (sent: TestRequest, roles: readonly string[]): Promise<TestResponse> =>
  service.post(
    '/v1/users',
    { email: `user-${Math.random()}@x.example`, roleIds: roles.map(toRoleId) },
    sent,
  );
const storedSecrets = async ({ id }: Client) =>
  (await service.stored.item(keys.appClient(tenantId.acme, id.split(':')[2] ?? '')))?.['secrets'];

describe('the secret of an app client', () => {
  it('grants only permissions that its creator had, also after the app client gets more roles [SEC-16]', async () => {
    const client = await create(desk(), ['inviter']);
    expect((await assign(client, ['admin', 'inviter'])).status).toBe(200);
    for (const sent of [byKey(client), { token: await getToken(client) }]) {
      expect(outcome(await list(sent))).toBe('200');
      expect(outcome(await invite(sent, ['inviter']))).toBe('201');
      await expectNoWrites(service, async () => {
        expect(outcome(await invite(sent, ['admin']))).toBe('403 forbidden');
        expect(
          outcome(
            await service.post('/v1/roles', { name: 'Boss', permissions: ['users:read'] }, sent),
          ),
        ).toBe('403 forbidden');
        expect(
          outcome(
            await service.post(
              '/v1/app-clients',
              { name: 'X', roleIds: [toRoleId('admin')] },
              sent,
            ),
          ),
        ).toBe('403 forbidden');
      });
    }
    // Contains only roles that fit the limit completely.
    expect(getClaims(await getToken(client)).roles).toEqual(['inviter']);
  });

  it('grants no permission that a role of the app client gains later [SEC-16]', async () => {
    await service.putRole('acme', {
      slug: 'growing',
      name: 'Growing',
      permissions: ['users:read'],
    });
    const client = await create(desk(), ['growing']);
    await service.putRole('acme', {
      slug: 'growing',
      name: 'Growing',
      permissions: ['users:read', 'roles:read'],
    });
    clock.advanceBy(cacheTtlMs);
    const token = await getToken(client);
    expect([
      outcome(await list({ token })),
      outcome(await service.get('/v1/roles', { token })),
    ]).toEqual(['200', '403 forbidden']);
    expect(getClaims(token).roles).toEqual([]);
  });

  it('grants every role after a rotation by a caller with the same permissions', async () => {
    const client = await create(desk(), ['inviter']);
    await assign(client, ['admin']);
    // Neither the creator nor the app client has the assigned permissions.
    for (const sent of [{ token: desk() }, byKey(client), { token: await getToken(client) }]) {
      expect(outcome(await expectNoWrites(service, () => rotate(client, sent)))).toBe(
        '403 forbidden',
      );
    }
    const rotated = toClient(await rotate(client, { token: admin() }));
    expect(outcome(await invite(byKey(rotated), ['admin']))).toBe('201');
    expect(getClaims(await getToken(rotated)).roles).toEqual(['admin']);
  });

  it('passes its limit on to secrets that the app client creates', async () => {
    const client = await create(desk(), ['desk']);
    const rotated = toClient(await rotate(client, byKey(client), 60));
    const other = toClient(
      await service.post(
        '/v1/app-clients',
        { name: 'Other', roleIds: [toRoleId('inviter')] },
        byKey(rotated),
      ),
    );
    for (const limited of [rotated, other]) {
      await assign(limited, ['admin']);
      expect(outcome(await invite(byKey(limited), ['admin']))).toBe('403 forbidden');
    }
  });

  it('is limited in every API unless a system administrator created it', async () => {
    expect(await storedSecrets(await create(system(), ['inviter']))).toEqual([
      { secretId: expect.any(String), createdAt: expect.any(String) },
    ]);
    const headers = { 'x-tenant-id': tenantId.acme };
    const jitsudoKey = await service.post(
      '/jitsudo/v1/api-keys',
      { name: 'Key' },
      { token: desk(), headers },
    );
    const cradlClient = await service.post(
      '/cradl/v1/appClients',
      { name: 'Cradl' },
      { token: desk() },
    );
    expect([jitsudoKey.status, cradlClient.status]).toEqual([201, 200]);
    const ids = [
      `cradl:app-client:${String(jitsudoKey.body.id).replaceAll('-', '')}`,
      cradlClient.body.appClientId as string,
    ];
    for (const id of ids) {
      expect(await storedSecrets({ id } as Client)).toEqual([
        {
          secretId: expect.any(String),
          createdAt: expect.any(String),
          limit: {
            permissions: 'appClients:write users:create users:read',
            setBy: 'desk-of-acme',
            setAt: expect.any(String),
          },
        },
      ]);
    }
  });

  it('has no limit if provisioned by npm run bootstrap or npm start', async () => {
    const appClient = {
      tenantId: tenantId.acme,
      appClientId: 'set-up-by-hand',
      name: 'Bootstrap',
      roles: ['admin'],
    };
    for (const setUp of [provisionAppClient, renewSecret]) {
      const { clientSecret = '' } = await setUp(appClient, service.stored);
      clock.advanceBy(cacheTtlMs);
      expect(outcome(await invite({ headers: { 'x-api-key': clientSecret } }, ['admin']))).toBe(
        '201',
      );
    }
    expect(await storedSecrets({ id: 'cradl:app-client:set-up-by-hand' } as Client)).toEqual([
      { secretId: expect.any(String), createdAt: expect.any(String) },
    ]);
  });

  it('is limited to the current permissions of its creator, not to cached ones', async () => {
    await service.putRole('acme', {
      slug: 'shrinking',
      name: 'Shrinking',
      permissions: ['appClients:write', 'users:delete', 'users:read'],
    });
    await service.get('/v1/app-clients', { token: clock.aTokenOf('acme', ['shrinking']) });
    await service.putRole('acme', {
      slug: 'shrinking',
      name: 'Shrinking',
      permissions: ['appClients:write'],
    });
    const [{ limit }] = await storedSecrets(await create(clock.aTokenOf('acme', ['shrinking'])));
    expect(limit.permissions).toBe('appClients:write');
  });
});

describe('a token of an app client', () => {
  const remove = ({ id }: Client, secretId: string) =>
    service.send('DELETE', `/v1/app-clients/${id}/secrets/${secretId}`, { token: admin() });

  it('contains the ID of its secret', async () => {
    const client = await create(admin(), ['inviter']);
    expect(getClaims(await getToken(client)).secret_id).toBe(client.secretId);
  });

  it('is rejected within 30 s of a rotation without overlap [SEC-16]', async () => {
    const client = await create(admin(), ['inviter']);
    const token = await getToken(client);
    expect(outcome(await list({ token }))).toBe('200');
    const rotated = toClient(await rotate(client, { token: admin() }));
    // Writes check the secret at once, reads within 30 s.
    expect(outcome(await invite({ token }, ['inviter']))).toBe('401 unauthenticated token_revoked');
    clock.advanceBy(cacheTtlMs);
    expect(outcome(await list({ token }))).toBe('401 unauthenticated token_revoked');
    expect(outcome(await list({ token: await getToken(rotated) }))).toBe('200');
  });

  it('is rejected within 30 s of the removal of its secret, unlike tokens of other secrets [SEC-16]', async () => {
    const first = await create(admin(), ['inviter']);
    const second = toClient(await rotate(first, { token: admin() }, 3000));
    const [one, two] = [await getToken(first), await getToken(second)];
    expect([outcome(await list({ token: one })), outcome(await list({ token: two }))]).toEqual([
      '200',
      '200',
    ]);
    expect((await remove(first, first.secretId)).status).toBe(204);
    clock.advanceBy(cacheTtlMs);
    expect([outcome(await list({ token: one })), outcome(await list({ token: two }))]).toEqual([
      '401 unauthenticated token_revoked',
      '200',
    ]);
  });

  it('is rejected when the overlap of a rotation ends', async () => {
    const client = await create(admin(), ['inviter']);
    const token = await getToken(client);
    await rotate(client, { token: admin() }, 120);
    clock.advanceBy(cacheTtlMs);
    expect(outcome(await list({ token }))).toBe('200');
    clock.advanceBy(120_000);
    expect(outcome(await list({ token }))).toBe('401 unauthenticated token_revoked');
  });

  it('is accepted at once if its secret is new', async () => {
    const client = await create(admin(), ['inviter']);
    // Caches the app client with its first secret.
    expect(outcome(await list({ token: await getToken(client) }))).toBe('200');
    const rotated = toClient(await rotate(client, { token: admin() }, 60));
    for (const sent of [{ token: await getToken(rotated) }, byKey(rotated)])
      expect(outcome(await list(sent))).toBe('200');
  });
});

describe('an invitation by an app client', () => {
  it('grants no more than the secret of the app client', async () => {
    await service.putRole('acme', { slug: 'swelling', name: 'Swelling', permissions: [] });
    const client = await create(desk(), ['inviter']);
    const { guest, token } = await inviteAndReadToken(
      { roleIds: [toRoleId('swelling')] },
      { token: await getToken(client) },
    );
    await assign(client, ['admin']);
    await service.putRole('acme', {
      slug: 'swelling',
      name: 'Swelling',
      permissions: ['users:delete'],
    });
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual([toRoleId('swelling')]);
    expect((await readsUser(guest)).roleIds).toEqual([]);
  });

  it('remains valid after a rotation', async () => {
    const client = await create(admin(), ['inviter']);
    const { guest, token } = await inviteAndReadToken(
      { roleIds: [toRoleId('inviter')] },
      { token: await getToken(client) },
    );
    await rotate(client, { token: admin() });
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual([]);
    expect((await readsUser(guest)).roleIds).toEqual([toRoleId('inviter')]);
  });

  it('grants no roles after the removal of the last secret', async () => {
    const client = await create(admin(), ['inviter']);
    const { token } = await inviteAndReadToken(
      { roleIds: [toRoleId('inviter')] },
      { token: await getToken(client) },
    );
    await service.send('DELETE', `/v1/app-clients/${client.id}/secrets/${client.secretId}`, {
      token: admin(),
    });
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual([toRoleId('inviter')]);
  });
});
