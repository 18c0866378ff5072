/** Versions, change records and conditions of updates in every dialect. */
import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { updateUser, dialects, readNativeUser } from '../../support/dialects/update-user.ts';
import { picture } from '../../support/dialects/dialects.ts';
import { createTestService, userToken } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createTestService();

/** An update that every dialect supports. */
const renaming = {
  native: (name: string) => ({ name }),
  cradl: (name: string) => ({ name }),
  jitsudo: (name: string) => ({ name }),
  credible: (name: string) => ({ firstName: name }),
} as const;

const expectConsistentTables = async () => {
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
};

/** Change records of a user, oldest first. */
const readRecords = async (email: string) => {
  const all = await service.stored.all();
  const { pk } = all.find((item) => item['sk'] === 'USER' && item['email'] === email) ?? {};
  const records = all.filter(
    (item) => item['pk'] === pk && String(item['sk']).startsWith('CHANGE#'),
  );
  return records.toSorted((a, b) => a['version'] - b['version']);
};

describe.each(dialects)('an update through %s', (dialect) => {
  const rename = renaming[dialect];

  it('increments the version and sets the time and author', async () => {
    const user = await createUserIn(service, 'acme');
    const before = await readNativeUser(service, user);
    for (const [index, by] of ['one', 'two', 'three'].entries()) {
      const answer = await updateUser(service, dialect, user, rename(`Jo ${by}`), {
        token: userToken('acme', ['admin'], by),
      });
      expect(answer.status).toBe(200);
      const after = await readNativeUser(service, user);
      expect(after).toEqual({
        ...before,
        name: `Jo ${by}`,
        firstName: dialect === 'credible' ? `Jo ${by}` : null,
        version: index + 2,
        updatedTime: expect.stringMatching(/^20\d\d-.*Z$/),
        updatedBy: by,
      });
      expect(after.updatedTime >= before.createdTime).toBe(true);
    }
    await expectConsistentTables();
  });

  it('adds a record of the caller, time, request, policies and previous values', async () => {
    const user = await createUserIn(service, 'acme');
    await updateUser(service, dialect, user, rename('First'), {
      token: userToken('acme', ['admin'], 'one'),
    });
    const second = await updateUser(service, dialect, user, rename('Second'), {
      token: userToken('acme', ['admin'], 'two'),
    });
    const field = dialect === 'credible' ? 'firstName' : 'name';
    const { email, updatedTime } = await readNativeUser(service, user);
    expect(await readRecords(email)).toEqual([
      expect.objectContaining({
        version: 2,
        action: 'update',
        by: 'one',
        before: JSON.stringify({ [field]: null }),
      }),
      expect.objectContaining({
        version: 3,
        action: 'update',
        at: updatedTime,
        by: 'two',
        issuer: 'http://localhost:4000',
        requestId: second.headers['x-request-id'],
        policies: ['update-user'],
        before: JSON.stringify({ [field]: 'First' }),
      }),
    ]);
  });

  it('has no effect if If-Match names another version or is malformed [K14]', async () => {
    const user = await createUserIn(service, 'acme');
    await updateUser(service, dialect, user, rename('First'));
    for (const version of ['"1"', '"3"', 'W/"2"', '"1", "3"']) {
      const stale = () =>
        updateUser(service, dialect, user, rename('Second'), { headers: { 'if-match': version } });
      expect(await expectNoWrites(service, stale)).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed', details: { version: 2 } },
      });
    }
    const malformed = () =>
      updateUser(service, dialect, user, rename('Second'), { headers: { 'if-match': '2' } });
    expect(await expectNoWrites(service, malformed)).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path: 'If-Match' }] } },
    });
    expect(
      (
        await updateUser(service, dialect, user, rename('Second'), {
          headers: { 'if-match': '"2"' },
        })
      ).status,
    ).toBe(200);
  });

  it('succeeds for one of several concurrent requests with the same If-Match [K14]', async () => {
    const user = await createUserIn(service, 'acme');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        updateUser(service, dialect, user, rename(`Jo ${index}`), {
          headers: { 'if-match': '"1"' },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 7 }, () => 412),
    ]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(await readNativeUser(service, user)).toMatchObject({ version: 2, name: `Jo ${winner}` });
    await expectConsistentTables();
  });

  it('that changes nothing writes nothing and preserves the version', async () => {
    const user = await createUserIn(service, 'acme');
    expect((await updateUser(service, dialect, user, rename('Jo'))).status).toBe(200);
    expect(
      (await expectNoWrites(service, () => updateUser(service, dialect, user, rename('Jo'))))
        .status,
    ).toBe(200);
    expect((await readNativeUser(service, user)).version).toBe(2);
    // If-Match applies even if nothing would change.
    expect(
      (await updateUser(service, dialect, user, rename('Jo'), { headers: { 'if-match': '"1"' } }))
        .status,
    ).toBe(412);
  });

  it('returns 404 for a deleted or erased user', async () => {
    const user = await createUserIn(service, 'acme');
    await service.send('DELETE', `/v1/users/${user.native}`, {
      token: userToken('acme', ['admin']),
    });
    expect(
      (await expectNoWrites(service, () => updateUser(service, dialect, user, rename('Jo'))))
        .status,
    ).toBe(404);
    await service.post(`/v1/users/${user.native}/erase`, undefined, {
      token: userToken('acme', ['admin']),
    });
    expect(
      (await expectNoWrites(service, () => updateUser(service, dialect, user, rename('Jo'))))
        .status,
    ).toBe(404);
  });
});

describe('concurrent updates of different fields [K15]', () => {
  it('are all applied', async () => {
    const user = await createUserIn(service, 'acme', { metadata: { kept: true } });
    const one = {
      name: 'Jo Smith',
      description: 'Accounts',
      firstName: 'Jo',
      lastName: 'Smith',
      businessRole: 'Analyst',
    };
    const patches = [
      ...Object.entries(one).map(([field, value]) => ({ [field]: value })),
      { metadata: { a: 1 } },
      { metadata: { b: { c: 2 } } },
      { tutorialStatus: { page: 3 } },
      { avatar: picture },
    ];
    const answers = await Promise.all(
      patches.map((patch) => updateUser(service, 'native', user, patch)),
    );
    expect(answers.map(({ status }) => status)).toEqual(patches.map(() => 200));
    expect(new Set(answers.map(({ headers }) => headers['etag'])).size).toBe(patches.length);
    const after = await readNativeUser(service, user);
    expect(after).toMatchObject({
      ...one,
      metadata: { kept: true, a: 1, b: { c: 2 } },
      tutorialStatus: { page: 3 },
      avatar: picture,
      version: 1 + patches.length,
    });
    const records = await readRecords(after.email);
    expect(records.map(({ version }) => version)).toEqual(patches.map((_, index) => index + 2));
    expect(new Set(records.map(({ requestId }) => requestId))).toEqual(
      new Set(answers.map(({ headers }) => headers['x-request-id'])),
    );
    await expectConsistentTables();
  });

  it('are all applied across dialects', async () => {
    const user = await createUserIn(service, 'acme');
    const answers = await Promise.all([
      updateUser(service, 'native', user, { description: 'Accounts' }),
      updateUser(service, 'cradl', user, { metadata: { a: 1 } }),
      updateUser(service, 'jitsudo', user, { name: 'Jo Smith' }),
      updateUser(service, 'credible', user, { businessRole: 'Analyst' }),
      updateUser(service, 'cradl', user, { roleIds: ['cradl:role:user'] }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await readNativeUser(service, user)).toMatchObject({
      description: 'Accounts',
      metadata: { a: 1 },
      name: 'Jo Smith',
      businessRole: 'Analyst',
      roleIds: ['cradl:role:user'],
      version: 6,
    });
    await expectConsistentTables();
  });
});

describe('a role update', () => {
  it('returns 428 in the native API without If-Match [K14]', async () => {
    const user = await createUserIn(service, 'acme');
    const answer = await expectNoWrites(service, () =>
      updateUser(service, 'native', user, { name: 'Jo', roleIds: ['cradl:role:user'] }),
    );
    expect(answer).toMatchObject({ status: 428, body: { code: 'precondition_required' } });
  });

  it('does not require If-Match in dialects without this header', async () => {
    const user = await createUserIn(service, 'acme');
    expect(
      (await updateUser(service, 'cradl', user, { roleIds: ['cradl:role:user'] })).status,
    ).toBe(200);
    expect((await updateUser(service, 'jitsudo', user, { roles: ['approver'] })).status).toBe(200);
    expect((await readNativeUser(service, user)).roleIds).toEqual(['cradl:role:approver']);
  });
});

describe('an avatar', () => {
  it('that does not change writes nothing', async () => {
    const user = await createUserIn(service, 'acme');
    expect(
      await expectNoWrites(service, () => updateUser(service, 'native', user, { avatar: null })),
    ).toMatchObject({ body: { version: 1 } });
    expect(await updateUser(service, 'native', user, { avatar: picture })).toMatchObject({
      body: { version: 2, avatar: picture },
    });
    expect(
      await expectNoWrites(service, () => updateUser(service, 'native', user, { avatar: picture })),
    ).toMatchObject({
      body: { version: 2 },
    });
    expect(await updateUser(service, 'native', user, { avatar: null })).toMatchObject({
      body: { version: 3, avatar: null },
    });
    await expectConsistentTables();
    // The records do not contain the avatar.
    expect(
      (await readRecords((await readNativeUser(service, user)).email)).map(({ before }) => before),
    ).toEqual(['{"avatar":true}', '{"avatar":true}']);
  });
});

describe('an identity', () => {
  it('that does not change writes nothing, in any key order', async () => {
    // DynamoDB returns keys in any order. Five identities make a mismatch likely.
    for (const subject of ['one', 'two', 'three', 'four', 'five']) {
      const issuer = 'https://id.example.com';
      const user = await createUserIn(service, 'acme', { identity: { issuer, subject } });
      for (const identity of [
        { issuer, subject },
        { subject, issuer },
      ]) {
        expect(
          await expectNoWrites(service, () => updateUser(service, 'native', user, { identity })),
        ).toMatchObject({ body: { version: 1 } });
      }
    }
  });
});
