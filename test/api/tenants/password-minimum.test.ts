import { describe, expect, it } from 'vitest';
import { hashSync } from 'bcryptjs';
import { createUser, expectCreated } from '../../support/dialects/create-user.ts';
import { createInvitationService } from '../../support/scenarios/invitations.ts';
import { parseMailToken } from '../../support/scenarios/mail-delivery.ts';
import {
  adminToken,
  systemToken,
  type TestResponse,
  tenantId,
  type TenantSlug,
  userToken,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const life = await createInvitationService({ environment: { PASSWORD_MIN_LENGTH: '10' } });
const { service, inviteAndReadToken, inspectLink, acceptLink } = life;
const patchTenant = (slug: TenantSlug, body: object, token = adminToken(slug)) =>
  service.send('PATCH', `/v1/tenants/${tenantId[slug]}`, { token, body });
const setMinimum = (slug: TenantSlug, passwordMinLength: number | null) =>
  patchTenant(slug, { passwordMinLength });

const [short, long] = ['quiet lamps orbit 7', 'quiet lamps orbit 72'];
const tooShort = (field: string, status = 422) => ({
  status,
  body: {
    details: { issues: [{ path: field, message: 'must have at least 20 characters' }] },
  },
});

/** Sends a password of 19 and then one of 20 characters. */
async function expectMinimum(
  set: (password: string) => Promise<TestResponse>,
  field = 'password',
  status?: number,
): Promise<void> {
  expect(await expectNoWrites(service, () => set(short))).toMatchObject(tooShort(field, status));
  expect((await set(long)).status).toBeLessThan(300);
}

describe('the password minimum of a tenant', () => {
  it('applies wherever a password is set, in every dialect', async () => {
    expect(await setMinimum('acme', 20)).toMatchObject({
      status: 200,
      body: { passwordMinLength: 20 },
    });
    let users = 0;
    for (const dialect of ['native', 'jitsudo', 'credible'] as const)
      await expectMinimum((password) =>
        createUser(service, dialect, { email: `min-${++users}@x.example`, password }),
      );

    const fields = { email: 'own@x.example', userName: 'own', password: long };
    const { userId } = (await service.post('/v1/users', fields, { token: adminToken('acme') }))
      .body;
    await expectMinimum(
      (newPassword) =>
        service.post(
          '/v1/users/me/password',
          { currentPassword: long, newPassword },
          { token: userToken('acme', [], userId) },
        ),
      'newPassword',
    );
    await expectMinimum((password) =>
      service.send('PATCH', '/credible/api/v0/users/own', {
        token: systemToken('acme'),
        body: { password },
      }),
    );

    const { token } = await inviteAndReadToken();
    expect((await inspectLink(token)).body.password.minimumLength).toBe(20);
    await expectMinimum((password) => acceptLink(token, password));

    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: fields.email });
    const mails = (await service.deliverPendingMail()).filter(({ to }) =>
      to.includes(fields.email),
    );
    const reset = mails.map(({ text }) => parseMailToken(text)).findLast(Boolean);
    const inspected = await service.post('/v1/auth/password-reset/inspect', { token: reset });
    expect(inspected.body.password.minimumLength).toBe(20);
    await expectMinimum((password) =>
      service.post('/v1/auth/password-reset/complete', { token: reset, password }),
    );
  });

  it('does not apply to hashes and to other tenants', async () => {
    await setMinimum('acme', 20);
    const imported = await service.post(
      '/v1/users',
      {
        email: 'imported@x.example',
        passwordHash: hashSync('quiet lamps', 4),
        acceptWeakPasswordHash: true,
      },
      { token: adminToken('acme') },
    );
    expect(imported.status).toBe(201);
    const elsewhere = { email: 'elsewhere@x.example', password: 'lamps orbit' };
    const created = await service.post('/v1/users', elsewhere, { token: adminToken('globex') });
    expectCreated(created, 'native');
  });

  it('cannot be lower than the minimum of the deployment', async () => {
    const issue = {
      path: 'passwordMinLength',
      message: 'must be at least 10, the minimum of the deployment',
    };
    const rejected = { status: 400, body: { details: { issues: [issue] } } };
    expect(await expectNoWrites(service, () => setMinimum('acme', 9))).toMatchObject(rejected);
    const draft = { slug: 'low', name: 'Low', ownerEmail: 'o@low.example', passwordMinLength: 9 };
    const create = () => service.post('/v1/tenants', draft, { token: systemToken('acme') });
    expect(await expectNoWrites(service, create)).toMatchObject(rejected);
    for (const value of [7, 65, 12.5, '20'])
      expect(
        await expectNoWrites(service, () => setMinimum('acme', value as number)),
      ).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path: 'passwordMinLength' }] } },
      });
    expect(await setMinimum('acme', 10)).toMatchObject({ status: 200 });
    expect(await setMinimum('acme', 64)).toMatchObject({ status: 200 });
    expect(await setMinimum('acme', null)).toMatchObject({
      status: 200,
      body: { passwordMinLength: null },
    });
  });

  it('has no effect after the deployment set a higher minimum', async () => {
    await service.updateTenantItem('globex', { passwordMinLength: 8 });
    // A client sends back the value that it read.
    expect(await patchTenant('globex', { name: 'Globex', passwordMinLength: 8 })).toMatchObject({
      status: 200,
    });
    const draft = { email: 'nine@x.example', password: 'lampsorbi' };
    const answer = await service.post('/v1/users', draft, { token: adminToken('globex') });
    expect(answer.body.message).toContain('must have at least 10 characters');
  });
});
