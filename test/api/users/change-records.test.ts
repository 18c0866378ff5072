import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findBuiltInRole } from '../../../lib/domain/roles/role.ts';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { keys } from '../../../lib/store/keys.ts';
import { fromItem } from '../../../lib/store/users/user-items.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import {
  requestRoute,
  createUserForRoute,
  createUserIn,
  authenticatedRoutes,
  isSelfRoute,
  type UserRefs,
} from '../../support/authenticated-routes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { picture, unique } from '../../support/dialects/dialects.ts';
import { createFaultyService } from '../../support/faults/fault-proxy.ts';
import {
  createTestClock,
  createUserWithStatus,
  day,
  requestTransition,
} from '../../support/scenarios/user-states.ts';
import {
  adminToken,
  createTestService,
  systemToken,
  issuer,
  type Service,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });

/** Stored change records of a user, sorted by key. */
const readRecords = async (user: UserRefs, from: Service = service) =>
  (await from.stored.all())
    .filter(
      ({ pk, sk }) =>
        pk === keys.user(tenantId.acme, user.jitsudo).pk && String(sk).startsWith('CHANGE#'),
    )
    .toSorted((a, b) => String(a['sk']).localeCompare(String(b['sk'])));
const readChanges = async (user: UserRefs) =>
  (await requestTransition(service, 'GET', user, '/export')).body.changes;

describe('each mutation', () => {
  // A created user contains its own record, and an erased user has none. Mutations of other
  // resources, and those by a SCIM connection, have their own tests.
  const rows = authenticatedRoutes.filter(
    ({ route, operation, dialect }) =>
      !route.startsWith('GET ') &&
      (dialect !== 'scim' || operation.endsWith('OwnUser')) &&
      !/create|import|erase|AppClient|Role$|Group|Level|Tenant|Ownership|Domain|Webhook|Connection/.test(
        operation,
      ),
  );
  // biome-ignore format: one row per line.
  const recorded: Readonly<Record<string, readonly [string, string, object]>> = {
    updateUser:        ['update',         'update-user',     {}],
    approveCredentials: ['approveCredentials', 'update-user', { credentialLimits: { email: { setBy: 'admin-of-acme' } } }],
    requestCredentialConfirmation: ['requestConfirmation', 'use-own-account', { confirmation: null }],
    confirmCredential: ['confirmCredential', 'use-own-account', { credentialLimits: { email: { setBy: 'admin-of-acme' } } }],
    requestEmailChange: ['requestEmailChange', 'use-own-account', { emailVerification: null }],
    requestOwnEmailVerification: ['requestEmailVerification', 'use-own-account', { emailVerification: null }],
    cancelOwnEmailVerification: ['cancelEmailVerification', 'use-own-account', { emailVerification: { version: 2 } }],
    requestUserEmailVerification: ['requestEmailVerification', 'update-user', { emailVerification: null }],
    suspendUser:       ['suspend',        'update-user',     { status: 'active' }],
    setUserActive:     ['suspend',        'update-user',     { status: 'active' }],
    reactivateUser:    ['reactivate',     'update-user',     { status: 'inactive' }],
    deleteUser:        ['delete',         'delete-user',     { status: 'active', deletion: null }],
    restoreUser:       ['restore',        'delete-user',     { status: 'deleted', deletion: { status: 'active' } }],
    signOutUser:       ['signOut',        'update-user',     {}],
    signOutOwnUser:    ['signOut',        'use-own-account', {}],
    deleteOwnUser:     ['delete',         'use-own-account', { status: 'active', deletion: null }],
    updateOwnUser:     ['updateOwn',      'use-own-account', { name: null }],
    scimReplaceOwnUser: ['updateOwn',     'use-own-account', { name: null }],
    scimPatchOwnUser:  ['updateOwn',      'use-own-account', { name: null }],
    scimDeleteOwnUser: ['delete',         'use-own-account', { status: 'active', deletion: null }],
    updateProfile:     ['updateOwn',      'use-own-account', { firstName: null }],
    changeOwnPassword: ['changePassword', 'use-own-account', { password: true }],
    resendInvitation:  ['invite',         'invite-user',     { invitation: { version: 1, channel: 'mail' } }],
    revokeInvitation:  ['revokeInvitation', 'invite-user',   { invitation: { version: 1, channel: 'mail' } }],
    copyInvitationLink: ['copyInvitationLink', 'system-administrator', { invitation: { version: 1, channel: 'mail' } }],
  };

  it.each(rows.map((route) => [route.route, route] as const))(
    '%s adds one record with the caller, time, request, policy and previous values',
    async (_, route) => {
      const start = { reactivateUser: 'inactive', restoreUser: 'deleted' } as const;
      const isPrepared = /Invitation|Credential|cancelOwnEmail/.test(route.operation);
      const user = isPrepared
        ? await createUserForRoute(route, service, 'acme')
        : await createUserWithStatus(
            start[route.operation as keyof typeof start] ?? 'active',
            service,
          );
      const earlier = (await readRecords(user)).length;
      const isOwn = isSelfRoute(route);
      const isSystem = route.dialect === 'credible' || route.operation === 'copyInvitationLink';
      const sub = isOwn ? user.native : isSystem ? 'system' : 'admin-of-acme';
      const token = isOwn
        ? clock.aTokenOf('acme', [], sub)
        : isSystem
          ? systemToken('acme')
          : adminToken('acme');
      clock.advanceBy(1000);
      const answer = await requestRoute(service, route, { user, token });
      expect(answer.status).toBe(route.status);

      const isProfile = isOwn && route.dialect === 'cradl';
      const [action, policy, what] = recorded[isProfile ? 'updateProfile' : route.operation] ?? [];
      const records = await readRecords(user);
      expect(records).toHaveLength(earlier + 1);
      expect(records.at(-1)).toMatchObject({
        sk: `CHANGE#${String(earlier + 2).padStart(10, '0')}`,
        tenantId: tenantId.acme,
        userId: user.jitsudo,
        version: earlier + 2,
        action,
        actor: sub === user.native ? { type: 'user', id: user.jitsudo } : { type: 'external' },
        salt: expect.stringMatching(/^[\w-]{22}$/),
        by: sub,
        issuer: issuer.settings.issuer,
        requestId: answer.headers['x-request-id'],
        policies: [isSystem ? 'system-administrator' : policy],
        schemaVersion,
      });
      const last = (await readChanges(user)).at(-1);
      expect(last.before).toMatchObject(what ?? {});
      expect(last).not.toHaveProperty('salt');
      expect(last.time).toBe(clock.now().toISOString());
      const item = await service.stored.item(keys.user(tenantId.acme, user.jitsudo));
      expect(item).toMatchObject({ version: earlier + 2, updatedAt: last.time, updatedBy: sub });
    },
  );

  it('a create is recorded in the user, without a change record', async () => {
    const answer = await service.post(
      '/v1/users',
      { email: `${unique()}@example.com` },
      { token: adminToken('acme') },
    );
    const { creation, changes, user } = (
      await service.get(`/v1/users/${answer.body.userId}/export`, { token: adminToken('acme') })
    ).body;
    expect(creation).toEqual({
      time: answer.body.createdTime,
      requestId: answer.headers['x-request-id'],
      issuer: issuer.settings.issuer,
      policies: ['create-user'],
    });
    expect([user.createdBy, changes]).toEqual(['admin-of-acme', []]);
  });
});

const limit = {
  permissions: findBuiltInRole('admin')?.permissions.toSorted().join(' '),
  setBy: 'admin-of-acme',
  setAt: expect.any(String),
};

describe('a change record', () => {
  it('contains the previous value of each changed field, null for an absent one, and no other field', async () => {
    const fields = {
      name: 'Jo',
      businessRole: 'Analyst',
      metadata: { a: { b: [1, null, 'é'] } },
      roleIds: ['cradl:role:user'],
    };
    const user = await createUserIn(service, 'acme', { ...fields, password: goodPassword });
    const { email, userName } = (await requestTransition(service, 'GET', user)).body;
    const body = {
      email: `${unique()}@example.com`,
      userName: null,
      name: 'Jo',
      description: 'new',
      businessRole: null,
      metadata: { a: { b: null } },
      roleIds: ['cradl:role:approver'],
      identity: { issuer: 'https://id.example.com', subject: unique() },
    };
    expect(
      (
        await requestTransition(service, 'PATCH', user, '', {
          body,
          headers: { 'if-match': '"1"' },
        })
      ).status,
    ).toBe(200);
    expect((await readChanges(user)).map(({ before }: { before: object }) => before)).toEqual([
      {
        email,
        userName,
        description: null,
        businessRole: 'Analyst',
        metadata: fields.metadata,
        roles: ['user'],
        identity: null,
        credentialLimits: { password: limit },
      },
    ]);
    expect((await readChanges(user))[0].after).toEqual({
      credentialLimits: { password: limit, email: limit, identity: limit },
    });
  });

  it('contains only the changed members of a free-form object, as a reverse merge patch [SEC-11]', async () => {
    const long = 'x'.repeat(60_000);
    const user = await createUserIn(service, 'acme', {
      metadata: { long, a: { b: 1, c: [1], d: 'x' }, e: null, '': 0 },
    });
    const body = { metadata: { a: { b: 2, c: null, d: { f: 1 } }, g: 'new', '': null } };
    await requestTransition(service, 'PATCH', user, '', { body });
    expect((await readChanges(user)).at(-1).before).toEqual({
      metadata: { a: { b: 1, c: [1], d: 'x' }, g: null, '': 0 },
    });
  });

  it('is smaller than 4 KiB and contains the size and hash of longer values [SEC-11 F4]', async () => {
    const long = 'é'.repeat(4096);
    const text = {
      metadata: { text: 'x'.repeat(65_000) },
      tutorialStatus: { projectTutorial: {}, text: 'y'.repeat(65_000) },
    };
    const short = '€'.repeat(255);
    const others = {
      firstName: short,
      lastName: short,
      businessRole: short,
      name: long,
      description: long,
    };
    const identity = { issuer: `https://${'x'.repeat(400)}.example.com`, subject: '€'.repeat(256) };
    const roleIds = ['cradl:role:user', 'cradl:role:approver'];
    const user = await createUserIn(service, 'acme', {
      ...text,
      ...others,
      identity,
      roleIds,
      password: goodPassword,
    });
    const { body: before } = await requestTransition(service, 'GET', user);
    const changed = Object.fromEntries(Object.keys(others).map((field) => [field, 'new']));
    const body = {
      ...changed,
      metadata: { text: 'z'.repeat(65_000) },
      tutorialStatus: { text: 'z'.repeat(65_000) },
      identity: null,
      roleIds: [],
    };
    expect(
      (
        await requestTransition(service, 'PATCH', user, '', {
          body,
          headers: { 'if-match': '"1"' },
        })
      ).status,
    ).toBe(200);
    const [change] = await readChanges(user);
    const sorted = (_: string, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : value;
    const sha256 = (value: unknown) =>
      createHash('sha256').update(JSON.stringify(value, sorted)).digest('hex');
    for (const [field, { bytes, ...hash }] of Object.entries<{ bytes: number; sha256: string }>(
      change.omitted,
    )) {
      expect([field, bytes, hash]).toEqual([
        field,
        Buffer.byteLength(JSON.stringify(before[field])),
        { sha256: sha256(before[field]) },
      ]);
    }
    const recordedFields = [...Object.keys(change.before), ...Object.keys(change.omitted)];
    expect(recordedFields.toSorted()).toEqual(
      [...Object.keys(body), 'roles', 'credentialLimits']
        .filter((name) => name !== 'roleIds')
        .toSorted(),
    );
    expect(Object.keys(change.omitted)).toEqual(
      expect.arrayContaining(['metadata', 'tutorialStatus', 'description', 'name']),
    );
    expect(change.before.roles).toEqual(['user', 'approver']);
    expect(Buffer.byteLength(JSON.stringify((await readRecords(user))[0]))).toBeLessThan(4096);
  });

  it('of an update by the user counts toward a limit of 100 per day [SEC-11]', async () => {
    const user = await createUserWithStatus('active', service);
    const me = () => clock.aTokenOf('acme', [], user.native);
    const change = (businessRole: string) =>
      service.send('PATCH', `/credible/api/v0/users/${user.credible}`, {
        token: me(),
        body: { businessRole },
      });
    const item = await service.stored.item(keys.user(tenantId.acme, user.jitsudo));
    await service.stored.put({
      ...item,
      selfChanges: { day: clock.now().toISOString().slice(0, 10), count: 99 },
    });
    expect([
      (await change('a')).status,
      (await change('b')).status,
      (await change('a')).status,
    ]).toEqual([200, 429, 200]);
    const own = await service.send('PATCH', '/v1/users/me', { token: me(), body: { name: 'Jo' } });
    const untilMidnightMs = day - (clock.now().getTime() % day);
    expect(own.body.details.retryAfter).toBe(Math.ceil(untilMidnightMs / 1000));
    expect(own).toMatchObject({
      status: 429,
      body: { code: 'too_many_requests' },
      headers: { 'retry-after': expect.any(String) },
    });
    // The limit applies neither to other callers nor to password changes.
    expect(
      (await requestTransition(service, 'PATCH', user, '', { body: { name: 'Jo' } })).status,
    ).toBe(200);
    const passwords = { currentPassword: goodPassword, newPassword: 'seven-lamps-in-an-orchard' };
    expect((await service.post('/v1/users/me/password', passwords, { token: me() })).status).toBe(
      204,
    );
    clock.advanceBy(day);
    expect((await change('c')).status).toBe(200);
    clock.advanceBy(-day);
  });

  it('of a password change by the user counts toward a limit of 100 per day in every API [SEC-11]', async () => {
    const user = await createUserWithStatus('active', service);
    const me = () => clock.aTokenOf('acme', [], user.native);
    const key = keys.user(tenantId.acme, user.jitsudo);
    const today = clock.now().toISOString().slice(0, 10);
    await service.stored.put({
      ...(await service.stored.item(key)),
      selfChanges: { day: today, count: 7, passwords: 99 },
    });
    const inCredible = (body: object) =>
      service.send('PATCH', `/credible/api/v0/users/${user.credible}`, { token: me(), body });
    expect(
      (await inCredible({ password: 'seven-lamps-in-an-orchard', tutorialStatus: { step: 1 } }))
        .status,
    ).toBe(200);
    expect((await service.stored.item(key))?.['selfChanges']).toEqual({
      day: today,
      count: 7,
      passwords: 100,
    });
    const limited = { status: 429, body: { code: 'too_many_requests' } };
    await expectNoWrites(service, async () => {
      expect(
        await inCredible({ password: goodPassword, tutorialStatus: { step: 2 } }),
      ).toMatchObject(limited);
    });
    const passwords = { currentPassword: 'seven-lamps-in-an-orchard', newPassword: goodPassword };
    const own = await service.post('/v1/users/me/password', passwords, { token: me() });
    expect(own).toMatchObject({ status: 429, body: { details: { limit: 'own_passwords' } } });
    expect((await inCredible({ businessRole: 'Other' })).status).toBe(200);
  });

  it('of a new email of an invited user contains the previous invitation', async () => {
    const user = await createUserIn(service, 'acme');
    const { email } = (await requestTransition(service, 'GET', user)).body;
    const item = await service.stored.item(keys.user(tenantId.acme, user.jitsudo));
    const { invitation } = fromItem(item!);
    expect(invitation).toMatchObject({ version: 1, invitedBy: 'admin-of-acme' });
    await requestTransition(service, 'PATCH', user, '', {
      body: { email: `${unique()}@example.com` },
    });
    expect((await readChanges(user)).map(({ before }: { before: object }) => before)).toEqual([
      { email, invitation },
    ]);
  });

  it('mentions avatars and passwords without their values', async () => {
    const user = await createUserIn(service, 'acme', { password: goodPassword, avatar: picture });
    const other = `data:image/gif;base64,${Buffer.from('GIF89a-other').toString('base64')}`;
    const me = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.acme });
    const next = 'seven-lamps-in-an-orchard';
    await requestTransition(service, 'PATCH', user, '', { body: { avatar: other, name: 'Jo' } });
    await service.post(
      '/v1/users/me/password',
      { currentPassword: goodPassword, newPassword: next },
      { token: me },
    );
    await service.send('PATCH', `/credible/api/v0/users/${user.credible}`, {
      token: systemToken('acme'),
      body: { password: goodPassword },
    });
    await requestTransition(service, 'PATCH', user, '', { body: { avatar: null } });
    expect((await readChanges(user)).map(({ before }: { before: object }) => before)).toEqual([
      { name: null, avatar: true },
      { password: true, isPasswordSetByOther: true },
      {
        password: true,
        mustChangePassword: null,
        isPasswordSetByOther: null,
        credentialLimits: { password: limit },
      },
      { avatar: true },
    ]);
    const text = JSON.stringify(await readRecords(user));
    for (const secret of [goodPassword, next, 'argon2', picture.slice(-24), other.slice(-20)])
      expect(text).not.toContain(secret);
  });

  it('is not written if a request changes nothing or fails', async () => {
    const user = await createUserWithStatus('active', service, { name: 'Jo', metadata: { a: 1 } });
    await expectNoWrites(service, async () => {
      const etags = await Promise.all(
        [{ name: 'Jo' }, { metadata: {} }, { metadata: { b: null } }, { description: null }].map(
          (body) => requestTransition(service, 'PATCH', user, '', { body }),
        ),
      );
      expect(etags.map(({ status, headers }) => [status, headers['etag']])).toEqual(
        Array.from({ length: 4 }, () => [200, '"1"']),
      );
      expect((await requestTransition(service, 'POST', user, '/reactivate')).status).toBe(409);
      expect(
        (
          await requestTransition(service, 'PATCH', user, '', {
            body: { name: 'Joan' },
            headers: { 'if-match': '"7"' },
          })
        ).status,
      ).toBe(412);
    });
  });

  it('is written before the update in the same transaction, on the condition that it does not exist', async () => {
    const { database, service: other } = await createFaultyService();
    const user = await createUserWithStatus('active', other);
    database.isWell();
    await requestTransition(other, 'PATCH', user, '', { body: { name: 'Jo' } });
    const writes = database.sent.filter(({ operation }) =>
      /Put|Update|Delete|Write/.test(operation),
    );
    expect(writes.map(({ operation }) => operation)).toEqual(['TransactWriteItems']);
    const [record, update, entry, ...rest] = JSON.parse(writes[0]!.text).TransactItems;
    expect([rest, record.Put.ConditionExpression, record.Put.Item.sk.S]).toEqual([
      [],
      'attribute_not_exists(pk)',
      'CHANGE#0000000002',
    ]);
    expect(update.Update.ConditionExpression).toBe('#version = :before');
    expect([entry.Put.ConditionExpression, entry.Put.Item.version.N]).toEqual([
      'userId = :userId',
      '2',
    ]);
  });
});

describe('versions', () => {
  it('have no gaps or duplicates after concurrent updates', async () => {
    const user = await createUserWithStatus('active', service);
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        requestTransition(service, 'PATCH', user, '', {
          body: { metadata: { [`key${index}`]: index } },
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(answers.map(({ body }) => body.version).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 2),
    );
    const changes = await readChanges(user);
    expect(changes.map(({ version }: { version: number }) => version)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 2),
    );
    // Each update is based on the previous one.
    expect(changes[0].before).toEqual({ metadata: null });
    const added = changes
      .slice(1)
      .map(({ before }: { before: { metadata: object } }) => Object.entries(before.metadata));
    expect(added).toEqual(
      Array.from({ length: 11 }, () => [[expect.stringMatching(/^key\d+$/), null]]),
    );
    expect(Object.keys((await requestTransition(service, 'GET', user)).body.metadata)).toHaveLength(
      12,
    );
  });

  it('increase even if the clock moves back [K21]', async () => {
    const user = await createUserWithStatus('active', service);
    clock.advanceBy(-60_000);
    expect(
      (await requestTransition(service, 'PATCH', user, '', { body: { name: 'Jo' } })).body.version,
    ).toBe(2);
    clock.advanceBy(60_000);
    expect(
      (
        await requestTransition(service, 'PATCH', user, '', {
          body: { name: 'Joan' },
          headers: { 'if-match': '"2"' },
        })
      ).body.version,
    ).toBe(3);
    const [first, second] = await readChanges(user);
    expect([first.version, second.version, first.time < second.time]).toEqual([2, 3, true]);
  });

  it('are sorted by number beyond nine, and the tables stay consistent', async () => {
    const user = await createUserWithStatus('active', service);
    for (let index = 0; index < 11; index++)
      await requestTransition(service, 'POST', user, index % 2 ? '/reactivate' : '/suspend');
    expect(
      (await readChanges(user)).map(({ version, action }: { version: number; action: string }) => [
        version,
        action,
      ]),
    ).toEqual(
      Array.from({ length: 11 }, (_, index) => [index + 2, index % 2 ? 'reactivate' : 'suspend']),
    );
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  });
});
