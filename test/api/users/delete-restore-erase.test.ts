import { describe, expect, it } from 'vitest';
import { isStrippedRecord } from '../../support/database/stripped-records.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { picture, unique } from '../../support/dialects/dialects.ts';
import {
  createTestClock,
  createUserWithStatus,
  day,
  requestTransition,
  readAllItems,
  getStatus,
  without,
} from '../../support/scenarios/user-states.ts';
import { adminToken, createTestService, type TenantSlug, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now, environment: { RESTORE_DAYS: '30' } });
const identity = () => ({ issuer: 'https://id.example.com', subject: `subject-${unique()}` });

const createUser = (fields: object, slug: TenantSlug = 'acme') =>
  service.post('/v1/users', fields, { token: adminToken(slug) });

describe('after a delete [L02]', () => {
  it('the email, username, identity and external ID are free for a new user', async () => {
    const identifiers = {
      userName: `Jo-${unique()}`,
      identity: identity(),
      externalId: `HR ${unique()}`,
    };
    const old = await createUserIn(service, 'acme', {
      ...identifiers,
      password: goodPassword,
      avatar: picture,
      description: 'the one before',
    });
    const { email } = (await requestTransition(service, 'GET', old)).body;
    await requestTransition(service, 'DELETE', old);

    const next = await createUser({ email: email.toUpperCase(), ...identifiers });
    expect([next.status, next.body.userId]).toEqual([201, expect.not.stringMatching(old.native)]);
    expect(next.body).toMatchObject({
      status: 'invite_pending',
      description: null,
      avatar: null,
      version: 1,
    });
    expect((await requestTransition(service, 'GET', old)).status).toBe(404);
    const byName = await service.get(`/credible/api/v0/users/${identifiers.userName}`, {
      token: adminToken('acme'),
    });
    expect(byName.body.email).toBe(email.toUpperCase());
    const { users } = (await service.get(`/v1/users?email=${email}`, { token: adminToken('acme') }))
      .body;
    expect(users).toEqual([without(next.body, 'lastSignInTime')]);
    expect(
      (await requestTransition(service, 'GET', { ...old, native: next.body.userId }, '/export'))
        .body.changes,
    ).toEqual([]);
  });
});

describe('a restore [L03]', () => {
  it.each([
    ['email', 'acme', 'acme', ({ email }: Fields) => ({ email })],
    [
      'userName',
      'acme',
      'acme',
      ({ userName }: Fields) => ({ email: `${unique()}@example.com`, userName }),
    ],
    [
      'identity',
      'acme',
      'acme',
      (fields: Fields) => ({ email: `${unique()}@example.com`, identity: fields.identity }),
    ],
    [
      'externalId',
      'acme',
      'acme',
      ({ externalId }: Fields) => ({ email: `${unique()}@example.com`, externalId }),
    ],
    ['email', 'north', 'south', ({ email }: Fields) => ({ email })],
    [
      'userName',
      'north',
      'south',
      ({ userName }: Fields) => ({ email: `${unique()}@example.com`, userName }),
    ],
  ] as const)(
    'returns 409 while the %s from %s belongs to a user in %s, and succeeds once it is free',
    async (field, slug, other, takenFields) => {
      const user = await createUserWithStatus(
        'active',
        service,
        { identity: identity(), externalId: `HR ${unique()}`, avatar: picture },
        slug,
      );
      const before = (await requestTransition(service, 'GET', user, '', {}, slug)).body;
      await requestTransition(service, 'DELETE', user, '', {}, slug);
      const taker = await createUser(takenFields(before), other);
      expect(taker.status).toBe(201);

      const restore = () => requestTransition(service, 'POST', user, '/restore', {}, slug);
      expect(await expectNoWrites(service, restore)).toMatchObject({
        status: 409,
        body: { code: 'user_exists', details: { field } },
      });
      await requestTransition(
        service,
        'DELETE',
        { ...user, native: taker.body.userId },
        '',
        {},
        other,
      );
      expect(await restore()).toMatchObject({
        status: 200,
        body: without(before, 'version', 'updatedTime', 'updatedBy'),
      });
    },
  );

  it('succeeds for only one of several concurrent restores of the same email', async () => {
    const [one, two] = [
      await createUserWithStatus('active', service),
      await createUserWithStatus('active', service),
    ];
    const { email } = (await requestTransition(service, 'GET', one)).body;
    await requestTransition(service, 'DELETE', one);
    expect((await requestTransition(service, 'PATCH', two, '', { body: { email } })).status).toBe(
      200,
    );
    await requestTransition(service, 'DELETE', two);
    const answers = await Promise.all(
      [one, two, one, two].map((user) => requestTransition(service, 'POST', user, '/restore')),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(3);
  });

  it('succeeds for 30 days, and afterwards returns restore_expired and allows only an erasure', async () => {
    const [early, late] = [
      await createUserWithStatus('deleted', service),
      await createUserWithStatus('deleted', service),
    ];
    const restore = (user: UserRefs) =>
      service.send('POST', `/v1/users/${user.native}/restore`, {
        token: clock.aTokenOf('acme', ['admin']),
      });
    clock.advanceBy(30 * day);
    expect((await restore(early)).status).toBe(200);
    clock.advanceBy(1);
    expect(await expectNoWrites(service, () => restore(late))).toMatchObject({
      status: 409,
      body: { code: 'restore_expired', details: { status: 'deleted', allowed: ['erase'] } },
    });
    const erased = await service.send('POST', `/v1/users/${late.native}/erase`, {
      token: clock.aTokenOf('acme', ['admin']),
    });
    expect(erased.status).toBe(204);
    clock.advanceBy(-30 * day - 1);
  });
});

const isErasureRecord = (uuid: string) => (item: Record<string, unknown>) =>
  String(item['pk']).endsWith('#ERASURES') && item['userId'] === uuid;

describe('an erasure [L04]', () => {
  const erasures = [
    ['of a user', 'active', 'native'],
    ['of a user with a mailed invitation', 'invite_pending', 'native'],
    ['of a suspended user', 'inactive', 'native'],
    ['of a deleted user', 'deleted', 'native'],
    ['through JITSudo', 'active', 'jitsudo'],
    ['through JITSudo, of a deleted user', 'deleted', 'jitsudo'],
  ] as const;

  it.each(erasures)(
    '%s leaves no personal data in either table',
    async (_what, status, dialect) => {
      const mark = `zq${unique()}`;
      const draft = {
        email: `${mark}@example.com`,
        userName: mark,
        name: `Name ${mark}`,
        description: mark,
        firstName: mark,
        lastName: mark,
        businessRole: mark,
        metadata: { [mark]: mark },
        profileMetadata: { [mark]: mark },
        picture: `https://${mark}.example.com/`,
        tutorialStatus: { [mark]: true },
        identity: { issuer: `https://${mark}.example.com`, subject: mark },
        avatar: `data:image/gif;base64,${Buffer.from(`GIF89a${mark}`).toString('base64')}`,
        ...(status !== 'invite_pending' && { password: goodPassword }),
      };
      const token = adminToken('north');
      const created = await service.post('/v1/users', draft, {
        token,
        headers: { 'idempotency-key': mark },
      });
      const user = { native: created.body.userId } as UserRefs;
      const uuid = created.body.userId.replace(
        /^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/,
        '$1-$2-$3-$4-$5',
      );
      await requestTransition(
        service,
        'PATCH',
        user,
        '',
        { body: { email: `new.${mark}@example.com`, userName: `${mark}-2`, description: null } },
        'north',
      );
      if (status === 'invite_pending')
        expect((await service.deliverPendingMail()).flatMap(({ to }) => to)).toContain(
          `new.${mark}@example.com`,
        );
      if (status === 'inactive')
        await requestTransition(service, 'POST', user, '/suspend', {}, 'north');
      if (status === 'deleted') await requestTransition(service, 'DELETE', user, '', {}, 'north');
      const personal = [
        mark,
        uuid,
        user.native.slice(-32),
        created.body.profileId.slice(-32),
        draft.avatar.slice(-20),
      ];
      expect(personal.filter((data) => !/-/.test(data)).length).toBeGreaterThan(3);
      expect(await readAllItems(service)).toContain(mark);

      const erased =
        dialect === 'native'
          ? await requestTransition(service, 'POST', user, '/erase', {}, 'north')
          : await service.send('DELETE', `/jitsudo/v1/users/${uuid}`, {
              token,
              headers: { 'x-tenant-id': tenantId.north },
            });
      expect(erased.status).toBe(204);
      // The records contain the user ID and no other personal data.
      const { directory, secrets } = service.stored;
      const all = [
        ...(await service.stored.all(directory)),
        ...(await service.stored.all(secrets)),
      ];
      const [erasureRecords, changeRecords] = [
        all.filter(isErasureRecord(uuid)),
        all.filter(isStrippedRecord),
      ];
      const records = [...erasureRecords, ...changeRecords];
      const others = all.filter((item) => !records.includes(item));
      expect(erasureRecords.map((record) => Object.keys(record).toSorted().join())).toEqual([
        'actor,at,by,issuer,pk,policies,requestId,schemaVersion,sk,userId',
      ]);
      expect(
        changeRecords
          .filter(({ userId }) => userId === uuid)
          .map(({ action }) => action)
          .slice(0, 2),
      ).toEqual(['create', 'update']);
      const remaining = JSON.stringify(others);
      expect(
        personal.filter((data) => data !== uuid && JSON.stringify(records).includes(data)),
      ).toEqual([]);
      expect(personal.filter((data) => remaining.includes(data))).toEqual([]);

      for (const [method, path] of [
        ['POST', '/erase'],
        ['POST', '/restore'],
        ['GET', '/export'],
        ['GET', ''],
      ] as const)
        expect([
          path,
          (await requestTransition(service, method, user, path, {}, 'north')).status,
        ]).toEqual([path, 404]);
      expect(
        (
          await createUser(
            { email: draft.email, userName: draft.userName, identity: draft.identity },
            'south',
          )
        ).status,
      ).toBe(201);
    },
  );

  it('does not remove a stored response that now belongs to another user', async () => {
    const key = { 'idempotency-key': unique() };
    const createWithKey = (email: string) =>
      service.post(
        '/v1/users',
        { email },
        { token: clock.aTokenOf('acme', ['admin'], 'creator'), headers: key },
      );
    const first = await createWithKey(`first.${unique()}@example.com`);
    clock.advanceBy(2 * day);
    const email = `second.${unique()}@example.com`;
    const second = await createWithKey(email);
    expect([second.status, second.headers['idempotency-replayed']]).toEqual([201, undefined]);
    const erased = await service.send('POST', `/v1/users/${first.body.userId}/erase`, {
      token: clock.aTokenOf('acme', ['admin']),
    });
    expect(erased.status).toBe(204);
    expect(await createWithKey(email)).toMatchObject({
      status: 201,
      text: second.text,
      headers: { 'idempotency-replayed': 'true' },
    });
    clock.advanceBy(-2 * day);
  });

  it('does not affect other users', async () => {
    const [user, other] = [
      await createUserWithStatus('active', service),
      await createUserWithStatus('active', service, { avatar: picture }),
    ];
    const before = await requestTransition(service, 'GET', other, '/export');
    await requestTransition(service, 'POST', user, '/erase');
    expect((await requestTransition(service, 'GET', other, '/export')).body).toEqual(before.body);
    expect(await getStatus(service, user)).toBeUndefined();
  });
});

it('tables are consistent after deletes, restores and erasures', async () => {
  const { users, missing, stray } = await auditTables(service);
  expect([users.length > 0, missing, stray]).toEqual([true, [], []]);
});

interface Fields {
  readonly email: string;
  readonly userName: string;
  readonly identity: object;
  readonly externalId: string;
}
