/** Credible lets people change their own accounts by the same paths as others', passwords included. */
import { describe, expect, it } from 'vitest';
import { auditOf } from '../../support/table-audit.ts';
import { aUserIn, type Named, nobody } from '../../support/authenticated-routes.ts';
import { changes as sends, dialects, readsNative } from '../../support/dialects/update-user.ts';
import { tokenIn } from '../../support/scenarios/mail-delivery.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  aSelf,
  aSelfFromElsewhere,
  aServiceOfBoth,
  elsewhere,
  type Self,
} from '../../support/scenarios/self.ts';
import {
  anAdminOf,
  type Answer,
  aSystemAdministrator,
  aTokenOf,
  issuer,
  tenantId,
} from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const service = await aServiceOfBoth();
// So that administrators set passwords; in globex they do not.
await service.hasTenant('acme', { administratorsSetPasswords: true });
const password = 'tangled-orchard-7-lamps';
const emailOf = (user: Named) => `${user.credible}@example.com`;
const changes = (user: Named, body: object, token: string, name = user.credible) =>
  sends(service, 'credible', { ...user, credible: name }, body, { token });
const secretsOf = async ({ jitsudo }: Named) =>
  (await service.stored.all(service.stored.secrets))
    .filter(({ userId }) => userId === jitsudo)
    .map(({ passwordHash }) => passwordHash);
/** Whether this is the password, as the one operation that asks for it says. */
const knows = async ({ token }: Self, current: string) =>
  (
    await service.posts(
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

describe.each([
  ['whom the token names by id', aSelf],
  ['whom an identity names', aSelfFromElsewhere],
] as const)('a user %s', (_who, aUser) => {
  it('changes themselves without any right, by user name and by e-mail', async () => {
    const self = await aUser(service);
    for (const [index, name] of [
      self.credible,
      self.credible.toUpperCase(),
      emailOf(self),
      emailOf(self).toUpperCase(),
    ].entries()) {
      const answer = await changes(self, { firstName: `Jo ${index}` }, self.token, name);
      expect(answer).toMatchObject({
        status: 200,
        body: { userName: self.credible, firstName: `Jo ${index}` },
      });
    }
    const { body } = await service.gets(`/v1/users/${self.native}/export`, {
      token: anAdminOf('acme'),
    });
    expect(body.changes).toHaveLength(4);
    expect(body.changes[3]).toMatchObject({
      version: 5,
      action: 'update',
      policies: ['update-user'],
    });
  });

  it('changes their names, and goes by them from then on', async () => {
    const self = await aUser(service);
    const [userName, email] = [`joan-${unique()}`, `joan.${unique()}@example.com`];
    expect(await changes(self, { userName, email }, self.token)).toMatchObject({
      status: 200,
      body: { userName, email },
    });
    expect(await changes(self, { firstName: 'Jo' }, self.token)).toMatchObject(forbidden);
    for (const name of [userName, email])
      expect((await changes(self, { firstName: 'Jo' }, self.token, name)).status).toBe(200);
    const { missing, stray } = await auditOf(service);
    expect([missing, stray]).toEqual([[], []]);
  });

  it('changes nobody else, nor learns who is there', async () => {
    const self = await aUser(service);
    const other = await aUserIn(service, 'acme');
    const answers = [];
    for (const name of [
      other.credible,
      emailOf(other),
      nobody.credible,
      'nobody.at.all@example.com',
      '@',
    ]) {
      const answer = await withoutEffect(service, () =>
        changes(other, { firstName: 'Jo' }, self.token, name),
      );
      expect(answer).toMatchObject(forbidden);
      answers.push(JSON.stringify({ ...answer.body, details: undefined }));
    }
    expect(new Set(answers).size).toBe(1);
  });

  it('may do more than their token says, and changes themselves all the same', async () => {
    const self = await aUser(service, { roleIds: ['cradl:role:admin'] });
    expect((await changes(self, { firstName: 'Jo' }, self.token)).status).toBe(200);
  });

  it('L08: does not change themselves while suspended', async () => {
    const self = await aUser(service, { authProvider: 'oidc' });
    const moves = (move: string) =>
      service.posts(`/v1/users/${self.native}/${move}`, undefined, { token: anAdminOf('acme') });
    await moves('suspend');
    expect(
      await withoutEffect(service, () => changes(self, { firstName: 'Jo' }, self.token)),
    ).toMatchObject(forbidden);
    await moves('reactivate');
    expect((await changes(self, { firstName: 'Jo' }, self.token)).status).toBe(200);
  });

  it('is not themselves any more once deleted', async () => {
    const self = await aUser(service);
    await service.send('DELETE', `/v1/users/${self.native}`, { token: anAdminOf('acme') });
    expect(
      await withoutEffect(service, () => changes(self, { firstName: 'Jo' }, self.token)),
    ).toMatchObject(forbidden);
  });

  it.each(dialects.filter((dialect) => dialect !== 'credible'))(
    'cannot do so through %s',
    async (dialect) => {
      const self = await aUser(service);
      const answer = await withoutEffect(service, () =>
        sends(service, dialect, self, { name: 'Jo' }, { token: self.token }),
      );
      expect(answer).toMatchObject(forbidden);
    },
  );

  it('is found by a user name that is an address', async () => {
    const userName = `jo.${unique()}@example.com`;
    const self = await aUser(service, { userName });
    expect(await changes(self, { lastName: 'Smith' }, self.token, userName)).toMatchObject({
      status: 200,
      body: { userName },
    });
  });

  it('R13: gets neither roles nor a status by it', async () => {
    const self = await aUser(service);
    const before = await readsNative(service, self);
    const smuggled = {
      roles: ['admin'],
      roleIds: ['cradl:role:admin'],
      status: 'active',
      emailVerified: true,
      isOwner: true,
    };
    expect((await withoutEffect(service, () => changes(self, smuggled, self.token))).status).toBe(
      400,
    );
    expect((await changes(self, { ...smuggled, lastName: 'Smith' }, self.token)).status).toBe(400);
    expect(await readsNative(service, self)).toMatchObject({
      roleIds: [],
      status: before.status,
      emailVerified: false,
      isOwner: false,
    });
  });
});

it('P06: who is a user by an identity does not set the password by that: whoever gave it could give it to themselves', async () => {
  const user = await aUserIn(service, 'globex', { password, roleIds: ['cradl:role:admin'] });
  const subject = unique();
  const identity = { issuer: 'https://id.example.com', subject };
  const path = `/v1/users/${user.native}`;
  expect(
    (await service.send('PATCH', path, { token: anAdminOf('globex'), body: { identity } })).status,
  ).toBe(200);
  for (const roles of [[], ['admin']]) {
    const token = elsewhere.mintAccessToken({ sub: subject, tenantId: tenantId.globex, roles });
    const sets = () =>
      sends(
        service,
        'credible',
        user,
        { password: 'seven-lamps-in-an-orchard' },
        { token, slug: 'globex' },
      );
    expect(await withoutEffect(service, sets)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  }
});

it('a user of another tenant with the same names is somebody else', async () => {
  const self = await aSelf(service, {}, 'globex');
  const namesake = await aUserIn(service, 'acme', {
    email: emailOf(self),
    userName: self.credible,
  });
  const abroad = issuer.mintAccessToken({ sub: self.native, tenantId: tenantId.acme });
  for (const name of [self.credible, emailOf(self)]) {
    expect(
      await withoutEffect(service, () => changes(namesake, { firstName: 'Jo' }, abroad, name)),
    ).toMatchObject(forbidden);
  }
});

describe.each([
  ['themselves', (self: Self) => self.token, { password: true, isPasswordSetByOther: true }],
  ['an administrator', () => anAdminOf('acme'), { password: true, mustChangePassword: null }],
] as const)('a password that is set by %s', (_who, tokenOf, recorded) => {
  it('takes the place of the old one', async () => {
    const self = await aSelf(service, { password });
    const [before] = await secretsOf(self);
    const answer = await changes(
      self,
      { password: 'seven-lamps-in-an-orchard', firstName: 'Jo' },
      tokenOf(self),
    );
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain('orchard');
    const after = await secretsOf(self);
    expect(after).toEqual([expect.stringMatching(/^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$/)]);
    expect(after[0]).not.toBe(before);
    expect([await knows(self, password), await knows(self, 'seven-lamps-in-an-orchard')]).toEqual([
      false,
      true,
    ]);
    const { body } = await service.gets(`/v1/users/${self.native}/export`, {
      token: anAdminOf('acme'),
    });
    expect(body.changes).toEqual([
      expect.objectContaining({
        version: 2,
        before: { firstName: null, ...recorded, credentialLimits: { password: expect.anything() } },
      }),
    ]);
    expect(JSON.stringify(await service.stored.all())).not.toMatch(/argon2id|seven-lamps/);
  });

  it('ends the waiting of whoever was invited to choose one', async () => {
    const self = await aSelf(service);
    expect((await readsNative(service, self)).status).toBe('invite_pending');
    expect((await changes(self, { password }, tokenOf(self))).status).toBe(200);
    expect((await readsNative(service, self)).status).toBe('active');
    expect(await knows(self, password)).toBe(true);
    const { missing, stray } = await auditOf(service);
    expect([missing, stray]).toEqual([[], []]);
  });

  it.each([
    ['too_short', 'short'],
    ['pattern', 'abcabcabcabcabcabc'],
    ['commonly_used', 'password1234567'],
  ])('is refused when it is weak (%s), with all else in the change', async (reason, weak) => {
    const self = await aSelf(service, { password });
    const answer = await withoutEffect(service, () =>
      changes(self, { password: weak, firstName: 'Jo' }, tokenOf(self)),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'password_rejected', details: { field: 'password', reason } },
    });
  });

  it('is held against the names that come with it', async () => {
    const self = await aSelf(service, { password });
    const userName = `quillon-${unique()}`;
    const answer = await withoutEffect(service, () =>
      changes(self, { userName, password: `${userName} it is` }, tokenOf(self)),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: { details: { reason: 'contains_known_word' } },
    });
  });

  it('is refused for users who sign in elsewhere', async () => {
    for (const authProvider of ['oidc', 'saml']) {
      const self = await aSelf(service, { authProvider });
      const answer = await withoutEffect(service, () =>
        changes(self, { password, firstName: 'Jo' }, tokenOf(self)),
      );
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', details: { issues: [{ path: 'password' }] } },
      });
    }
  });

  it('goes together with nothing else that fails', async () => {
    const [self, other] = [await aSelf(service, { password }), await aUserIn(service, 'acme')];
    const body = { password: 'seven-lamps-in-an-orchard', userName: other.credible };
    expect(await withoutEffect(service, () => changes(self, body, tokenOf(self)))).toMatchObject({
      status: 409,
      body: { details: { field: 'userName' } },
    });
  });
});

it('nobody sets the password of a user who may do what they may not', async () => {
  await service.hasRole('acme', {
    slug: 'editing',
    name: 'Editing',
    permissions: ['users:update'],
  });
  const user = await aUserIn(service, 'acme', { password, roleIds: ['cradl:role:admin'] });
  const token = aTokenOf('acme', ['editing']);
  for (const name of [user.credible, emailOf(user)]) {
    const sets = () => changes(user, { password: 'seven-lamps-in-an-orchard' }, token, name);
    expect(await withoutEffect(service, sets)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  }
});

describe('P06: the password of somebody else', () => {
  const known = 'seven-lamps-in-an-orchard';
  const chosen = 'a-meadow-without-lamps';
  const changesIn = (user: Named, body: object, token: string) =>
    sends(service, 'credible', user, body, { token, slug: 'globex' });
  const sets = (user: Named, token: string) =>
    changesIn(user, { password: known, firstName: 'Jo' }, token);
  const signsIn = async (user: Named, tenant: string, secret: string) =>
    (await service.posts('/v1/auth/token', { tenant, userName: user.credible, password: secret }))
      .body;
  const rolesIn = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).roles;

  it('is set by no administrator where the tenant does not allow it, and all else is', async () => {
    const user = await aUserIn(service, 'globex', { password });
    const notice =
      "Only a system administrator can set another user's password, unless the owner of the tenant allows it to administrators.";
    expect(await withoutEffect(service, () => sets(user, anAdminOf('globex')))).toMatchObject({
      status: 403,
      body: { code: 'forbidden', notices: [notice] },
    });
    expect(await withoutEffect(service, () => sets(user, aTokenOf('globex', [])))).toMatchObject(
      forbidden,
    );
    expect((await changesIn(user, { firstName: 'Jo' }, anAdminOf('globex'))).status).toBe(200);
    const self = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.globex });
    expect((await sets(user, self)).status).toBe(200);
    expect((await signsIn(user, 'globex', known)).mustChangePassword).toBe(false);
  });

  const ways: readonly [string, (user: Named, token: string) => Promise<Answer>][] = [
    [
      'their own change',
      (_user, token) =>
        service.posts(
          '/v1/users/me/password',
          { currentPassword: known, newPassword: chosen },
          { token },
        ),
    ],
    [
      'Credible’s change of themselves',
      (user, token) => changesIn(user, { password: chosen }, token),
    ],
    [
      'a link by mail',
      async (user) => {
        const email = emailOf(user);
        await service.posts('/v1/auth/password-reset', { tenant: 'globex', email });
        const mails = (await service.delivers()).filter(({ to }) => to.includes(email));
        const token = mails.map(({ text }) => tokenIn(text)).findLast(Boolean);
        return service.posts('/v1/auth/password-reset/complete', { token, password: chosen });
      },
    ],
  ];
  it.each(ways)(
    'that a system administrator has set lets them in without a role, until it is changed by %s',
    async (_way, change) => {
      const user = await aUserIn(service, 'globex', { password, roleIds: ['cradl:role:admin'] });
      expect((await sets(user, aSystemAdministrator('globex'))).status).toBe(200);
      const { accessToken: token, mustChangePassword } = await signsIn(user, 'globex', known);
      expect([mustChangePassword, rolesIn(token)]).toEqual([true, []]);
      expect((await service.gets('/v1/users/me', { token })).body).toMatchObject({
        mustChangePassword: true,
        roleIds: ['cradl:role:admin'],
      });
      expect((await service.gets('/v1/users', { token })).status).toBe(403);
      const jitsudo = await service.posts('/jitsudo/v1/auth/login', {
        email: emailOf(user),
        password: known,
        tenant_slug: 'globex',
      });
      expect((await service.gets('/v1/users', { token: jitsudo.body.token })).status).toBe(403);

      expect((await change(user, token)).status).toBeLessThan(300);
      const after = await signsIn(user, 'globex', chosen);
      expect([after.mustChangePassword, rolesIn(after.accessToken)]).toEqual([false, ['admin']]);
      expect((await service.gets('/v1/users', { token: after.accessToken })).status).toBe(200);
    },
  );
});
