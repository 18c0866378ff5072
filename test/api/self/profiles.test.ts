/** Profiles of Cradl: the own one, and the public fields of others. */
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { picture } from '../../support/dialects/dialects.ts';
import {
  type Caller,
  createCaller,
  createExternalCaller,
  createServiceWithExternalIssuer,
  externalIssuer,
} from '../../support/scenarios/self.ts';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import {
  adminToken,
  systemToken,
  tenantId,
  type TestRequest,
  userToken,
} from '../../support/service.ts';

const service = await createServiceWithExternalIssuer();
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const notFound = { status: 404, body: { code: 'not_found' } };
const admin = { token: adminToken('acme') };

const getProfile = (id: string | undefined, sent: TestRequest) =>
  service.get(`/cradl/v1/profiles/${id}`, sent);
const updateProfile = (id: string | undefined, body: unknown, sent: TestRequest) =>
  service.send('PATCH', `/cradl/v1/profiles/${id}`, { ...sent, body });
const rejectUpdate = (id: string | undefined, body: unknown, sent: TestRequest) =>
  expectNoWrites(service, () => updateProfile(id, body, sent));

const toProfile = ({ credible, profile }: Caller) => ({
  profileId: profile,
  givenName: null,
  familyName: null,
  picture: null,
  email: `${credible}@example.com`,
  name: null,
  locale: null,
  metadata: null,
  numberOfOrganizationsAllowed: 1,
  numberOfOrganizationsCreated: 1,
  createdTime: time,
  updatedTime: null,
});

describe('the own profile', () => {
  it('is found by `me` and by its ID, in each notation, without a permission', async () => {
    for (const self of [await createCaller(service), await createExternalCaller(service)]) {
      const { token, profile = '' } = self;
      for (const id of ['me', profile, profile.replace('cradl', 'las')])
        expect(await getProfile(id, { token })).toMatchObject({
          status: 200,
          body: toProfile(self),
        });
      expect(profile.slice(-32)).not.toBe(self.native.slice(-32));
    }
  });

  it('is updated and cleared by `me` and by its ID', async () => {
    const fields = {
      givenName: 'Ada',
      familyName: 'Lovelace',
      locale: 'de-CH',
      metadata: { theme: 'dark', seen: [1, 2] },
      picture: 'https://images.example.com/ada.png?size=64',
    };
    for (const path of ['me', undefined]) {
      const self = await createCaller(service, { metadata: { of: 'user' }, avatar: picture });
      const id = path ?? self.profile;
      const { token } = self;
      const changed = { ...toProfile(self), ...fields, name: 'Ada Lovelace', updatedTime: time };
      expect((await updateProfile(id, fields, { token })).body).toEqual(changed);
      expect((await getProfile(id, { token })).body).toEqual(changed);

      const { body: user } = await service.get(`/v1/users/${self.native}`, admin);
      expect(user).toMatchObject({
        firstName: 'Ada',
        lastName: 'Lovelace',
        locale: 'de-CH',
        metadata: { of: 'user' },
        avatar: picture,
        picture: fields.picture,
        profileMetadata: fields.metadata,
      });
      // Metadata is replaced, as in users of Cradl.
      const replaced = await updateProfile(id, { metadata: { theme: 'light' } }, { token });
      expect(replaced.body).toEqual({ ...changed, metadata: { theme: 'light' } });

      const nothing = Object.fromEntries(Object.keys(fields).map((name) => [name, null]));
      const cleared = await updateProfile(id, nothing, { token });
      expect(cleared.body).toEqual({ ...toProfile(self), updatedTime: time });
    }
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  });

  it.each([
    {},
    { email: 'other@example.com' },
    { name: 'Ada' },
    { roleIds: ['cradl:role:admin'] },
    { profileId: 'cradl:profile:00000000000040008000000000000000' },
    { givenName: 'x'.repeat(256) },
    { locale: 'no language' },
    { metadata: 'text' },
    { metadata: { text: 'x'.repeat(65_536) } },
    { picture: 'javascript:alert(1)' },
    { picture: 'data:text/html;base64,PGI+' },
    { picture: 'data:image/svg+xml;base64,PHN2Zy8+' },
    { picture: 'https://user:secret@images.example.com/ada.png' },
    { picture: '/ada.png' },
    { picture: `https://images.example.com/${'x'.repeat(4096)}` },
  ])('returns 400 for an update with %j', async (body) => {
    const { token } = await createCaller(service);
    expect(await rejectUpdate('me', body, { token })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    });
  });

  it.each([picture, 'http://localhost:3000/ada.png', 'https://images.example.com/ä.png'])(
    'accepts the picture %s',
    async (value) => {
      const { token } = await createCaller(service);
      const { body } = await updateProfile('me', { picture: value }, { token });
      expect(body.picture).toBe(value);
    },
  );

  it('keeps the names that the identity provider manages', async () => {
    const { token } = await createExternalCaller(service, { authProvider: 'oidc' });
    const names = { givenName: 'Ada', familyName: 'Lovelace' };
    expect(await rejectUpdate('me', names, { token })).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path: 'givenName' }, { path: 'familyName' }] } },
    });
    expect((await updateProfile('me', { locale: 'de' }, { token })).status).toBe(200);
  });

  it('does not exist for callers without an account', async () => {
    const { key } = await createTokenAppClient(service, 'acme', { roles: ['admin'] });
    for (const sent of [{ headers: key }, admin, { token: systemToken('acme') }]) {
      expect(await getProfile('me', sent)).toMatchObject(notFound);
      expect(await rejectUpdate('me', { locale: 'de' }, sent)).toMatchObject(notFound);
    }
  });

  it('is not accessible while the user is suspended, and not found after a delete', async () => {
    const { token, native, profile } = await createCaller(service, { authProvider: 'oidc' });
    await service.post(`/v1/users/${native}/suspend`, undefined, admin);
    for (const id of ['me', profile]) {
      expect((await getProfile(id, { token })).status).toBe(403);
      expect((await rejectUpdate(id, { locale: 'de' }, { token })).status).toBe(403);
    }
    await service.send('DELETE', `/v1/users/${native}`, admin);
    expect(await getProfile('me', { token })).toMatchObject(notFound);
    expect(await getProfile(profile, admin)).toMatchObject(notFound);
    expect(await rejectUpdate(profile, { locale: 'de' }, { token })).toMatchObject(notFound);
  });

  it('of a user from an earlier version is found by its user only', async () => {
    const { token, jitsudo, profile } = await createCaller(service);
    const profileId = '11111111-1111-4111-8111-111111111111';
    const item = await service.stored.item(keys.user(tenantId.acme, jitsudo));
    await service.stored.put({ ...item, profileId });
    const id = `cradl:profile:${profileId.replaceAll('-', '')}`;
    expect((await getProfile(id, { token })).body.profileId).toBe(id);
    expect((await updateProfile(id, { locale: 'de' }, { token })).status).toBe(200);
    expect(await getProfile(id, admin)).toMatchObject(notFound);
    for (const sent of [admin, { token: adminToken('globex') }])
      expect(await getProfile(profile, sent)).toMatchObject(notFound);
    expect((await getProfile(profile, { token })).status).toBe(403);
  });

  it('needs users:read, and is public, if another user set the identity of the caller', async () => {
    await service.putRole('acme', {
      slug: 'creator',
      name: 'Creator',
      permissions: ['users:create'],
    });
    const identity = { issuer: 'https://id.example.com', subject: 'set-by-another-user' };
    const creator = userToken('acme', ['creator']);
    const { native, profile } = await createUserIn(service, 'acme', { identity }, creator);
    await service.send('PATCH', `/v1/users/${native}`, {
      ...admin,
      body: { roleIds: ['cradl:role:approver'] },
      headers: { 'if-match': '*' },
    });
    const sent = (roles: readonly string[]) => ({
      token: externalIssuer.mintAccessToken({
        sub: identity.subject,
        tenantId: tenantId.acme,
        roles,
      }),
    });
    for (const id of ['me', profile]) {
      expect((await getProfile(id, sent([]))).status).toBe(403);
      expect((await rejectUpdate(id, { locale: 'de' }, sent([]))).status).toBe(403);
    }
    const { body } = await getProfile(profile, sent(['approver']));
    expect(Object.keys(body).toSorted()).toEqual([
      'familyName',
      'givenName',
      'picture',
      'profileId',
    ]);
  });
});

describe('the profile of another user', () => {
  it('has only public fields, and requires users:read', async () => {
    const other = await createCaller(service, {
      firstName: 'Grace',
      picture: 'https://images.example.com/grace.png',
      profileMetadata: { secret: true },
    });
    const expectedProfile = {
      profileId: other.profile,
      givenName: 'Grace',
      familyName: null,
      picture: 'https://images.example.com/grace.png',
    };
    const reader = await createCaller(service, { roleIds: ['cradl:role:approver'] });
    const { key } = await createTokenAppClient(service, 'acme', { roles: ['approver'] });
    const readers = [{ token: userToken('acme', ['approver'], reader.native) }, { headers: key }];
    for (const sent of [...readers, admin])
      expect(await getProfile(other.profile, sent)).toMatchObject({
        status: 200,
        body: expectedProfile,
      });
    expect((await getProfile(other.profile, admin)).body).toEqual(expectedProfile);
    const { token } = await createCaller(service);
    expect((await getProfile(other.profile, { token })).status).toBe(403);
  });

  it('cannot be updated, with any permission', async () => {
    const other = await createCaller(service);
    const administrator = await createCaller(service);
    const token = userToken('acme', ['admin'], administrator.native);
    for (const sent of [{ token }, admin, { token: systemToken('acme') }])
      expect(await rejectUpdate(other.profile, { locale: 'de' }, sent)).toMatchObject(notFound);
  });

  it.each(['cradl:profile:x', 'cradl:user:00000000000040008000000000000000', 'you', '%20'])(
    'is not found by %s',
    async (id) => {
      const { token } = await createCaller(service);
      expect(await getProfile(id, admin)).toMatchObject(notFound);
      expect(await rejectUpdate(id, { locale: 'de' }, { token })).toMatchObject(notFound);
    },
  );
});

it('the export has the profile, and the native API changes its own', async () => {
  const { token, native } = await createCaller(service);
  const fields = {
    picture,
    profileMetadata: { a: 1, b: 2 },
    locale: 'fr',
    timeZone: 'Europe/Paris',
  };
  const change = (body: object) => service.send('PATCH', '/v1/users/me', { token, body });
  expect((await change(fields)).body).toMatchObject(fields);
  // The native API merges metadata.
  const merged = { a: 1, c: 3 };
  expect((await change({ profileMetadata: { b: null, c: 3 } })).body.profileMetadata).toEqual(
    merged,
  );
  const { body } = await service.get(`/v1/users/${native}/export`, admin);
  expect(body.user).toMatchObject({ ...fields, profileMetadata: merged });
  expect(body.changes.map(({ before }: { before: object }) => before)).toEqual([
    { picture: null, profileMetadata: null, locale: null, timeZone: null },
    { profileMetadata: { b: 2, c: null } },
  ]);
});
