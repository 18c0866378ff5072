/** Users that tokens identify, as their own account returns them. */
import { describe, expect, it } from 'vitest';
import { readNativeUser } from '../../support/dialects/update-user.ts';
import { picture, unique } from '../../support/dialects/dialects.ts';
import {
  createCaller,
  createExternalCaller,
  createServiceWithExternalIssuer,
  updateSelf,
  externalIssuer,
  selfRoutes,
  type SelfDialect,
  selfDialects,
  readSelf,
  type Caller,
} from '../../support/scenarios/self.ts';
import { adminToken, systemToken, issuer, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createServiceWithExternalIssuer();

const getId = (dialect: SelfDialect, body: { userId?: string; id?: string }) =>
  dialect === 'native' ? body.userId : body.id;
const getExpectedId = (self: Caller, dialect: SelfDialect) =>
  dialect === 'native' ? self.native : self.jitsudo;

describe.each(selfDialects)('the account of the caller in %s', (dialect) => {
  const notFound = { status: 404, body: { code: 'not_found' } };

  it('is found by each notation of the user ID', async () => {
    const self = await createCaller(service);
    const hex = self.jitsudo.replaceAll('-', '');
    for (const sub of [self.native, `las:user:${hex}`, self.jitsudo, self.jitsudo.toUpperCase()]) {
      const { status, body } = await readSelf(
        service,
        dialect,
        issuer.mintAccessToken({ sub, tenantId: tenantId.acme }),
      );
      expect([sub, status, getId(dialect, body)]).toEqual([sub, 200, getExpectedId(self, dialect)]);
    }
  });

  it('is found by identity', async () => {
    const self = await createExternalCaller(service);
    const { status, body } = await readSelf(service, dialect, self.token);
    expect([status, getId(dialect, body)]).toEqual([200, getExpectedId(self, dialect)]);
    // The same applies to an issuer of user IDs if the subject is not a user ID.
    const subject = unique();
    const other = await createCaller(service, {
      identity: { issuer: 'http://localhost:4000', subject },
    });
    const answer = await readSelf(
      service,
      dialect,
      issuer.mintAccessToken({ sub: subject, tenantId: tenantId.acme }),
    );
    expect(getId(dialect, answer.body)).toBe(getExpectedId(other, dialect));
  });

  it('differs between tenants for the same identity', async () => {
    const subject = unique();
    const identity = { issuer: 'https://id.example.com', subject };
    for (const slug of ['acme', 'globex'] as const) {
      const self = await createCaller(service, { identity }, slug);
      const { body } = await readSelf(
        service,
        dialect,
        externalIssuer.mintAccessToken({ sub: subject, tenantId: tenantId[slug] }),
        slug,
      );
      expect(getId(dialect, body)).toBe(getExpectedId(self, dialect));
    }
  });

  it('follows an identity that moves to another user', async () => {
    const subject = unique();
    const identity = { issuer: 'https://id.example.com', subject };
    const [one, two] = [await createCaller(service, { identity }), await createCaller(service)];
    const token = externalIssuer.mintAccessToken({ sub: subject, tenantId: tenantId.acme });
    const setIdentity = (to: Caller, value: object | null) =>
      service.send('PATCH', `/v1/users/${to.native}`, {
        token: adminToken('acme'),
        body: { identity: value },
      });
    expect(getId(dialect, (await readSelf(service, dialect, token)).body)).toBe(
      getExpectedId(one, dialect),
    );
    await setIdentity(one, null);
    expect(await readSelf(service, dialect, token)).toMatchObject(notFound);
    await setIdentity(two, identity);
    expect(getId(dialect, (await readSelf(service, dialect, token)).body)).toBe(
      getExpectedId(two, dialect),
    );
  });

  it('is not found for callers without a user, regardless of their permissions', async () => {
    const self = await createCaller(service);
    const sub = self.native;
    const tokens = [
      issuer.mintAccessToken({ sub: 'unknown-subject', tenantId: tenantId.acme }),
      issuer.mintAccessToken({
        sub: 'cradl:user:00000000000040008000000000000000',
        tenantId: tenantId.acme,
      }),
      issuer.mintAccessToken({ sub: `${sub}0`, tenantId: tenantId.acme }),
      // A user ID as the subject of another issuer.
      externalIssuer.mintAccessToken({ sub, tenantId: tenantId.acme }),
      externalIssuer.mintAccessToken({ sub: self.jitsudo, tenantId: tenantId.acme }),
      adminToken('acme'),
      systemToken('acme'),
    ];
    for (const token of tokens) {
      expect(await readSelf(service, dialect, token)).toMatchObject(notFound);
      const rename = () =>
        updateSelf(service, dialect, token, { [selfRoutes[dialect].name]: 'Jo' });
      expect(await expectNoWrites(service, rename)).toMatchObject(notFound);
    }
  });

  it('is not accessible in another tenant', async () => {
    const self = await createCaller(service);
    const otherTenantToken = issuer.mintAccessToken({
      sub: self.native,
      tenantId: tenantId.globex,
    });
    expect(await readSelf(service, dialect, otherTenantToken, 'globex')).toMatchObject(notFound);
    expect(await readSelf(service, dialect, self.token, 'globex')).toMatchObject({
      status: 403,
      body: { code: 'tenant_mismatch' },
    });
    const fromElsewhere = await createExternalCaller(service);
    const sub = JSON.parse(
      Buffer.from(fromElsewhere.token.split('.')[1] ?? '', 'base64url').toString(),
    ).sub as string;
    expect(
      await readSelf(
        service,
        dialect,
        externalIssuer.mintAccessToken({ sub, tenantId: tenantId.globex }),
        'globex',
      ),
    ).toMatchObject(notFound);
  });

  it('is not accessible while the user is suspended [L08]', async () => {
    for (const self of [
      await createCaller(service, { authProvider: 'oidc' }),
      await createExternalCaller(service, { authProvider: 'oidc' }),
    ]) {
      const changeStatus = (move: string) =>
        service.post(`/v1/users/${self.native}/${move}`, undefined, { token: adminToken('acme') });
      await changeStatus('suspend');
      const refused = {
        status: 403,
        body: { code: 'account_suspended', message: 'This account is suspended' },
      };
      expect(await readSelf(service, dialect, self.token)).toMatchObject(refused);
      const rename = () =>
        updateSelf(service, dialect, self.token, { [selfRoutes[dialect].name]: 'Jo' });
      expect(await expectNoWrites(service, rename)).toMatchObject(refused);
      await changeStatus('reactivate');
      expect((await rename()).status).toBe(200);
    }
  });

  it('is not found after a delete or an erasure', async () => {
    const users = [await createCaller(service), await createExternalCaller(service)];
    for (const self of users) {
      const admin = { token: adminToken('acme') };
      await service.send('DELETE', `/v1/users/${self.native}`, admin);
      expect(await readSelf(service, dialect, self.token)).toMatchObject(notFound);
      expect(
        await updateSelf(service, dialect, self.token, { [selfRoutes[dialect].name]: 'Jo' }),
      ).toMatchObject(notFound);
      await service.post(`/v1/users/${self.native}/restore`, undefined, admin);
      expect((await readSelf(service, dialect, self.token)).status).toBe(200);
      await service.post(`/v1/users/${self.native}/erase`, undefined, admin);
      expect(await readSelf(service, dialect, self.token)).toMatchObject(notFound);
    }
  });
});

describe('the account response', () => {
  it('is the user with the version in the native API', async () => {
    const self = await createCaller(service, {
      firstName: 'Jo',
      avatar: picture,
      metadata: { a: 1 },
    });
    const answer = await readSelf(service, 'native', self.token);
    expect(answer.body).toEqual(await readNativeUser(service, self));
    expect(answer.headers['etag']).toBe('"1"');
  });

  it('is a profile in JITSudo', async () => {
    const self = await createCaller(service, {
      firstName: 'Jo',
      lastName: 'Smith',
      avatar: picture,
    });
    const profile = {
      id: self.jitsudo,
      email: `${self.credible}@example.com`,
      name: 'Jo Smith',
      auth_provider: 'local',
      first_name: 'Jo',
      last_name: 'Smith',
      display_name: null,
      avatar_base64: picture,
    };
    expect((await readSelf(service, 'jitsudo', self.token)).body).toEqual(profile);
    expect(
      (
        await updateSelf(service, 'jitsudo', self.token, {
          display_name: 'J.',
          avatar_base64: null,
        })
      ).body,
    ).toEqual({
      ...profile,
      name: 'J.',
      display_name: 'J.',
      avatar_base64: null,
    });
    const nameless = await createCaller(service);
    expect((await readSelf(service, 'jitsudo', nameless.token)).body).toMatchObject({
      name: `${nameless.credible}@example.com`,
      display_name: null,
    });
  });
});
