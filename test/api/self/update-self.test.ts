/** Fields that users can change in their own account. */
import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { readNativeUser } from '../../support/dialects/update-user.ts';
import { picture } from '../../support/dialects/dialects.ts';
import {
  createCaller,
  createExternalCaller,
  createServiceWithExternalIssuer,
  updateSelf,
  selfRoutes,
  selfDialects,
} from '../../support/scenarios/self.ts';
import { adminToken } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createServiceWithExternalIssuer();

describe.each(selfDialects)('a self-service update in %s', (dialect) => {
  const { name, firstName, lastName, avatar } = selfRoutes[dialect];
  const refusal = (...paths: string[]) => ({
    status: 400,
    body: {
      code: 'invalid_input',
      details: { issues: paths.map((path) => expect.objectContaining({ path })) },
    },
  });

  it.each([
    [name, 'name', 'Jo Smith'],
    [name, 'name', 'O’Brien'],
    [firstName, 'firstName', 'Jo'],
    [lastName, 'lastName', '🦜'.repeat(100)],
    [avatar, 'avatar', picture],
  ])('sets and removes %s without changes to other fields', async (field, core, value) => {
    const self = await createCaller(service, { description: 'Accounts', metadata: { a: 1 } });
    const before = await readNativeUser(service, self);
    expect(await updateSelf(service, dialect, self.token, { [field]: value })).toMatchObject({
      status: 200,
      body: { [field]: value },
    });
    const after = await readNativeUser(service, self);
    const expectedName = core === 'name' ? value : core === 'avatar' ? null : value;
    expect(after).toEqual({
      ...before,
      name: expectedName,
      [core]: value,
      version: 2,
      updatedTime: expect.any(String),
      updatedBy: self.native,
    });
    expect(
      await expectNoWrites(service, () =>
        updateSelf(service, dialect, self.token, { [field]: value }),
      ),
    ).toMatchObject({ status: 200 });
    expect((await updateSelf(service, dialect, self.token, { [field]: null })).status).toBe(200);
    expect(await readNativeUser(service, self)).toMatchObject({
      ...before,
      version: 3,
      updatedTime: expect.any(String),
      updatedBy: self.native,
    });
  });

  it('is recorded as updateOwn', async () => {
    const self = await createExternalCaller(service);
    const answer = await updateSelf(service, dialect, self.token, {
      [name]: 'Jo',
      [avatar]: picture,
    });
    const { body } = await service.get(`/v1/users/${self.native}/export`, {
      token: adminToken('acme'),
    });
    expect(body.changes).toEqual([
      expect.objectContaining({
        version: 2,
        action: 'updateOwn',
        issuer: 'https://id.example.com',
        requestId: answer.headers['x-request-id'],
        policies: ['use-own-account'],
        before: { name: null, avatar: true },
      }),
    ]);
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  });

  it.each(['oidc', 'saml'])(
    'cannot change names managed by the %s provider',
    async (authProvider) => {
      const self = await createExternalCaller(service, { authProvider, firstName: 'Jo' });
      const update = (body: object) =>
        expectNoWrites(service, () => updateSelf(service, dialect, self.token, body));
      expect(await update({ [firstName]: 'Joan' })).toMatchObject(refusal(firstName));
      expect(await update({ [firstName]: null })).toMatchObject(refusal(firstName));
      // This includes updates with allowed fields and with the current value.
      expect(await update({ [name]: 'Joan', [lastName]: 'Smith' })).toMatchObject(
        refusal(lastName),
      );
      expect(await update({ [firstName]: 'Jo', [lastName]: 'Smith' })).toMatchObject(
        refusal(firstName, lastName),
      );
      expect(
        await updateSelf(service, dialect, self.token, { [name]: 'Joan', [avatar]: picture }),
      ).toMatchObject({
        status: 200,
        body: { [name]: 'Joan' },
      });
    },
  );

  it.each([
    [name, 7],
    [firstName, ['Jo']],
    [lastName, {}],
    [avatar, 'https://example.com/jo.png'],
    [avatar, 'data:image/svg+xml;base64,PHN2Zy8+'],
    [avatar, 'data:text/html;base64,PGI+'],
    [avatar, 'data:image/png;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='],
    [avatar, `data:image/png;base64,iVBORw0KGgo${'A'.repeat(262_144)}`],
  ])('returns 400 if %s is %j', async (field, value) => {
    const self = await createCaller(service);
    expect(
      await expectNoWrites(service, () =>
        updateSelf(service, dialect, self.token, { [field]: value }),
      ),
    ).toMatchObject(refusal(field));
  });

  it('cannot change roles, status or other fields [R13]', async () => {
    const self = await createCaller(service);
    const others = {
      email: 'other@example.com',
      userName: 'other',
      roles: ['admin'],
      roleIds: ['cradl:role:admin'],
      status: 'active',
      active: true,
      emailVerified: true,
      is_owner: true,
      metadata: { a: 1 },
      identity: { issuer: 'https://id.example.com', subject: 'x' },
      authProvider: 'oidc',
      auth_provider: 'oidc',
      password: 'correct horse battery staple',
    };
    for (const [field, value] of Object.entries(others)) {
      expect(
        await expectNoWrites(service, () =>
          updateSelf(service, dialect, self.token, { [field]: value }),
        ),
      ).toMatchObject({
        status: 400,
      });
      expect(
        await expectNoWrites(service, () =>
          updateSelf(service, dialect, self.token, { [name]: 'Jo', [field]: value }),
        ),
      ).toMatchObject({
        status: 400,
      });
    }
  });

  it.each([[{}], [[]], [null]])('returns 400 for the body %j', async (body) => {
    const self = await createCaller(service);
    expect(
      await expectNoWrites(service, () => updateSelf(service, dialect, self.token, body)),
    ).toMatchObject({ status: 400 });
  });

  it('requires no permission, and does not allow regular updates', async () => {
    const [one, two] = [
      await createCaller(service),
      await createCaller(service, { roleIds: ['cradl:role:admin'] }),
    ];
    for (const { token } of [one, two])
      expect((await updateSelf(service, dialect, token, { [name]: 'Jo' })).status).toBe(200);
    const path = `/v1/users/${two.native}`;
    expect(
      (await service.send('PATCH', path, { token: one.token, body: { name: 'Joan' } })).status,
    ).toBe(403);
    expect(
      (
        await service.send('PATCH', `/v1/users/${one.native}`, {
          token: one.token,
          body: { name: 'Joan' },
        })
      ).status,
    ).toBe(403);
  });
});

it('names in JITSudo have at most 100 characters', async () => {
  const self = await createCaller(service);
  for (const field of ['first_name', 'last_name', 'display_name']) {
    expect(
      await updateSelf(service, 'jitsudo', self.token, { [field]: 'x'.repeat(101) }),
    ).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path: field, message: 'must have at most 100 characters' }] } },
    });
    expect(
      (await updateSelf(service, 'jitsudo', self.token, { [field]: 'é'.repeat(100) })).status,
    ).toBe(200);
  }
});
