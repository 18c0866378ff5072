import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { aClientIn, calls, recordsOf, secretsOf } from '../../support/scenarios/app-clients.ts';
import { aClock } from '../../support/scenarios/user-states.ts';
import { aService, anAdminOf, issuer, tenantId } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const clock = aClock();
const service = await aService({ now: clock.now });
const token = anAdminOf('acme');
const creates = (body: object, headers = {}) =>
  service.posts('/v1/app-clients', body, { token, headers });
const second = 1000;

describe('an app client is made', () => {
  it('with ids that nobody had before, and a secret of which only a hash is kept', async () => {
    const { status, headers, body } = await creates({
      name: 'Nightly import',
      roleIds: ['cradl:role:user', 'cradl:role:user'],
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      appClientId: expect.stringMatching(/^cradl:app-client:[0-9a-f]{32}$/),
      clientId: expect.stringMatching(/^[0-9a-f]{32}$/),
      secret: expect.stringMatching(new RegExp(`^roster_${body.clientId}_[A-Za-z0-9_-]{43}$`)),
      roleIds: ['cradl:role:user'],
      hasSecret: true,
      status: 'active',
      createdBy: 'admin-of-acme',
      version: 1,
    });
    expect(headers).toMatchObject({ location: `/v1/app-clients/${body.appClientId}`, etag: '"1"' });
    expect(await secretsOf(service, body)).toMatchObject([
      {
        secretId: body.secrets[0].secretId,
        hash: createHash('sha256').update(body.secret).digest('hex'),
      },
    ]);
    const { secret: _, ...shown } = body;
    const read = await calls(service, 'GET', body);
    expect(read.body).toEqual(shown);
    expect(read.headers['etag']).toBe('"1"');
  });

  it('of two, nothing is the same', async () => {
    const [one, other] = [await aClientIn(service, 'acme'), await aClientIn(service, 'acme')];
    expect(
      new Set(
        [one, other].flatMap(({ appClientId, clientId, secret }) => [
          appClientId,
          clientId,
          secret,
        ]),
      ),
    ).toHaveProperty('size', 6);
    const random = (secret: string) => secret.slice(-43);
    expect(random(one.secret)).not.toBe(random(other.secret));
  });

  it('and its client id is its own in the whole deployment', async () => {
    const { appClientId, clientId } = await aClientIn(service, 'acme');
    const claim = await service.stored.item(keys.clientIdClaim(clientId));
    expect(claim).toMatchObject({
      tenantId: tenantId.acme,
      appClientId: appClientId.split(':')[2],
    });
  });

  it('without a secret, if it shall have none', async () => {
    const { body } = await creates({ generateSecret: false });
    expect(body).toMatchObject({ secret: null, hasSecret: false, secrets: [] });
    expect(await secretsOf(service, body)).toEqual([]);
  });

  it('R01, T08: with nothing that it is not for the caller to say', async () => {
    for (const field of [
      'tenantId',
      'appClientId',
      'clientId',
      'secret',
      'clientSecret',
      'systemAdministrator',
      'version',
      'revoked',
    ]) {
      const answer = await withoutEffect(service, () => creates({ [field]: tenantId.globex }));
      expect({ field, status: answer.status, code: answer.body.code }).toEqual({
        field,
        status: 400,
        code: 'invalid_input',
      });
    }
  });

  it.each([
    ['a moment ago', () => new Date(clock.now().getTime() - second).toISOString(), 'expiresTime'],
    ['a day without a time', () => '2027-01-01', 'expiresTime'],
    ['a day that there is not', () => '2027-02-30T00:00:00Z', 'expiresTime'],
    ['at the end of all times', () => '9999-12-31T23:59:59-23:00', 'expiresTime'],
  ])('to end at a time that is ahead: not %s', async (_, expiresTime, path) => {
    const answer = await withoutEffect(service, () => creates({ expiresTime: expiresTime() }));
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path }] } },
    });
  });

  it('and is nobody from the moment on at which it ends', async () => {
    const expiresTime = new Date(clock.now().getTime() + 60 * second).toISOString();
    const made = await aClientIn(service, 'acme', { expiresTime });
    const body = { email: 'jo@example.com', appClientId: made.appClientId };
    expect((await calls(service, 'GET', made)).body).toMatchObject({
      status: 'active',
      expiresTime,
    });
    clock.leaps(60 * second);
    expect((await calls(service, 'GET', made)).body).toMatchObject({ status: 'expired' });
    const refused = await withoutEffect(service, () => service.posts('/v1/users', body, { token }));
    expect(refused).toMatchObject({ status: 422, body: { code: 'invalid_app_client' } });
  });
});

describe('T05, T06, T07: what belongs to another tenant is not there', () => {
  it('neither its app clients', async () => {
    const [own, other] = [await aClientIn(service, 'acme'), await aClientIn(service, 'globex')];
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { name: 'Mine now' }],
      ['DELETE', ''],
      ['POST', '/revoke'],
      ['POST', '/secrets', {}],
      ['DELETE', `/secrets/${other.secrets[0]?.secretId}`],
    ] as const) {
      const sent = body ? { body } : {};
      const answer = await withoutEffect(service, () => calls(service, method, other, path, sent));
      const unknown = await calls(
        service,
        method,
        { appClientId: 'cradl:app-client:nobody' },
        path,
        sent,
      );
      expect(answer).toMatchObject({
        status: 404,
        body: { code: 'not_found', message: unknown.body.message },
      });
    }
    const { body } = await service.gets('/v1/app-clients?maxResults=100', { token });
    const ids = body.appClients.map(({ appClientId }: { appClientId: string }) => appClientId);
    expect(ids).toContain(own.appClientId);
    expect(ids).not.toContain(other.appClientId);
  });

  it('nor its secrets, under an app client of ones own', async () => {
    const [own, other] = [await aClientIn(service, 'acme'), await aClientIn(service, 'globex')];
    const path = `/secrets/${other.secrets[0]?.secretId}`;
    expect((await withoutEffect(service, () => calls(service, 'DELETE', own, path))).status).toBe(
      404,
    );
  });

  it('nor its roles, which are as unknown as those of nobody', async () => {
    await service.hasRole('globex', { slug: 'auditor', name: 'Auditor', permissions: [] });
    const made = await aClientIn(service, 'acme');
    for (const role of ['auditor', 'no-such-role']) {
      const roleIds = [`cradl:role:${role}`];
      for (const asks of [
        () => creates({ roleIds }),
        () => calls(service, 'PATCH', made, '', { body: { roleIds } }),
      ]) {
        expect(await withoutEffect(service, asks)).toMatchObject({
          status: 422,
          body: {
            code: 'invalid_roles',
            details: {
              field: 'roleIds',
              issues: [{ path: 'roleIds.0', message: 'must be a role of this tenant' }],
            },
          },
        });
      }
    }
  });

  it.each([
    'APPCLIENT#x',
    'cradl:app-client:',
    'cradl:user:x',
    `cradl:app-client:${'a'.repeat(2000)}`,
    'cradl:app-client:A',
    'default',
    '..%2F',
  ])('T04: and nobody is called %s', async (name) => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await calls(service, method, { appClientId: encodeURIComponent(name) });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });
});

describe('an app client is changed', () => {
  it('in what the change names, and in nothing else; null takes a value away', async () => {
    const made = await aClientIn(service, 'acme', {
      description: 'Every night',
      loginUrls: ['https://app.example.com/login'],
    });
    const body = {
      name: null,
      roleIds: ['cradl:role:user'],
      callbackUrls: ['http://localhost:3000/callback'],
    };
    const changed = await calls(service, 'PATCH', made, '', { body });
    expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    const { secret: _, ...before } = made;
    const after = {
      ...before,
      ...body,
      version: 2,
      updatedBy: 'admin-of-acme',
      updatedTime: expect.any(String),
    };
    expect(changed.body).toEqual(after);
    expect((await calls(service, 'GET', made)).body).toEqual(after);
    expect(await recordsOf(service, made)).toMatchObject([
      {
        version: 1,
        action: 'create',
        by: 'admin-of-acme',
        policies: ['write-app-client'],
        before: '{}',
      },
      { version: 2, action: 'update', before: expect.stringContaining('"roles":[]') },
    ]);
  });

  it('K14: not in another version than the one that is meant', async () => {
    const made = await aClientIn(service, 'acme');
    await calls(service, 'PATCH', made, '', {
      body: { name: 'Other' },
      headers: { 'if-match': '"1"' },
    });
    for (const [method, path, body] of [
      ['PATCH', '', { name: 'Third' }],
      ['DELETE', ''],
      ['POST', '/revoke'],
      ['POST', '/secrets', {}],
      ['DELETE', `/secrets/${made.secrets[0]?.secretId}`],
    ] as const) {
      const sent = { ...(body && { body }), headers: { 'if-match': '"1"' } };
      const answer = await withoutEffect(service, () => calls(service, method, made, path, sent));
      expect(answer).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed', details: { version: 2 } },
      });
    }
  });

  it('a change that changes nothing leaves no trace, and one that names nothing is none', async () => {
    const made = await aClientIn(service, 'acme');
    const same = await withoutEffect(service, () =>
      calls(service, 'PATCH', made, '', { body: { name: 'Nightly import' } }),
    );
    expect(same).toMatchObject({ status: 200, body: { version: 1 } });
    expect((await calls(service, 'PATCH', made, '', { body: {} })).status).toBe(400);
  });

  it('K15: of ten changes at once none is lost', async () => {
    const made = await aClientIn(service, 'acme');
    const fields = ['name', 'description', 'defaultLoginUrl'] as const;
    const values = { name: 'A', description: 'B', defaultLoginUrl: 'https://c.example.com' };
    const answers = await Promise.all(
      fields.map((field) =>
        calls(service, 'PATCH', made, '', { body: { [field]: values[field] } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await calls(service, 'GET', made)).body).toMatchObject({ ...values, version: 4 });
  });
});

describe('an app client is revoked for good', () => {
  it.each([
    ['POST', '/revoke', 200],
    ['DELETE', '', 204],
  ] as const)(
    'by %s %s: it has no secret, new users cannot name it, and nothing becomes of it any more',
    async (method, path, status) => {
      const made = await aClientIn(service, 'acme');
      const body = (email: string) => ({ email, appClientId: made.appClientId });
      expect(
        (await service.posts('/v1/users', body(`${made.clientId}@example.com`), { token })).status,
      ).toBe(201);
      expect((await calls(service, method, made, path)).status).toBe(status);

      const revoked = (await calls(service, 'GET', made)).body;
      expect(revoked).toMatchObject({
        status: 'revoked',
        revokedBy: 'admin-of-acme',
        hasSecret: false,
        secrets: [],
        version: 2,
      });
      expect(await secretsOf(service, made)).toEqual([]);
      expect(
        await service.stored.item(keys.clientIdClaim(made.clientId)),
        'the client id stays taken',
      ).toBeDefined();
      clock.leaps(30 * second);
      expect(
        await withoutEffect(service, () =>
          service.posts('/v1/users', body('jo@example.com'), { token }),
        ),
      ).toMatchObject({
        status: 422,
        body: { code: 'invalid_app_client', details: { field: 'appClientId' } },
      });

      for (const asks of [
        () =>
          calls(service, 'PATCH', made, '', { body: { name: 'Back again', expiresTime: null } }),
        () => calls(service, 'POST', made, '/secrets', { body: {} }),
      ]) {
        expect(await withoutEffect(service, asks)).toMatchObject({
          status: 409,
          body: { code: 'app_client_revoked' },
        });
      }
      // Again, it is what it was.
      expect((await withoutEffect(service, () => calls(service, method, made, path))).status).toBe(
        status,
      );
      expect((await calls(service, 'GET', made)).body).toEqual(revoked);
    },
  );

  it('but never by itself', async () => {
    const made = await aClientIn(service, 'acme', { roleIds: ['cradl:role:admin'] });
    const own = { token: undefined, headers: { 'x-api-key': made.secret } };
    // That it has been used is noted with the first call.
    expect((await calls(service, 'GET', made, '', own)).status).toBe(200);
    for (const [method, target, headers] of [
      ['DELETE', `/v1/app-clients/${made.appClientId}`],
      ['POST', `/v1/app-clients/${made.appClientId}/revoke`],
      ['DELETE', `/cradl/v1/appClients/${made.appClientId}`],
      ['DELETE', `/cradl/v1/appClients/${made.appClientId.replace('cradl', 'las')}`],
      [
        'DELETE',
        `/jitsudo/v1/api-keys/${made.appClientId.split(':')[2]}`,
        { 'x-tenant-id': tenantId.acme },
      ],
    ] as const) {
      const answer = await withoutEffect(service, () =>
        service.send(method, target, { headers: { ...own.headers, ...headers } }),
      );
      expect(answer).toMatchObject({ status: 409, body: { code: 'self_protected' } });
    }
    const another = await aClientIn(service, 'acme');
    expect((await calls(service, 'DELETE', another, '', own)).status).toBe(204);
    // It may get a new secret, and may not do without any.
    const { status, body } = await calls(service, 'POST', made, '/secrets', {
      body: { overlapSeconds: 0 },
      ...own,
    });
    expect(status).toBe(201);
    const [left] = await secretsOf(service, made);
    const renewed = { ...own, headers: { 'x-api-key': body.secret } };
    expect(
      (
        await withoutEffect(service, () =>
          calls(service, 'DELETE', made, `/secrets/${left?.['secretId']}`, renewed),
        )
      ).status,
    ).toBe(409);
    expect((await calls(service, 'DELETE', made, `/secrets/${left?.['secretId']}`)).status).toBe(
      204,
    );
  });

  it('also by whom another issuer calls what the app client is called here, who is somebody else', async () => {
    const made = await aClientIn(service, 'acme');
    const namesake = issuer.mintAccessToken({
      sub: made.appClientId,
      tenantId: tenantId.acme,
      roles: ['admin'],
    });
    expect((await calls(service, 'DELETE', made, '', { token: namesake })).status).toBe(204);
  });
});

describe('the app client that every tenant begins with', () => {
  it('has ids like all others, and no secret', async () => {
    const { body } = await service.gets('/v1/app-clients/cradl:app-client:default', { token });
    expect(body).toMatchObject({
      clientId: expect.stringMatching(/^[0-9a-f]{32}$/),
      hasSecret: false,
      roleIds: [],
      status: 'active',
      version: 1,
    });
    expect(await service.stored.item(keys.clientIdClaim(body.clientId))).toMatchObject({
      tenantId: tenantId.acme,
      appClientId: 'default',
    });
  });
});
