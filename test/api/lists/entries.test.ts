/** List entries, which repeat what lists show of a user. */
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn, verifyEmail } from '../../support/authenticated-routes.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { picture } from '../../support/dialects/dialects.ts';
import { readListPage } from '../../support/dialects/list-users.ts';
import {
  adminToken,
  createTestService,
  systemToken,
  tenantId,
  userToken,
} from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');

const createUser = async (fields: object, by = token) => {
  const { status, text, body } = await service.post('/v1/users', fields, { token: by });
  expect([status, text]).toEqual([201, text]);
  return body;
};
const updateUser = async ({ userId, version }: { userId: string; version: number }, body: object) =>
  (
    await service.send('PATCH', `/v1/users/${userId}`, {
      token,
      body,
      headers: { 'if-match': `"${version}"` },
    })
  ).body;
/** Removes the latest sign-in, which lists omit. */
const toListed = ({ lastSignInTime: _unlisted, ...user }: Record<string, unknown>) => user;
const getUser = async ({ userId }: { userId: string }) =>
  toListed((await service.get(`/v1/users/${userId}`, { token })).body);
const listUsers = async (emailPrefix: string) =>
  (await readListPage(service, 'native', { query: { emailPrefix } })).users;

describe('a list shows the same fields as a read', () => {
  it('of a user with every field, of any size', async () => {
    const identity = { issuer: 'https://id.example.com', subject: 'every' };
    const fields = { email: 'every@x.example', userName: 'every', name: 'Ada', locale: 'de-CH' };
    const profile = {
      picture: 'https://images.example.com/ada.png',
      profileMetadata: { text: 'x'.repeat(2000) },
    };
    let user = await createUser({ ...fields, ...profile, identity, avatar: picture });
    expect(user).toMatchObject(profile);
    // The entry has a view, then none, then one again.
    for (const bytes of [100, 400, 5000, 30_000, 10]) {
      user = await updateUser(user, {
        metadata: { text: 'é'.repeat(bytes / 2), number: 1e21, none: null },
        tutorialStatus: { projectTutorial: { hasClickedCreateModel: true } },
      });
      const listedUser = {
        ...(await getUser(user)),
        avatar: null,
        picture: null,
        profileMetadata: null,
      };
      expect(await listUsers('every@')).toEqual([listedUser]);
      const { users } = await readListPage(service, 'native', {
        query: { email: 'every@x.example' },
      });
      expect(users).toEqual([listedUser]);
    }
  });

  it('of a user whose password carries fewer permissions than the roles', async () => {
    const permissions = ['users:create', 'users:read'] as const;
    await service.putRole('acme', { slug: 'creator', name: 'Creator', permissions });
    const user = await createUser(
      { email: 'limited@x.example', password: goodPassword },
      userToken('acme', ['creator']),
    );
    await updateUser(user, { roleIds: ['cradl:role:admin'] });

    const [listed] = await listUsers('limited@');

    expect(listed.inactivePermissions).toContain('users:update');
    expect(listed).toEqual(await getUser(user));
  });

  it('of a user who becomes the owner', async () => {
    const system = systemToken('acme');
    const admin = { password: goodPassword, roleIds: ['cradl:role:admin'] };
    const user = await createUserIn(service, 'acme', admin, system);
    await verifyEmail(service, tenantId.acme, user.jitsudo);
    const path = `/v1/tenants/${tenantId.acme}/transfer-ownership`;
    await service.post(path, { userId: user.native }, { token: system });

    const [listed] = await listUsers(user.credible);

    expect(listed).toMatchObject({ version: 2, emailVerified: true });
    expect(listed).toEqual(await getUser({ userId: user.native }));
  });
});

describe('an address that is email or username', () => {
  it('is listed once, also after email and username change places', async () => {
    const [one, two] = ['place-1@x.example', 'place-2@x.example'];
    let user = await createUser({ email: one, userName: two });
    for (const email of [two, one, two, one]) {
      expect(await listUsers('place-')).toEqual([await getUser(user)]);
      user = await updateUser(user, { email });
      expect(user).toMatchObject({ email, userName: two });
      const { missing, stray } = await auditTables(service);
      expect([missing, stray]).toEqual([[], []]);
    }
  });
});

describe('a user with two entries, as a query can see during an email change', () => {
  it.each([
    ['before the current one', 'seen-1@x.example', {}],
    ['after the current one', 'seen-5@x.example', {}],
    ['without a view, after the current one', 'seen-5@x.example', { view: undefined }],
  ])('is listed once if the outdated entry is %s', async (_what, oldEmail, changes) => {
    const entryKey = keys.emailClaim(tenantId.acme, oldEmail);
    const user = await createUser({ email: oldEmail });
    const outdated = await service.stored.item(entryKey);
    const current = await updateUser(user, { email: 'seen-3@x.example' });
    const others = [];
    for (const email of ['seen-2@x.example', 'seen-4@x.example'])
      others.push(await createUser({ email }));
    await service.stored.put({ ...outdated, ...changes });

    expect(await listUsers('seen-')).toEqual([others[0], current, others[1]].map(toListed));

    await service.stored.client.send(
      new DeleteCommand({ TableName: service.stored.directory, Key: { ...entryKey } }),
    );
    for (const { userId } of [user, ...others])
      await service.post(`/v1/users/${userId}/erase`, undefined, { token });
  });
});
