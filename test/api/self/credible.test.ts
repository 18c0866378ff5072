/**
 * In Credible, users read and update their own account by the same path as administrators,
 * including the password.
 */
import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { createUserIn, type UserRefs, unknownUser } from '../../support/authenticated-routes.ts';
import {
  updateUser as sends,
  dialects,
  readNativeUser,
} from '../../support/dialects/update-user.ts';
import { parseMailToken } from '../../support/scenarios/mail-delivery.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  createCaller,
  createExternalCaller,
  createServiceWithExternalIssuer,
  externalIssuer,
  type Caller,
} from '../../support/scenarios/self.ts';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import {
  adminToken,
  type TestResponse,
  systemToken,
  userToken,
  issuer,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createServiceWithExternalIssuer();
// Lets administrators of acme set passwords. Those of globex cannot.
await service.updateTenantItem('acme', { administratorsSetPasswords: true });
const password = 'tangled-orchard-7-lamps';
const getEmail = (user: UserRefs) => `${user.credible}@example.com`;
const update = (user: UserRefs, body: object, token: string, name = user.credible) =>
  sends(service, 'credible', { ...user, credible: name }, body, { token });
/** Reads a user by the path of administrators. */
const read = (user: UserRefs, token: string | undefined, name = user.credible, sent = {}) =>
  service.get(`/credible/api/v0/users/${encodeURIComponent(name)}`, { token, ...sent });
const readPasswordHashes = async ({ jitsudo }: UserRefs) =>
  (await service.stored.all(service.stored.secrets))
    .filter(({ userId }) => userId === jitsudo)
    .map(({ passwordHash }) => passwordHash);
/**
 * True if this is the current password. The password change asks for it and rejects the new one.
 */
const isCurrentPassword = async ({ token }: Caller, current: string) =>
  (
    await service.post(
      '/v1/users/me/password',
      { currentPassword: current, newPassword: 'short' },
      { token },
    )
  ).status === 422;

const forbidden = {
  status: 403,
  body: {
    code: 'forbidden',
    notices: ['Changing users requires the permission users:update in this tenant.'],
  },
};

const unreadable = {
  status: 403,
  body: {
    code: 'forbidden',
    notices: ['Reading users requires the permission users:read in this tenant.'],
  },
};

describe.each([
  ['the user ID in the token', createCaller],
  ['an identity', createExternalCaller],
] as const)('a user identified by %s', (_who, aUser) => {
  it('can update their account without permissions, by username and by email', async () => {
    const self = await aUser(service);
    for (const [index, name] of [
      self.credible,
      self.credible.toUpperCase(),
      getEmail(self),
      getEmail(self).toUpperCase(),
    ].entries()) {
      const answer = await update(self, { firstName: `Jo ${index}` }, self.token, name);
      expect(answer).toMatchObject({
        status: 200,
        body: { userName: self.credible, firstName: `Jo ${index}` },
      });
    }
    const { body } = await service.get(`/v1/users/${self.native}/export`, {
      token: adminToken('acme'),
    });
    expect(body.changes).toHaveLength(4);
    expect(body.changes[3]).toMatchObject({
      version: 5,
      action: 'update',
      policies: ['update-user'],
    });
  });

  it('can read their account without permissions, by username and by email', async () => {
    const self = await aUser(service);
    for (const name of [self.credible, self.credible.toUpperCase(), getEmail(self)])
      expect(await read(self, self.token, name)).toMatchObject({
        status: 200,
        body: { userName: self.credible, email: getEmail(self) },
      });
  });

  it('can neither read other users nor learn which users exist', async () => {
    const self = await aUser(service);
    const other = await createUserIn(service, 'acme');
    const answers = [];
    for (const name of [other.credible, getEmail(other), unknownUser.credible, '@']) {
      const answer = await read(other, self.token, name);
      expect(answer).toMatchObject(unreadable);
      answers.push(JSON.stringify({ ...answer.body, details: undefined }));
    }
    expect(new Set(answers).size).toBe(1);
    for (const path of ['/v1/users/', '/cradl/v1/users/', '/jitsudo/v1/users/']) {
      const name = path.startsWith('/jitsudo') ? self.jitsudo : self.native;
      const headers = { 'x-tenant-id': tenantId.acme };
      const answer = await service.get(`${path}${name}`, { token: self.token, headers });
      expect(answer).toMatchObject(unreadable);
    }
    expect(await service.get('/credible/api/v0/users', { token: self.token })).toMatchObject(
      unreadable,
    );
  });

  it('cannot read their account while suspended or after a delete [L08]', async () => {
    const self = await aUser(service, { authProvider: 'oidc' });
    const path = `/v1/users/${self.native}`;
    await service.post(`${path}/suspend`, undefined, { token: adminToken('acme') });
    expect(await read(self, self.token)).toMatchObject(unreadable);
    await service.post(`${path}/reactivate`, undefined, { token: adminToken('acme') });
    expect((await read(self, self.token)).status).toBe(200);
    await service.send('DELETE', path, { token: adminToken('acme') });
    expect(await read(self, self.token)).toMatchObject(unreadable);
  });

  it('can change their username and email, and is then found only by the new ones', async () => {
    const self = await aUser(service);
    const [userName, email] = [`joan-${unique()}`, `joan.${unique()}@example.com`];
    expect(await update(self, { userName, email }, self.token)).toMatchObject({
      status: 200,
      body: { userName, email },
    });
    expect(await update(self, { firstName: 'Jo' }, self.token)).toMatchObject(forbidden);
    for (const name of [userName, email])
      expect((await update(self, { firstName: 'Jo' }, self.token, name)).status).toBe(200);
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  });

  it('can neither update other users nor learn which users exist', async () => {
    const self = await aUser(service);
    const other = await createUserIn(service, 'acme');
    const answers = [];
    for (const name of [
      other.credible,
      getEmail(other),
      unknownUser.credible,
      'unknown@example.com',
      '@',
    ]) {
      const answer = await expectNoWrites(service, () =>
        update(other, { firstName: 'Jo' }, self.token, name),
      );
      expect(answer).toMatchObject(forbidden);
      answers.push(JSON.stringify({ ...answer.body, details: undefined }));
    }
    expect(new Set(answers).size).toBe(1);
  });

  it('can update their account with a token that contains fewer roles', async () => {
    const self = await aUser(service, { roleIds: ['cradl:role:admin'] });
    expect((await update(self, { firstName: 'Jo' }, self.token)).status).toBe(200);
  });

  it('cannot update their account while suspended [L08]', async () => {
    const self = await aUser(service, { authProvider: 'oidc' });
    const changeStatus = (move: string) =>
      service.post(`/v1/users/${self.native}/${move}`, undefined, { token: adminToken('acme') });
    await changeStatus('suspend');
    expect(
      await expectNoWrites(service, () => update(self, { firstName: 'Jo' }, self.token)),
    ).toMatchObject(forbidden);
    await changeStatus('reactivate');
    expect((await update(self, { firstName: 'Jo' }, self.token)).status).toBe(200);
  });

  it('cannot update their account after a delete', async () => {
    const self = await aUser(service);
    await service.send('DELETE', `/v1/users/${self.native}`, { token: adminToken('acme') });
    expect(
      await expectNoWrites(service, () => update(self, { firstName: 'Jo' }, self.token)),
    ).toMatchObject(forbidden);
  });

  it.each(dialects.filter((dialect) => dialect !== 'credible'))(
    'cannot update their account through the user path of %s',
    async (dialect) => {
      const self = await aUser(service);
      const answer = await expectNoWrites(service, () =>
        sends(service, dialect, self, { name: 'Jo' }, { token: self.token }),
      );
      expect(answer).toMatchObject(forbidden);
    },
  );

  it('is found by a username that is an email address', async () => {
    const userName = `jo.${unique()}@example.com`;
    const self = await aUser(service, { userName });
    expect(await update(self, { lastName: 'Smith' }, self.token, userName)).toMatchObject({
      status: 200,
      body: { userName },
    });
  });

  it('cannot change roles, status or verification [R13]', async () => {
    const self = await aUser(service);
    const before = await readNativeUser(service, self);
    const smuggled = {
      roles: ['admin'],
      roleIds: ['cradl:role:admin'],
      status: 'active',
      emailVerified: true,
      isOwner: true,
    };
    expect((await expectNoWrites(service, () => update(self, smuggled, self.token))).status).toBe(
      400,
    );
    expect((await update(self, { ...smuggled, lastName: 'Smith' }, self.token)).status).toBe(400);
    expect(await readNativeUser(service, self)).toMatchObject({
      roleIds: [],
      status: before.status,
      emailVerified: false,
      isOwner: false,
    });
  });
});

it('a user identified by an identity that an administrator set cannot set the password [P06]', async () => {
  const user = await createUserIn(service, 'globex', { password, roleIds: ['cradl:role:admin'] });
  const subject = unique();
  const identity = { issuer: 'https://id.example.com', subject };
  const path = `/v1/users/${user.native}`;
  expect(
    (await service.send('PATCH', path, { token: adminToken('globex'), body: { identity } })).status,
  ).toBe(200);
  for (const roles of [[], ['admin']]) {
    const token = externalIssuer.mintAccessToken({
      sub: subject,
      tenantId: tenantId.globex,
      roles,
    });
    const setPassword = () =>
      sends(
        service,
        'credible',
        user,
        { password: 'seven-lamps-in-an-orchard' },
        { token, slug: 'globex' },
      );
    expect(await expectNoWrites(service, setPassword)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  }
});

it('a caller with an identity whose limit lacks a permission of the user cannot read it', async () => {
  const user = await createUserIn(service, 'acme');
  const subject = unique();
  const path = `/v1/users/${user.native}`;
  const identity = { issuer: 'https://id.example.com', subject };
  const link = { token: userToken('acme', ['editor']), body: { identity } };
  await service.putRole('acme', { slug: 'editor', name: 'Editor', permissions: ['users:update'] });
  expect((await service.send('PATCH', path, link)).status).toBe(200);
  const token = externalIssuer.mintAccessToken({ sub: subject, tenantId: tenantId.acme });
  expect((await read(user, token)).status).toBe(200);
  const body = { roleIds: ['cradl:role:approver'] };
  const headers = { 'if-match': '*' };
  await service.send('PATCH', path, { token: adminToken('acme'), body, headers });
  expect(await read(user, token)).toMatchObject(unreadable);
});

it('an app client without users:read cannot read users', async () => {
  const user = await createCaller(service);
  const client = await createTokenAppClient(service, 'acme', { roles: ['user'] });
  expect(await read(user, undefined, user.credible, { headers: client.key })).toMatchObject(
    unreadable,
  );
});

it('a user of another tenant cannot read a user with the same names', async () => {
  const self = await createCaller(service, {}, 'globex');
  const namesake = await createUserIn(service, 'acme', {
    email: getEmail(self),
    userName: self.credible,
  });
  const otherTenantToken = issuer.mintAccessToken({ sub: self.native, tenantId: tenantId.acme });
  expect(await read(namesake, otherTenantToken)).toMatchObject(unreadable);
  expect((await read(self, self.token)).body.email).toBe(getEmail(self));
});

it('a user of another tenant cannot update a user with the same names', async () => {
  const self = await createCaller(service, {}, 'globex');
  const namesake = await createUserIn(service, 'acme', {
    email: getEmail(self),
    userName: self.credible,
  });
  const otherTenantToken = issuer.mintAccessToken({ sub: self.native, tenantId: tenantId.acme });
  for (const name of [self.credible, getEmail(self)]) {
    expect(
      await expectNoWrites(service, () =>
        update(namesake, { firstName: 'Jo' }, otherTenantToken, name),
      ),
    ).toMatchObject(forbidden);
  }
});

describe.each([
  ['the user', (self: Caller) => self.token, { password: true, isPasswordSetByOther: true }],
  ['an administrator', () => adminToken('acme'), { password: true, mustChangePassword: null }],
] as const)('a password set by %s', (_who, createToken, recordedFields) => {
  it('replaces the old one', async () => {
    const self = await createCaller(service, { password });
    const [before] = await readPasswordHashes(self);
    const answer = await update(
      self,
      { password: 'seven-lamps-in-an-orchard', firstName: 'Jo' },
      createToken(self),
    );
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('orchard');
    const after = await readPasswordHashes(self);
    expect(after).toEqual([expect.stringMatching(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$/)]);
    expect(after[0]).not.toBe(before);
    expect([
      await isCurrentPassword(self, password),
      await isCurrentPassword(self, 'seven-lamps-in-an-orchard'),
    ]).toEqual([false, true]);
    const { body } = await service.get(`/v1/users/${self.native}/export`, {
      token: adminToken('acme'),
    });
    expect(body.changes).toEqual([
      expect.objectContaining({
        version: 2,
        before: {
          firstName: null,
          ...recordedFields,
          credentialLimits: { password: expect.anything() },
        },
      }),
    ]);
    expect(JSON.stringify(await service.stored.all())).not.toMatch(/argon2id|seven-lamps/);
  });

  it('activates an invited user', async () => {
    const self = await createCaller(service);
    expect((await readNativeUser(service, self)).status).toBe('invite_pending');
    expect((await update(self, { password }, createToken(self))).status).toBe(200);
    expect((await readNativeUser(service, self)).status).toBe('active');
    expect(await isCurrentPassword(self, password)).toBe(true);
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  });

  it.each([
    ['too_short', 'short'],
    ['pattern', 'abcabcabcabcabcabc'],
    ['commonly_used', 'password1234567'],
  ])('is rejected together with the other fields if it is weak (%s)', async (reason, weak) => {
    const self = await createCaller(service, { password });
    const answer = await expectNoWrites(service, () =>
      update(self, { password: weak, firstName: 'Jo' }, createToken(self)),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'password_rejected', details: { field: 'password', reason } },
    });
  });

  it('is rejected if it contains a name from the same update', async () => {
    const self = await createCaller(service, { password });
    const userName = `quillon-${unique()}`;
    const answer = await expectNoWrites(service, () =>
      update(self, { userName, password: `${userName} it is` }, createToken(self)),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: { details: { reason: 'contains_known_word' } },
    });
  });

  it('is rejected for users of an external identity provider', async () => {
    for (const authProvider of ['oidc', 'saml']) {
      const self = await createCaller(service, { authProvider });
      const answer = await expectNoWrites(service, () =>
        update(self, { password, firstName: 'Jo' }, createToken(self)),
      );
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', details: { issues: [{ path: 'password' }] } },
      });
    }
  });

  it('is not stored if another field is rejected', async () => {
    const [self, other] = [
      await createCaller(service, { password }),
      await createUserIn(service, 'acme'),
    ];
    const body = { password: 'seven-lamps-in-an-orchard', userName: other.credible };
    expect(
      await expectNoWrites(service, () => update(self, body, createToken(self))),
    ).toMatchObject({
      status: 409,
      body: { details: { field: 'userName' } },
    });
  });
});

it('a caller cannot set the password of a user with more permissions', async () => {
  await service.putRole('acme', {
    slug: 'editing',
    name: 'Editing',
    permissions: ['users:update'],
  });
  const user = await createUserIn(service, 'acme', { password, roleIds: ['cradl:role:admin'] });
  const token = userToken('acme', ['editing']);
  for (const name of [user.credible, getEmail(user)]) {
    const setPassword = () => update(user, { password: 'seven-lamps-in-an-orchard' }, token, name);
    expect(await expectNoWrites(service, setPassword)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  }
});

describe('the password of another user [P06]', () => {
  const currentPassword = 'seven-lamps-in-an-orchard';
  const chosen = 'a-meadow-without-lamps';
  const changesIn = (user: UserRefs, body: object, token: string) =>
    sends(service, 'credible', user, body, { token, slug: 'globex' });
  const setPassword = (user: UserRefs, token: string) =>
    changesIn(user, { password: currentPassword, firstName: 'Jo' }, token);
  const signsIn = async (user: UserRefs, tenant: string, secret: string) =>
    (await service.post('/v1/auth/token', { tenant, userName: user.credible, password: secret }))
      .body;
  const parseRoles = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).roles;

  it('cannot be set by an administrator unless the tenant allows it, but other fields can', async () => {
    const user = await createUserIn(service, 'globex', { password });
    const notice =
      "Only a system administrator can set another user's password, unless the owner of the tenant allows it to administrators.";
    expect(
      await expectNoWrites(service, () => setPassword(user, adminToken('globex'))),
    ).toMatchObject({
      status: 403,
      body: { code: 'forbidden', notices: [notice] },
    });
    expect(
      await expectNoWrites(service, () => setPassword(user, userToken('globex', []))),
    ).toMatchObject(forbidden);
    expect((await changesIn(user, { firstName: 'Jo' }, adminToken('globex'))).status).toBe(200);
    const self = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.globex });
    expect((await setPassword(user, self)).status).toBe(200);
    expect((await signsIn(user, 'globex', currentPassword)).mustChangePassword).toBe(false);
  });

  const passwordChanges: readonly [
    string,
    (user: UserRefs, token: string) => Promise<TestResponse>,
  ][] = [
    [
      'by the user in the native API',
      (_user, token) =>
        service.post('/v1/users/me/password', { currentPassword, newPassword: chosen }, { token }),
    ],
    ['by the user in Credible', (user, token) => changesIn(user, { password: chosen }, token)],
    [
      'through a mailed link',
      async (user) => {
        const email = getEmail(user);
        await service.post('/v1/auth/password-reset', { tenant: 'globex', email });
        const mails = (await service.deliverPendingMail()).filter(({ to }) => to.includes(email));
        const token = mails.map(({ text }) => parseMailToken(text)).findLast(Boolean);
        return service.post('/v1/auth/password-reset/complete', { token, password: chosen });
      },
    ],
  ];
  it.each(passwordChanges)(
    'gives no roles if a system administrator set it, until it is changed %s',
    async (_way, change) => {
      const user = await createUserIn(service, 'globex', {
        password,
        roleIds: ['cradl:role:admin'],
      });
      expect((await setPassword(user, systemToken('globex'))).status).toBe(200);
      const { accessToken: token, mustChangePassword } = await signsIn(
        user,
        'globex',
        currentPassword,
      );
      expect([mustChangePassword, parseRoles(token)]).toEqual([true, []]);
      expect((await service.get('/v1/users/me', { token })).body).toMatchObject({
        mustChangePassword: true,
        roleIds: ['cradl:role:admin'],
      });
      expect((await service.get('/v1/users', { token })).status).toBe(403);
      const jitsudo = await service.post('/jitsudo/v1/auth/login', {
        email: getEmail(user),
        password: currentPassword,
        tenant_slug: 'globex',
      });
      expect((await service.get('/v1/users', { token: jitsudo.body.token })).status).toBe(403);

      expect((await change(user, token)).status).toBeLessThan(300);
      const after = await signsIn(user, 'globex', chosen);
      expect([after.mustChangePassword, parseRoles(after.accessToken)]).toEqual([false, ['admin']]);
      expect((await service.get('/v1/users', { token: after.accessToken })).status).toBe(200);
    },
  );
});
