/** One's own account: whose it is. */
import { describe, expect, it } from 'vitest';
import { readsNative } from '../../support/dialects/update-user.ts';
import { picture, unique } from '../../support/dialects/dialects.ts';
import {
  aSelf,
  aSelfFromElsewhere,
  aServiceOfBoth,
  changesOwn,
  elsewhere,
  own,
  type OwnDialect,
  ownDialects,
  readsOwn,
  type Self,
} from '../../support/scenarios/self.ts';
import { anAdminOf, aSystemAdministrator, issuer, tenantId } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const service = await aServiceOfBoth();

const idOf = (dialect: OwnDialect, body: { userId?: string; id?: string }) =>
  dialect === 'native' ? body.userId : body.id;
const uuidIn = (self: Self, dialect: OwnDialect) =>
  dialect === 'native' ? self.native : self.jitsudo;

describe.each(ownDialects)('who one is in %s', (dialect) => {
  const nobody = { status: 404, body: { code: 'not_found' } };

  it('is told to a user whom the token names by id, in each of its forms', async () => {
    const self = await aSelf(service);
    const hex = self.jitsudo.replaceAll('-', '');
    for (const sub of [self.native, `las:user:${hex}`, self.jitsudo, self.jitsudo.toUpperCase()]) {
      const { status, body } = await readsOwn(
        service,
        dialect,
        issuer.mintAccessToken({ sub, tenantId: tenantId.acme }),
      );
      expect([sub, status, idOf(dialect, body)]).toEqual([sub, 200, uuidIn(self, dialect)]);
    }
  });

  it('is told to a user whom an identity names', async () => {
    const self = await aSelfFromElsewhere(service);
    const { status, body } = await readsOwn(service, dialect, self.token);
    expect([status, idOf(dialect, body)]).toEqual([200, uuidIn(self, dialect)]);
    // Also where the issuer speaks of Roster's users, and this subject is none of their ids.
    const subject = unique();
    const other = await aSelf(service, { identity: { issuer: 'http://localhost:4000', subject } });
    const answer = await readsOwn(
      service,
      dialect,
      issuer.mintAccessToken({ sub: subject, tenantId: tenantId.acme }),
    );
    expect(idOf(dialect, answer.body)).toBe(uuidIn(other, dialect));
  });

  it('is one for each tenant, with the same identity', async () => {
    const subject = unique();
    const identity = { issuer: 'https://id.example.com', subject };
    for (const slug of ['acme', 'globex'] as const) {
      const self = await aSelf(service, { identity }, slug);
      const { body } = await readsOwn(
        service,
        dialect,
        elsewhere.mintAccessToken({ sub: subject, tenantId: tenantId[slug] }),
        slug,
      );
      expect(idOf(dialect, body)).toBe(uuidIn(self, dialect));
    }
  });

  it('follows an identity that is given to another, and ends with it', async () => {
    const subject = unique();
    const identity = { issuer: 'https://id.example.com', subject };
    const [one, two] = [await aSelf(service, { identity }), await aSelf(service)];
    const token = elsewhere.mintAccessToken({ sub: subject, tenantId: tenantId.acme });
    const gives = (to: Self, value: object | null) =>
      service.send('PATCH', `/v1/users/${to.native}`, {
        token: anAdminOf('acme'),
        body: { identity: value },
      });
    expect(idOf(dialect, (await readsOwn(service, dialect, token)).body)).toBe(
      uuidIn(one, dialect),
    );
    await gives(one, null);
    expect(await readsOwn(service, dialect, token)).toMatchObject(nobody);
    await gives(two, identity);
    expect(idOf(dialect, (await readsOwn(service, dialect, token)).body)).toBe(
      uuidIn(two, dialect),
    );
  });

  it('is nobody for callers without an account, whatever they may do', async () => {
    const self = await aSelf(service);
    const sub = self.native;
    const tokens = [
      issuer.mintAccessToken({ sub: 'somebody', tenantId: tenantId.acme }),
      issuer.mintAccessToken({
        sub: 'cradl:user:00000000000040008000000000000000',
        tenantId: tenantId.acme,
      }),
      issuer.mintAccessToken({ sub: `${sub}0`, tenantId: tenantId.acme }),
      // An id that another issuer made up to look like one of ours.
      elsewhere.mintAccessToken({ sub, tenantId: tenantId.acme }),
      elsewhere.mintAccessToken({ sub: self.jitsudo, tenantId: tenantId.acme }),
      anAdminOf('acme'),
      aSystemAdministrator('acme'),
    ];
    for (const token of tokens) {
      expect(await readsOwn(service, dialect, token)).toMatchObject(nobody);
      const renames = () => changesOwn(service, dialect, token, { [own[dialect].name]: 'Jo' });
      expect(await withoutEffect(service, renames)).toMatchObject(nobody);
    }
  });

  it("is nobody in a tenant that is not the user's", async () => {
    const self = await aSelf(service);
    const abroad = issuer.mintAccessToken({ sub: self.native, tenantId: tenantId.globex });
    expect(await readsOwn(service, dialect, abroad, 'globex')).toMatchObject(nobody);
    expect(await readsOwn(service, dialect, self.token, 'globex')).toMatchObject({
      status: 403,
      body: { code: 'tenant_mismatch' },
    });
    const fromElsewhere = await aSelfFromElsewhere(service);
    const sub = JSON.parse(
      Buffer.from(fromElsewhere.token.split('.')[1] ?? '', 'base64url').toString(),
    ).sub as string;
    expect(
      await readsOwn(
        service,
        dialect,
        elsewhere.mintAccessToken({ sub, tenantId: tenantId.globex }),
        'globex',
      ),
    ).toMatchObject(nobody);
  });

  it('L08: is told to nobody who is suspended, until they are not', async () => {
    for (const self of [
      await aSelf(service, { authProvider: 'oidc' }),
      await aSelfFromElsewhere(service, { authProvider: 'oidc' }),
    ]) {
      const moves = (move: string) =>
        service.posts(`/v1/users/${self.native}/${move}`, undefined, { token: anAdminOf('acme') });
      await moves('suspend');
      const refused = {
        status: 403,
        body: { code: 'account_suspended', message: 'This account is suspended' },
      };
      expect(await readsOwn(service, dialect, self.token)).toMatchObject(refused);
      const renames = () => changesOwn(service, dialect, self.token, { [own[dialect].name]: 'Jo' });
      expect(await withoutEffect(service, renames)).toMatchObject(refused);
      await moves('reactivate');
      expect((await renames()).status).toBe(200);
    }
  });

  it('is nobody once the account is deleted or erased', async () => {
    const selves = [await aSelf(service), await aSelfFromElsewhere(service)];
    for (const self of selves) {
      const admin = { token: anAdminOf('acme') };
      await service.send('DELETE', `/v1/users/${self.native}`, admin);
      expect(await readsOwn(service, dialect, self.token)).toMatchObject(nobody);
      expect(
        await changesOwn(service, dialect, self.token, { [own[dialect].name]: 'Jo' }),
      ).toMatchObject(nobody);
      await service.posts(`/v1/users/${self.native}/restore`, undefined, admin);
      expect((await readsOwn(service, dialect, self.token)).status).toBe(200);
      await service.posts(`/v1/users/${self.native}/erase`, undefined, admin);
      expect(await readsOwn(service, dialect, self.token)).toMatchObject(nobody);
    }
  });
});

describe('what the account looks like', () => {
  it('is in the native API what everybody else is shown, with its version', async () => {
    const self = await aSelf(service, { firstName: 'Jo', avatar: picture, metadata: { a: 1 } });
    const answer = await readsOwn(service, 'native', self.token);
    expect(answer.body).toEqual(await readsNative(service, self));
    expect(answer.headers['etag']).toBe('"1"');
  });

  it('is in JITSudo a profile', async () => {
    const self = await aSelf(service, { firstName: 'Jo', lastName: 'Smith', avatar: picture });
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
    expect((await readsOwn(service, 'jitsudo', self.token)).body).toEqual(profile);
    expect(
      (
        await changesOwn(service, 'jitsudo', self.token, {
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
    const nameless = await aSelf(service);
    expect((await readsOwn(service, 'jitsudo', nameless.token)).body).toMatchObject({
      name: `${nameless.credible}@example.com`,
      display_name: null,
    });
  });
});
