import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import {
  createAppClient,
  requestAppClient,
  listChangeRecords,
  listSecrets,
} from '../../support/scenarios/app-clients.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTestService, adminToken, issuer, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
const token = adminToken('acme');
const creates = (body: object, headers = {}) =>
  service.post('/v1/app-clients', body, { token, headers });
const second = 1000;

describe('creating an app client', () => {
  it('returns its IDs and its secret, and stores only a hash', async () => {
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
    expect(await listSecrets(service, body)).toMatchObject([
      {
        secretId: body.secrets[0].secretId,
        hash: createHash('sha256').update(body.secret).digest('hex'),
      },
    ]);
    const { secret: _, ...shown } = body;
    const read = await requestAppClient(service, 'GET', body);
    expect(read.body).toEqual(shown);
    expect(read.headers['etag']).toBe('"1"');
  });

  it('generates unique IDs and secrets', async () => {
    const [one, other] = [
      await createAppClient(service, 'acme'),
      await createAppClient(service, 'acme'),
    ];
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

  it('reserves its client ID in the whole deployment', async () => {
    const { appClientId, clientId } = await createAppClient(service, 'acme');
    const claim = await service.stored.item(keys.clientIdClaim(clientId));
    expect(claim).toMatchObject({
      tenantId: tenantId.acme,
      appClientId: appClientId.split(':')[2],
    });
  });

  it('creates no secret if generateSecret is false', async () => {
    const { body } = await creates({ generateSecret: false });
    expect(body).toMatchObject({ secret: null, hasSecret: false, secrets: [] });
    expect(await listSecrets(service, body)).toEqual([]);
  });

  it('returns 400 for fields that the service sets [R01 T08]', async () => {
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
      const answer = await expectNoWrites(service, () => creates({ [field]: tenantId.globex }));
      expect({ field, status: answer.status, code: answer.body.code }).toEqual({
        field,
        status: 400,
        code: 'invalid_input',
      });
    }
  });

  it.each([
    ['in the past', () => new Date(clock.now().getTime() - second).toISOString(), 'expiresTime'],
    ['a date without a time', () => '2027-01-01', 'expiresTime'],
    ['not in the calendar', () => '2027-02-30T00:00:00Z', 'expiresTime'],
    ['after the year 9999', () => '9999-12-31T23:59:59-23:00', 'expiresTime'],
  ])('returns 400 for an expiresTime that is %s', async (_, expiresTime, path) => {
    const answer = await expectNoWrites(service, () => creates({ expiresTime: expiresTime() }));
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path }] } },
    });
  });

  it('sets an expiresTime, from which the app client is rejected', async () => {
    const expiresTime = new Date(clock.now().getTime() + 60 * second).toISOString();
    const appClient = await createAppClient(service, 'acme', { expiresTime });
    const body = { email: 'jo@example.com', appClientId: appClient.appClientId };
    expect((await requestAppClient(service, 'GET', appClient)).body).toMatchObject({
      status: 'active',
      expiresTime,
    });
    clock.advanceBy(60 * second);
    expect((await requestAppClient(service, 'GET', appClient)).body).toMatchObject({
      status: 'expired',
    });
    const response = await expectNoWrites(service, () =>
      service.post('/v1/users', body, { token }),
    );
    expect(response).toMatchObject({ status: 422, body: { code: 'invalid_app_client' } });
  });
});

describe('resources of another tenant [T05 T06 T07]', () => {
  it('include app clients, which return 404 and are not listed', async () => {
    const [own, other] = [
      await createAppClient(service, 'acme'),
      await createAppClient(service, 'globex'),
    ];
    for (const [method, path, body] of [
      ['GET', ''],
      ['PATCH', '', { name: 'Mine now' }],
      ['DELETE', ''],
      ['POST', '/revoke'],
      ['POST', '/secrets', {}],
      ['DELETE', `/secrets/${other.secrets[0]?.secretId}`],
    ] as const) {
      const sent = body ? { body } : {};
      const answer = await expectNoWrites(service, () =>
        requestAppClient(service, method, other, path, sent),
      );
      const unknown = await requestAppClient(
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
    const { body } = await service.get('/v1/app-clients?maxResults=100', { token });
    const ids = body.appClients.map(({ appClientId }: { appClientId: string }) => appClientId);
    expect(ids).toContain(own.appClientId);
    expect(ids).not.toContain(other.appClientId);
  });

  it('include secrets, which return 404 under another app client', async () => {
    const [own, other] = [
      await createAppClient(service, 'acme'),
      await createAppClient(service, 'globex'),
    ];
    const path = `/secrets/${other.secrets[0]?.secretId}`;
    expect(
      (await expectNoWrites(service, () => requestAppClient(service, 'DELETE', own, path))).status,
    ).toBe(404);
  });

  it('include roles, which return the same 422 as unknown roles', async () => {
    await service.putRole('globex', { slug: 'auditor', name: 'Auditor', permissions: [] });
    const appClient = await createAppClient(service, 'acme');
    for (const role of ['auditor', 'no-such-role']) {
      const roleIds = [`cradl:role:${role}`];
      for (const asks of [
        () => creates({ roleIds }),
        () => requestAppClient(service, 'PATCH', appClient, '', { body: { roleIds } }),
      ]) {
        expect(await expectNoWrites(service, asks)).toMatchObject({
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
  ])('return 404, like the invalid app client ID %s [T04]', async (name) => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await requestAppClient(service, method, {
        appClientId: encodeURIComponent(name),
      });
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });
});

describe('updating an app client', () => {
  it('changes only the given fields, and null removes a value', async () => {
    const appClient = await createAppClient(service, 'acme', {
      description: 'Every night',
      loginUrls: ['https://app.example.com/login'],
    });
    const body = {
      name: null,
      roleIds: ['cradl:role:user'],
      callbackUrls: ['http://localhost:3000/callback'],
    };
    const changed = await requestAppClient(service, 'PATCH', appClient, '', { body });
    expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    const { secret: _, ...before } = appClient;
    const after = {
      ...before,
      ...body,
      version: 2,
      updatedBy: 'admin-of-acme',
      updatedTime: expect.any(String),
    };
    expect(changed.body).toEqual(after);
    expect((await requestAppClient(service, 'GET', appClient)).body).toEqual(after);
    expect(await listChangeRecords(service, appClient)).toMatchObject([
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

  it('returns 412 if it changed after the version in If-Match [K14]', async () => {
    const appClient = await createAppClient(service, 'acme');
    await requestAppClient(service, 'PATCH', appClient, '', {
      body: { name: 'Other' },
      headers: { 'if-match': '"1"' },
    });
    for (const [method, path, body] of [
      ['PATCH', '', { name: 'Third' }],
      ['DELETE', ''],
      ['POST', '/revoke'],
      ['POST', '/secrets', {}],
      ['DELETE', `/secrets/${appClient.secrets[0]?.secretId}`],
    ] as const) {
      const sent = { ...(body && { body }), headers: { 'if-match': '"1"' } };
      const answer = await expectNoWrites(service, () =>
        requestAppClient(service, method, appClient, path, sent),
      );
      expect(answer).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed', details: { version: 2 } },
      });
    }
  });

  it('writes nothing if no value changes, and returns 400 for an empty body', async () => {
    const appClient = await createAppClient(service, 'acme');
    const same = await expectNoWrites(service, () =>
      requestAppClient(service, 'PATCH', appClient, '', { body: { name: 'Nightly import' } }),
    );
    expect(same).toMatchObject({ status: 200, body: { version: 1 } });
    expect((await requestAppClient(service, 'PATCH', appClient, '', { body: {} })).status).toBe(
      400,
    );
  });

  it('keeps all of three concurrent changes [K15]', async () => {
    const appClient = await createAppClient(service, 'acme');
    const fields = ['name', 'description', 'defaultLoginUrl'] as const;
    const values = { name: 'A', description: 'B', defaultLoginUrl: 'https://c.example.com' };
    const answers = await Promise.all(
      fields.map((field) =>
        requestAppClient(service, 'PATCH', appClient, '', { body: { [field]: values[field] } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await requestAppClient(service, 'GET', appClient)).body).toMatchObject({
      ...values,
      version: 4,
    });
  });
});

describe('revoking an app client', () => {
  it.each([
    ['POST', '/revoke', 200],
    ['DELETE', '', 204],
  ] as const)(
    'by %s %s is permanent, removes its secrets and prevents new users, updates and secrets',
    async (method, path, status) => {
      const appClient = await createAppClient(service, 'acme');
      const body = (email: string) => ({ email, appClientId: appClient.appClientId });
      expect(
        (await service.post('/v1/users', body(`${appClient.clientId}@example.com`), { token }))
          .status,
      ).toBe(201);
      expect((await requestAppClient(service, method, appClient, path)).status).toBe(status);

      const revoked = (await requestAppClient(service, 'GET', appClient)).body;
      expect(revoked).toMatchObject({
        status: 'revoked',
        revokedBy: 'admin-of-acme',
        hasSecret: false,
        secrets: [],
        version: 2,
      });
      expect(await listSecrets(service, appClient)).toEqual([]);
      expect(
        await service.stored.item(keys.clientIdClaim(appClient.clientId)),
        'the client ID stays reserved',
      ).toBeDefined();
      clock.advanceBy(30 * second);
      expect(
        await expectNoWrites(service, () =>
          service.post('/v1/users', body('jo@example.com'), { token }),
        ),
      ).toMatchObject({
        status: 422,
        body: { code: 'invalid_app_client', details: { field: 'appClientId' } },
      });

      for (const asks of [
        () =>
          requestAppClient(service, 'PATCH', appClient, '', {
            body: { name: 'Back again', expiresTime: null },
          }),
        () => requestAppClient(service, 'POST', appClient, '/secrets', { body: {} }),
      ]) {
        expect(await expectNoWrites(service, asks)).toMatchObject({
          status: 409,
          body: { code: 'app_client_revoked' },
        });
      }
      expect(
        (await expectNoWrites(service, () => requestAppClient(service, method, appClient, path)))
          .status,
      ).toBe(status);
      expect((await requestAppClient(service, 'GET', appClient)).body).toEqual(revoked);
    },
  );

  it('returns 409 if the app client is the caller', async () => {
    const appClient = await createAppClient(service, 'acme', { roleIds: ['cradl:role:admin'] });
    const own = { token: undefined, headers: { 'x-api-key': appClient.secret } };
    // The first call records the last use.
    expect((await requestAppClient(service, 'GET', appClient, '', own)).status).toBe(200);
    for (const [method, target, headers] of [
      ['DELETE', `/v1/app-clients/${appClient.appClientId}`],
      ['POST', `/v1/app-clients/${appClient.appClientId}/revoke`],
      ['DELETE', `/cradl/v1/appClients/${appClient.appClientId}`],
      ['DELETE', `/cradl/v1/appClients/${appClient.appClientId.replace('cradl', 'las')}`],
      [
        'DELETE',
        `/jitsudo/v1/api-keys/${appClient.appClientId.split(':')[2]}`,
        { 'x-tenant-id': tenantId.acme },
      ],
    ] as const) {
      const answer = await expectNoWrites(service, () =>
        service.send(method, target, { headers: { ...own.headers, ...headers } }),
      );
      expect(answer).toMatchObject({ status: 409, body: { code: 'self_protected' } });
    }
    const another = await createAppClient(service, 'acme');
    expect((await requestAppClient(service, 'DELETE', another, '', own)).status).toBe(204);
    // It can create a new secret, but cannot remove its last one.
    const { status, body } = await requestAppClient(service, 'POST', appClient, '/secrets', {
      body: { overlapSeconds: 0 },
      ...own,
    });
    expect(status).toBe(201);
    const [existingSecret] = await listSecrets(service, appClient);
    const renewed = { ...own, headers: { 'x-api-key': body.secret } };
    expect(
      (
        await expectNoWrites(service, () =>
          requestAppClient(
            service,
            'DELETE',
            appClient,
            `/secrets/${existingSecret?.['secretId']}`,
            renewed,
          ),
        )
      ).status,
    ).toBe(409);
    expect(
      (
        await requestAppClient(
          service,
          'DELETE',
          appClient,
          `/secrets/${existingSecret?.['secretId']}`,
        )
      ).status,
    ).toBe(204);
  });

  it('succeeds if the caller is a user of another issuer whose subject equals the app client ID', async () => {
    const appClient = await createAppClient(service, 'acme');
    const namesake = issuer.mintAccessToken({
      sub: appClient.appClientId,
      tenantId: tenantId.acme,
      roles: ['admin'],
    });
    expect(
      (await requestAppClient(service, 'DELETE', appClient, '', { token: namesake })).status,
    ).toBe(204);
  });
});

describe('the default app client of a tenant', () => {
  it('has a random client ID and no secret', async () => {
    const { body } = await service.get('/v1/app-clients/cradl:app-client:default', { token });
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
