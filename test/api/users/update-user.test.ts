/** K14, K15: what a change does, and what it never does. */
import { describe, expect, it } from 'vitest';
import { auditOf } from '../../support/table-audit.ts';
import { aUserIn } from '../../support/authenticated-routes.ts';
import { changes, dialects, readsNative } from '../../support/dialects/update-user.ts';
import { picture } from '../../support/dialects/dialects.ts';
import { aService, aTokenOf } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const service = await aService();

/** A change that every dialect has, under its own name. */
const renaming = {
  native: (name: string) => ({ name }),
  cradl: (name: string) => ({ name }),
  jitsudo: (name: string) => ({ name }),
  credible: (name: string) => ({ firstName: name }),
} as const;

const inOrder = async () => {
  const { missing, stray } = await auditOf(service);
  expect([missing, stray]).toEqual([[], []]);
};

/** The records of a user's changes, oldest first. */
const recordsOf = async (email: string) => {
  const all = await service.stored.all();
  const { pk } = all.find((item) => item['sk'] === 'USER' && item['email'] === email) ?? {};
  const records = all.filter(
    (item) => item['pk'] === pk && String(item['sk']).startsWith('CHANGE#'),
  );
  return records.toSorted((a, b) => a['version'] - b['version']);
};

describe.each(dialects)('a change through %s', (dialect) => {
  const rename = renaming[dialect];

  it('counts the version, and says when and by whom', async () => {
    const user = await aUserIn(service, 'acme');
    const before = await readsNative(service, user);
    for (const [index, by] of ['one', 'two', 'three'].entries()) {
      const answer = await changes(service, dialect, user, rename(`Jo ${by}`), {
        token: aTokenOf('acme', ['admin'], by),
      });
      expect(answer.status).toBe(200);
      const after = await readsNative(service, user);
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
    await inOrder();
  });

  it('leaves a record of who, when, by which request, what was there before and which policies let them', async () => {
    const user = await aUserIn(service, 'acme');
    await changes(service, dialect, user, rename('First'), {
      token: aTokenOf('acme', ['admin'], 'one'),
    });
    const second = await changes(service, dialect, user, rename('Second'), {
      token: aTokenOf('acme', ['admin'], 'two'),
    });
    const field = dialect === 'credible' ? 'firstName' : 'name';
    const { email, updatedTime } = await readsNative(service, user);
    expect(await recordsOf(email)).toEqual([
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

  it('K14: has no effect for another version than is meant', async () => {
    const user = await aUserIn(service, 'acme');
    await changes(service, dialect, user, rename('First'));
    for (const version of ['"1"', '"3"', 'W/"2"', '"1", "3"']) {
      const stale = () =>
        changes(service, dialect, user, rename('Second'), { headers: { 'if-match': version } });
      expect(await withoutEffect(service, stale)).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed', details: { version: 2 } },
      });
    }
    const malformed = () =>
      changes(service, dialect, user, rename('Second'), { headers: { 'if-match': '2' } });
    expect(await withoutEffect(service, malformed)).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path: 'If-Match' }] } },
    });
    expect(
      (await changes(service, dialect, user, rename('Second'), { headers: { 'if-match': '"2"' } }))
        .status,
    ).toBe(200);
  });

  it('K14: of several who mean the same version lets one have it', async () => {
    const user = await aUserIn(service, 'acme');
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        changes(service, dialect, user, rename(`Jo ${index}`), { headers: { 'if-match': '"1"' } }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 7 }, () => 412),
    ]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(await readsNative(service, user)).toMatchObject({ version: 2, name: `Jo ${winner}` });
    await inOrder();
  });

  it('that says nothing new writes nothing, and keeps the version', async () => {
    const user = await aUserIn(service, 'acme');
    expect((await changes(service, dialect, user, rename('Jo'))).status).toBe(200);
    expect(
      (await withoutEffect(service, () => changes(service, dialect, user, rename('Jo')))).status,
    ).toBe(200);
    expect((await readsNative(service, user)).version).toBe(2);
    // Nor does it spare whoever sends it the question which version they mean.
    expect(
      (await changes(service, dialect, user, rename('Jo'), { headers: { 'if-match': '"1"' } }))
        .status,
    ).toBe(412);
  });

  it('finds nobody who is deleted or erased', async () => {
    const user = await aUserIn(service, 'acme');
    await service.send('DELETE', `/v1/users/${user.native}`, {
      token: aTokenOf('acme', ['admin']),
    });
    expect(
      (await withoutEffect(service, () => changes(service, dialect, user, rename('Jo')))).status,
    ).toBe(404);
    await service.posts(`/v1/users/${user.native}/erase`, undefined, {
      token: aTokenOf('acme', ['admin']),
    });
    expect(
      (await withoutEffect(service, () => changes(service, dialect, user, rename('Jo')))).status,
    ).toBe(404);
  });
});

describe('K15: changes of different fields at the same time', () => {
  it('are all kept', async () => {
    const user = await aUserIn(service, 'acme', { metadata: { kept: true } });
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
      patches.map((patch) => changes(service, 'native', user, patch)),
    );
    expect(answers.map(({ status }) => status)).toEqual(patches.map(() => 200));
    expect(new Set(answers.map(({ headers }) => headers['etag'])).size).toBe(patches.length);
    const after = await readsNative(service, user);
    expect(after).toMatchObject({
      ...one,
      metadata: { kept: true, a: 1, b: { c: 2 } },
      tutorialStatus: { page: 3 },
      avatar: picture,
      version: 1 + patches.length,
    });
    const records = await recordsOf(after.email);
    expect(records.map(({ version }) => version)).toEqual(patches.map((_, index) => index + 2));
    expect(new Set(records.map(({ requestId }) => requestId))).toEqual(
      new Set(answers.map(({ headers }) => headers['x-request-id'])),
    );
    await inOrder();
  });

  it('are all kept, whatever dialects they come in', async () => {
    const user = await aUserIn(service, 'acme');
    const answers = await Promise.all([
      changes(service, 'native', user, { description: 'Accounts' }),
      changes(service, 'cradl', user, { metadata: { a: 1 } }),
      changes(service, 'jitsudo', user, { name: 'Jo Smith' }),
      changes(service, 'credible', user, { businessRole: 'Analyst' }),
      changes(service, 'cradl', user, { roleIds: ['cradl:role:user'] }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await readsNative(service, user)).toMatchObject({
      description: 'Accounts',
      metadata: { a: 1 },
      name: 'Jo Smith',
      businessRole: 'Analyst',
      roleIds: ['cradl:role:user'],
      version: 6,
    });
    await inOrder();
  });
});

describe('a change of roles', () => {
  it('K14: has no effect in the native API where nobody said which version it means', async () => {
    const user = await aUserIn(service, 'acme');
    const answer = await withoutEffect(service, () =>
      changes(service, 'native', user, { name: 'Jo', roleIds: ['cradl:role:user'] }),
    );
    expect(answer).toMatchObject({ status: 428, body: { code: 'precondition_required' } });
  });

  it('needs no If-Match where the dialect knows none', async () => {
    const user = await aUserIn(service, 'acme');
    expect((await changes(service, 'cradl', user, { roleIds: ['cradl:role:user'] })).status).toBe(
      200,
    );
    expect((await changes(service, 'jitsudo', user, { roles: ['approver'] })).status).toBe(200);
    expect((await readsNative(service, user)).roleIds).toEqual(['cradl:role:approver']);
  });
});

describe('an avatar', () => {
  it('that is there already, or that was never there, changes nothing', async () => {
    const user = await aUserIn(service, 'acme');
    expect(
      await withoutEffect(service, () => changes(service, 'native', user, { avatar: null })),
    ).toMatchObject({ body: { version: 1 } });
    expect(await changes(service, 'native', user, { avatar: picture })).toMatchObject({
      body: { version: 2, avatar: picture },
    });
    expect(
      await withoutEffect(service, () => changes(service, 'native', user, { avatar: picture })),
    ).toMatchObject({
      body: { version: 2 },
    });
    expect(await changes(service, 'native', user, { avatar: null })).toMatchObject({
      body: { version: 3, avatar: null },
    });
    await inOrder();
    // What it was is nowhere kept.
    expect(
      (await recordsOf((await readsNative(service, user)).email)).map(({ before }) => before),
    ).toEqual(['{"avatar":true}', '{"avatar":true}']);
  });
});

describe('an identity', () => {
  it('that is there already changes nothing, in whatever order it is said and kept', async () => {
    // The database has no order of names: whether it is another one is up to chance.
    for (const subject of ['one', 'two', 'three', 'four', 'five']) {
      const issuer = 'https://id.example.com';
      const user = await aUserIn(service, 'acme', { identity: { issuer, subject } });
      for (const identity of [
        { issuer, subject },
        { subject, issuer },
      ]) {
        expect(
          await withoutEffect(service, () => changes(service, 'native', user, { identity })),
        ).toMatchObject({ body: { version: 1 } });
      }
    }
  });
});
