import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import {
  tenantInput,
  authenticatedRoutes,
  requestRoute,
  addressesTenant,
} from '../../support/authenticated-routes.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { findLink, parseToken } from '../../support/scenarios/invitations.ts';
import {
  type TestResponse,
  createTestService,
  systemToken,
  userToken,
  adminToken,
  aws,
  issuer,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createTestService();
await service.putRole('acme', { slug: 'auditor', name: 'Auditor', permissions: ['tenant:read'] });
const system = systemToken('acme');
const creates = (draft: object, token = system): Promise<TestResponse> =>
  service.post('/v1/tenants', draft, { token });
const newTenant = async (more: object = {}) => (await creates(tenantInput(more))).body;
const reads = (id: string, token = system) => service.get(`/v1/tenants/${id}`, { token });
const patches = (id: string, body: object, token = system, headers = {}) =>
  service.send('PATCH', `/v1/tenants/${id}`, { token, body, headers });
const mintToken = (tenant: string, roles: string[], sub = 'somebody') =>
  issuer.mintAccessToken({ sub, tenantId: tenant, roles });

const notice = {
  create: 'Only a system administrator can create tenants.',
  read: 'Reading a tenant requires the permission tenant:read in it. Only a system administrator can read all tenants.',
  update: 'Changing a tenant requires the permission tenant:update in it.',
  fields:
    'Only a system administrator can change the origin, page URLs, sender and status of a tenant.',
  passwords:
    'Only the owner or a system administrator can change the rules for passwords set by administrators.',
  suspend: 'Only a system administrator can suspend and resume tenants.',
};
const forbidden = (text: string) => ({ status: 403, body: { code: 'forbidden', notices: [text] } });

describe('creating a tenant', () => {
  it('returns and stores it with its owner', async () => {
    const draft = tenantInput({
      origin: 'https://initech.example',
      uniqueness: 'system',
      locale: 'de-CH',
      acceptUrl: 'https://initech.example/join',
      resetUrl: 'https://initech.example/new-password',
      confirmUrl: 'https://initech.example/confirm-email',
      verifyUrl: 'https://initech.example/verify-email',
      sender: 'hello@initech.example',
      invitationDays: 3,
      passwordMinLength: 20,
      description: 'Customer since 2026',
    });
    const { status, headers, body } = await creates(draft);
    const { ownerEmail, ...settings } = draft;
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        ...settings,
        tenantId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        administratorsSetPasswords: false,
        requireOwnPassword: false,
        signInEvents: 'all',
        branding: null,
        defaultRoleId: null,
        status: 'active',
        deletion: null,
        erasure: null,
        ownerUserId: expect.stringMatching(/^cradl:user:[0-9a-f]{32}$/),
        version: 1,
        createdTime: expect.any(String),
        createdBy: 'system',
        updatedTime: null,
        updatedBy: null,
      },
    });
    expect(headers).toMatchObject({ location: `/v1/tenants/${body.tenantId}`, etag: '"1"' });
    expect((await reads(body.tenantId)).body).toEqual(body);
    const owner = await service.get(`/v1/users/${body.ownerUserId}`, {
      token: system,
      headers: { 'x-tenant-id': body.tenantId },
    });
    expect(owner.body).toMatchObject({
      email: ownerEmail,
      status: 'invite_pending',
      roleIds: ['cradl:role:admin'],
      isOwner: true,
    });
    const items = (await service.stored.all()).filter(({ tenantId: of }) => of === body.tenantId);
    const kinds = items.map(({ sk }): string => String(sk).replace(/#.*/, ''));
    expect(kinds.toSorted()).toEqual([
      'APPCLIENT',
      'CLAIM',
      'CLAIM',
      'CLAIM',
      'EMAIL',
      'SLUG',
      'TENANT',
      'USER',
    ]);
  });

  it('writes a change record with the caller and the policies', async () => {
    const { tenantId: id } = await newTenant();
    expect(await service.stored.item(keys.tenantChange(id, 1))).toMatchObject({
      action: 'create',
      by: 'system',
      policies: ['create-tenant'],
    });
  });

  it('uses its own host as the default origin', async () => {
    const { slug, origin } = await newTenant();
    expect(origin).toBe(`https://${slug}.admin.localhost`);
  });

  it('invites the owner by mail, who accepts and becomes its administrator', async () => {
    const draft = tenantInput({
      origin: 'https://initech.example',
      name: 'Initech',
      locale: 'de',
    });
    const { body: tenant } = await creates(draft);
    await service.deliverPendingMail();
    const mail = (await aws()).mailbox.mails.find(({ to }) =>
      [to].flat().includes(draft.ownerEmail),
    );
    expect(mail?.text).toContain('Initech');
    expect(findLink(mail)).toMatch(/^https:\/\/initech\.example\/accept#token=.+&locale=de$/);
    const accepted = await service.post('/v1/invitations/accept', {
      token: parseToken(findLink(mail)),
      password: 'tangled-orchard-7-lamps',
    });
    expect(accepted).toMatchObject({
      status: 200,
      body: { userId: tenant.ownerUserId, status: 'active', refusedRoleIds: [] },
    });

    const token = mintToken(tenant.tenantId, ['admin'], tenant.ownerUserId);
    expect((await service.get('/v1/users/me', { token })).body).toMatchObject({
      isOwner: true,
      emailVerified: true,
    });
    expect((await patches(tenant.tenantId, { name: 'Initech Ltd' }, token)).body.name).toBe(
      'Initech Ltd',
    );
    expect(
      (
        await service.post(
          '/v1/users',
          { email: 'jo@initech.example', roleIds: ['cradl:role:admin'] },
          { token },
        )
      ).status,
    ).toBe(201);
  });

  it.each([
    ['an administrator', adminToken('acme')],
    ['a user without roles', userToken('acme', [])],
  ])('returns 403 to %s', async (_, token) => {
    expect(await expectNoWrites(service, () => creates(tenantInput(), token))).toMatchObject(
      forbidden(notice.create),
    );
  });

  it.each<[string, object]>([
    ['slug', { slug: 'Initech' }],
    ['slug', { slug: '-initech' }],
    ['slug', { slug: 'initech-' }],
    ['slug', { slug: 'ini.tech' }],
    ['slug', { slug: '' }],
    ['slug', { slug: 'a'.repeat(64) }],
    ['slug', { slug: 'initech\n' }],
    ['slug', { slug: 'ïnitech' }],
    ['slug', { slug: 'SLUG#x' }],
    ['slug', { slug: 'www' }],
    ['slug', { slug: 'admin' }],
    ['slug', { slug: 'api' }],
    ['slug', { slug: 'system' }],
    ['slug', { slug: 'xn--nitech-4ya' }],
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(256) }],
    ['origin', { origin: 'http://initech.example' }],
    ['origin', { origin: 'https://initech.example/' }],
    ['origin', { origin: 'https://initech.example/path' }],
    ['origin', { origin: 'https://jo:secret@initech.example' }],
    ['origin', { origin: 'javascript:alert(1)' }],
    ['acceptUrl', { acceptUrl: 'https://initech.example/#join' }],
    ['resetUrl', { resetUrl: 'https://initech.example/reset?to=' }],
    ['resetUrl', { resetUrl: 'http://initech.example/reset' }],
    ['resetUrl', { resetUrl: 'https://jo:secret@initech.example/reset' }],
    ['resetUrl', { resetUrl: 'javascript:alert(1)' }],
    ['confirmUrl', { confirmUrl: 'http://initech.example/confirm' }],
    ['verifyUrl', { verifyUrl: 'http://initech.example/verify' }],
    ['confirmUrl', { confirmUrl: 'https://initech.example/confirm#token=' }],
    ['sender', { sender: 'Initech <hello@initech.example>' }],
    ['locale', { locale: 'it' }],
    ['invitationDays', { invitationDays: 31 }],
    ['invitationDays', { invitationDays: 1.5 }],
    ['uniqueness', { uniqueness: 'none' }],
    ['ownerEmail', { ownerEmail: 'nobody' }],
    ['status', { status: 'suspended' }],
    ['tenantId', { tenantId: tenantId.acme }],
    ['ownerUserId', { ownerUserId: 'cradl:user:1' }],
  ])('returns 400 for an invalid %s: %j', async (path, wrong) => {
    const answer = await expectNoWrites(service, () => creates(tenantInput(wrong)));
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path }] } },
    });
  });
});

describe('creating a tenant is atomic', () => {
  it('for a used slug, which returns 409 and invites no owner', async () => {
    const { slug } = await newTenant();
    const answer = await expectNoWrites(service, () => creates(tenantInput({ slug })));
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'slug_taken', details: { field: 'slug' } },
    });
  });

  it('for 50 concurrent creates with one slug: one succeeds [K01]', async () => {
    const slug = 'wanted-by-many';
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => creates({ ...tenantInput(), slug })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201))
      expect([status, body.code, body.details.field]).toEqual([409, 'slug_taken', 'slug']);
    const [winner] = answers.filter(({ status }) => status === 201);
    const tenants = (await service.stored.all()).filter(
      ({ sk, name }) => sk === 'TENANT' && name === 'Initech',
    );
    expect(tenants.filter((tenant) => tenant['slug'] === slug)).toMatchObject([
      { tenantId: winner?.body.tenantId },
    ]);
  });

  it('for an owner email that is used in the shared space, which creates no tenant', async () => {
    await service.post('/v1/users', { email: 'taken@x.example' }, { token: adminToken('north') });
    const draft = tenantInput({ ownerEmail: 'Taken@X.example' });
    const answer = await expectNoWrites(service, () => creates({ ...draft, uniqueness: 'system' }));
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'user_exists', details: { field: 'ownerEmail' } },
    });
    expect((await creates(draft)).status).toBe(201);
    const { tenantId: id } = await newTenant({
      uniqueness: 'system',
      ownerEmail: 'first@x.example',
    });
    expect(
      (
        await service.post(
          '/v1/users',
          { email: 'first@x.example' },
          { token: adminToken('south') },
        )
      ).status,
    ).toBe(409);
    expect((await reads(id)).status).toBe(200);
  });

  it('for 20 concurrent creates with one owner email in the shared space: one succeeds', async () => {
    const fields = { ownerEmail: 'wanted@x.example', uniqueness: 'system' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => creates(tenantInput(fields))),
    );
    expect(answers.map(({ status }) => status).filter((status) => status !== 409)).toEqual([201]);
    const ids = (await service.stored.all()).filter(
      ({ sk, email }) => sk === 'USER' && email === 'wanted@x.example',
    );
    expect(ids).toHaveLength(1);
  });
});

describe('listing tenants', () => {
  it('returns each once, ordered by slug', async () => {
    for (let n = 0; n < 3; n++) await newTenant();
    const slugs: string[] = [];
    let next: string | null = null;
    do {
      const more: string = next === null ? '' : `&nextToken=${next}`;
      const { status, body } = await service.get(`/v1/tenants?maxResults=3${more}`, {
        token: system,
      });
      expect(status).toBe(200);
      expect(body.tenants.length).toBeLessThanOrEqual(3);
      slugs.push(...body.tenants.map(({ slug }: { slug: string }) => slug));
      next = body.nextToken;
    } while (next !== null);
    const all = (await service.stored.all())
      .filter(({ sk }) => sk === 'TENANT')
      .map((tenant) => String(tenant['slug']));
    expect(slugs).toEqual(all.toSorted());
    expect(slugs).toContain('acme');
  });

  describe('with a cursor [J16]', () => {
    const jitsudo = '/jitsudo/v1/tenants';
    const headers = { 'x-tenant-id': tenantId.acme };
    const goesOn = (
      cursor: string,
      { path = '/v1/tenants', parameter = 'nextToken', token = system } = {},
    ) => service.get(`${path}?${parameter}=${encodeURIComponent(cursor)}`, { token, headers });
    const firstPage = async () =>
      (await service.get('/v1/tenants?maxResults=2', { token: system })).body;
    const refusal = (path = 'nextToken') => ({
      status: 400,
      body: {
        code: 'invalid_input',
        details: {
          issues: [
            { path, message: 'must be a cursor that this list returned in the last 30 days' },
          ],
        },
      },
    });

    it('continues for any system administrator in any tenant', async () => {
      const { tenants, nextToken } = await firstPage();
      const rest = (await goesOn(nextToken)).body.tenants;
      expect(rest[0].slug > tenants[1].slug).toBe(true);
      for (const token of [systemToken(), systemToken('globex')]) {
        const answer = await service.get(`/v1/tenants?nextToken=${nextToken}`, {
          token,
          headers: { 'x-tenant-id': tenantId.globex },
        });
        expect(answer.body.tenants).toEqual(rest);
      }
    });

    it.each<[string, (cursor: string) => string]>([
      ['modified', (cursor) => `${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`],
      [
        'sealed differently',
        (cursor) => `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BA' : 'AA'}`,
      ],
      ['truncated', (cursor) => cursor.slice(0, -1)],
      ['extended', (cursor) => `${cursor}A`],
      ['a forged slug', () => Buffer.from('acme').toString('base64url')],
      [
        'forged with the seal of another cursor',
        (cursor) =>
          `${Buffer.from('["acme",9999999999999]').toString('base64url')}.${cursor.split('.')[1]}`,
      ],
      ['a NUL', () => '\u0000'],
    ])('returns 400 if it is %s', async (_, change) => {
      expect(await goesOn(change((await firstPage()).nextToken))).toMatchObject(refusal());
    });

    it('returns 400 if it belongs to another list or dialect', async () => {
      const { nextToken } = await firstPage();
      const { nextToken: ofRoles } = (
        await service.get('/v1/roles?maxResults=1', { token: system })
      ).body;
      expect(await goesOn(ofRoles)).toMatchObject(refusal());
      for (const path of ['/v1/roles', '/v1/app-clients', '/v1/users', '/cradl/v1/organizations']) {
        expect(await goesOn(nextToken, { path }), path).toMatchObject(refusal());
      }
      expect(await goesOn(nextToken, { path: jitsudo, parameter: 'cursor' })).toMatchObject(
        refusal('cursor'),
      );
    });
  });

  it('returns 403 to an administrator of one tenant', async () => {
    expect(await service.get('/v1/tenants', { token: adminToken('acme') })).toMatchObject(
      forbidden(notice.read),
    );
  });
});

describe('reading a tenant [T05]', () => {
  it('requires tenant:read in it, and returns 404 for every other tenant', async () => {
    const { tenantId: other } = await newTenant();
    for (const token of [adminToken('acme'), userToken('acme', ['auditor'])]) {
      expect(await reads(tenantId.acme, token)).toMatchObject({
        status: 200,
        body: { slug: 'acme', ownerUserId: null },
      });
      expect((await reads(tenantId.acme.toUpperCase(), token)).status).toBe(200);
      const answers = [
        other,
        tenantId.globex,
        '11111111-1111-4111-8111-111111111111',
        'acme',
        'current',
      ].map((id) => reads(id, token));
      const summaries = (await Promise.all(answers)).map(({ status, body }) => ({
        status,
        code: body.code,
        message: body.message,
      }));
      expect(new Set(summaries.map((each) => JSON.stringify(each)))).toEqual(
        new Set([
          JSON.stringify({ status: 404, code: 'not_found', message: 'The tenant does not exist' }),
        ]),
      );
    }
    expect(await reads(tenantId.acme, userToken('acme', ['user']))).toMatchObject(
      forbidden(notice.read),
    );
    expect(await reads(other, userToken('acme', ['user']))).toMatchObject(forbidden(notice.read));
  });

  it('succeeds for system administrators of any tenant', async () => {
    const { tenantId: other } = await newTenant();
    const atLarge = systemToken();
    for (const id of [other, tenantId.acme, tenantId.globex]) {
      expect((await reads(id)).body.tenantId).toBe(id);
      expect((await reads(id, atLarge)).body.tenantId).toBe(id);
      const request = { token: atLarge, headers: { 'x-tenant-id': tenantId.globex } };
      expect((await service.get(`/v1/tenants/${id}`, request)).body.tenantId).toBe(id);
    }
    expect((await reads('11111111-1111-4111-8111-111111111111')).status).toBe(404);
    expect((await reads('acme')).status).toBe(404);
  });
});

describe('updating a tenant', () => {
  it.each<[string, object, string | undefined]>([
    ['its name', { name: 'Other' }, undefined],
    ['its locale', { locale: 'de' }, undefined],
    ['the lifetime of its invitations', { invitationDays: 3 }, undefined],
    ['the minimum length of its passwords', { passwordMinLength: 20 }, undefined],
    ['its recorded sign-ins', { signInEvents: 'successes' }, undefined],
    ['its origin', { origin: 'https://evil.example' }, notice.fields],
    ['its invitation page', { acceptUrl: 'https://evil.example/accept' }, notice.fields],
    ['no invitation page', { acceptUrl: null }, notice.fields],
    ['its reset page', { resetUrl: 'https://evil.example/reset' }, notice.fields],
    ['no reset page', { resetUrl: null }, notice.fields],
    ['its confirmation page', { confirmUrl: 'https://evil.example/confirm' }, notice.fields],
    ['no confirmation page', { confirmUrl: null }, notice.fields],
    ['its verification page', { verifyUrl: 'https://evil.example/verify' }, notice.fields],
    ['no verification page', { verifyUrl: null }, notice.fields],
    ['its sender', { sender: 'other@acme.example' }, notice.fields],
    ['its status', { status: 'suspended' }, notice.fields],
    ['passwords set by administrators', { administratorsSetPasswords: true }, notice.passwords],
    ['roles with passwords set by others', { requireOwnPassword: false }, notice.passwords],
    [
      'its name and passwords set by administrators',
      { name: 'Other', administratorsSetPasswords: false },
      notice.passwords,
    ],
    ['its name and origin', { name: 'Other', origin: 'https://evil.example' }, notice.fields],
  ])('as its administrator is limited to some fields: %s', async (_, body, expectedNotice) => {
    const { tenantId: id } = await newTenant();
    const admin = mintToken(id, ['admin']);
    const answer =
      expectedNotice === undefined
        ? await patches(id, body, admin)
        : await expectNoWrites(service, () => patches(id, body, admin));
    expect(answer).toMatchObject(
      expectedNotice === undefined
        ? { status: 200, body: { ...body, version: 2, updatedBy: 'somebody' } }
        : forbidden(expectedNotice),
    );
    const unprivileged = await expectNoWrites(service, () =>
      patches(id, body, mintToken(id, ['user'])),
    );
    expect(unprivileged).toMatchObject(forbidden(notice.update));
    expect(await patches(id, body)).toMatchObject({ status: 200, body });
    expect((await reads(id)).body).toMatchObject(body);
  });

  const domains =
    'an ASCII address at initech.example, an ASCII address at acme.example, or an ASCII address at xn--bcher-kva.example';
  const senders = `must be roster@example.com, hello@one.example, ${domains}: this deployment sends mails from no other address`;
  it.each([
    'hello@umbrella.example',
    'hello@mail.initech.example',
    'hello@notinitech.example',
    'other@one.example',
    'zoë@acme.example',
  ])('returns 400 for a sender that SES would reject, as does a create: %s', async (sender) => {
    const { tenantId: id } = await newTenant();
    const invalidSender = {
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: 'sender', message: senders }] } },
    };
    expect(
      await expectNoWrites(service, () => patches(id, { name: 'Other', sender })),
    ).toMatchObject(invalidSender);
    expect(await expectNoWrites(service, () => creates(tenantInput({ sender })))).toMatchObject(
      invalidSender,
    );
    expect(
      await expectNoWrites(service, () => patches(id, { sender }, mintToken(id, ['admin']))),
    ).toMatchObject({ status: 403 });
  });

  it.each([
    'hello@one.example',
    'Hello@ACME.example',
    'roster@example.com',
    'hello@bücher.example',
  ])('accepts a sender of the deployment: %s', async (sender) => {
    const { tenantId: id } = await newTenant({ sender });
    expect(await patches(id, { sender: null })).toMatchObject({
      status: 200,
      body: { sender: null },
    });
    expect(await patches(id, { sender })).toMatchObject({ status: 200, body: { sender } });
  });

  it('keeps a sender that is no longer configured', async () => {
    const { tenantId: id } = await newTenant();
    await service.stored.put({
      ...(await service.stored.item(keys.tenant(id))),
      sender: 'old@umbrella.example',
    });
    expect(await patches(id, { name: 'Other', sender: 'old@umbrella.example' })).toMatchObject({
      status: 200,
      body: { name: 'Other' },
    });
  });

  it('returns 404 to an administrator of another tenant', async () => {
    const { tenantId: id } = await newTenant();
    expect(
      await expectNoWrites(service, () => patches(id, { name: 'X' }, adminToken('acme'))),
    ).toMatchObject({ status: 404 });
  });

  it('restores the defaults of the deployment with null', async () => {
    const own = {
      acceptUrl: 'https://x.example/join',
      resetUrl: 'https://x.example/new',
      confirmUrl: 'https://x.example/confirm-email',
      verifyUrl: 'https://x.example/verify-email',
      sender: 'a@acme.example',
      invitationDays: 2,
      passwordMinLength: 20,
    };
    const { tenantId: id } = await newTenant(own);
    const none = {
      acceptUrl: null,
      resetUrl: null,
      confirmUrl: null,
      verifyUrl: null,
      sender: null,
      invitationDays: null,
      passwordMinLength: null,
    };
    expect(await patches(id, none)).toMatchObject({ status: 200, body: none });
    const item = await service.stored.item(keys.tenant(id));
    for (const field of Object.keys(none)) expect(item).not.toHaveProperty(field);
    const record = await service.stored.item(keys.tenantChange(id, 2));
    expect({ action: record?.['action'], before: JSON.parse(record?.['before']) }).toEqual({
      action: 'update',
      before: own,
    });
  });

  it.each([
    {},
    { slug: 'other' },
    { uniqueness: 'system' },
    { ownerUserId: 'cradl:user:1' },
    { name: null },
    { origin: null },
    { status: 'deleted' },
  ])('returns 400 for %j', async (body) => {
    const answer = await expectNoWrites(service, () => patches(tenantId.globex, body));
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });

  it('returns 412 if it changed after the version in If-Match', async () => {
    const { tenantId: id } = await newTenant();
    const answers = await Promise.all(
      ['A', 'B', 'C'].map((name) => patches(id, { name }, system, { 'if-match': '"1"' })),
    );
    expect(answers.map(({ status }) => String(status)).toSorted()).toEqual(['200', '412', '412']);
    expect((await patches(id, { name: 'D' }, system, { 'if-match': '"2"' })).headers['etag']).toBe(
      '"3"',
    );
    expect((await patches(id, { name: 'D' })).body.version).toBe(3);
  });

  it('keeps 10 concurrent changes', async () => {
    const { tenantId: id } = await newTenant();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => patches(id, { invitationDays: n + 1 })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(answers.map(({ body }) => body.version).toSorted((a, b) => a - b)).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
  });
});

describe('suspending a tenant [T09 T10]', () => {
  it('requires a system administrator', async () => {
    for (const move of ['suspend', 'resume']) {
      const answer = await expectNoWrites(service, () =>
        service.post(`/v1/tenants/${tenantId.acme}/${move}`, undefined, {
          token: adminToken('acme'),
        }),
      );
      expect(answer).toMatchObject(forbidden(notice.suspend));
    }
  });

  it('blocks every route within 30 s, except reading and resuming it as a system administrator', async () => {
    const clock = createTestClock();
    const separateService = await createTestService({ now: clock.now });
    const path = `/v1/tenants/${tenantId.acme}`;
    const admin = clock.aTokenOf('acme', ['admin']);
    const otherSystemAdmin = systemToken('globex');
    const ownSystemAdmin = systemToken('acme');
    expect((await separateService.get(path, { token: admin })).status).toBe(200);
    expect((await separateService.get('/v1/users', { token: admin })).status).toBe(200);

    expect(
      await separateService.post(`${path}/suspend`, undefined, { token: otherSystemAdmin }),
    ).toMatchObject({
      status: 200,
      body: { status: 'suspended', version: 2 },
    });
    expect(
      await separateService.post(`${path}/suspend`, undefined, { token: otherSystemAdmin }),
    ).toMatchObject({
      status: 409,
      body: {
        code: 'invalid_transition',
        details: { status: 'suspended', allowed: ['resume', 'delete'] },
      },
    });
    clock.advanceBy(30_000);
    await expectNoWrites(separateService, async () => {
      for (const route of authenticatedRoutes) {
        const answer = await requestRoute(separateService, route, { token: admin });
        expect(answer, route.route).toMatchObject({
          status: 403,
          body: { code: 'tenant_suspended', message: 'This tenant is suspended' },
        });
        if (!addressesTenant(route))
          expect(
            (await requestRoute(separateService, route, { token: ownSystemAdmin })).status,
            route.route,
          ).toBe(403);
      }
    });

    expect((await separateService.get(path, { token: ownSystemAdmin })).body.status).toBe(
      'suspended',
    );
    expect(
      (
        await separateService.send('PATCH', path, {
          token: otherSystemAdmin,
          body: { name: 'Acme Ltd' },
        })
      ).status,
    ).toBe(200);
    expect(
      await separateService.post(`${path}/resume`, undefined, { token: ownSystemAdmin }),
    ).toMatchObject({
      status: 200,
      body: { status: 'active', name: 'Acme Ltd' },
    });
    expect(
      await separateService.post(`${path}/resume`, undefined, { token: otherSystemAdmin }),
    ).toMatchObject({
      status: 409,
      body: { details: { status: 'active' } },
    });
    clock.advanceBy(30_000);
    expect((await separateService.get('/v1/users', { token: admin })).status).toBe(200);
  });
});
