import { describe, expect, it } from 'vitest';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { importRows, listOutcomes } from '../../support/scenarios/bulk-users.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTestService, type TestResponse } from '../../support/service.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
const admin = () => ({ token: clock.aTokenOf('acme', ['admin']) });
const email = () => `${unique()}@example.com`;
const importUsers = (rows: readonly object[], options: object = {}, sent = admin()) =>
  importRows(service, rows, options, sent);
const rename = (userId: string, name: string): Promise<TestResponse> =>
  service.send('PATCH', `/v1/users/${userId}`, { ...admin(), body: { name } });
const getUser = async (userId: string) => (await service.get(`/v1/users/${userId}`, admin())).body;

describe('a repeated row', () => {
  it.each(['fail', 'skip', 'update'])(
    'returns the created user with %s, and writes nothing',
    async (onExisting) => {
      const rows = [
        { email: email(), rowKey: unique(), password: goodPassword },
        { email: email(), rowKey: unique(), externalId: unique() },
      ];
      const first = await importUsers(rows, { onExisting });
      expect(listOutcomes(first.body)).toEqual(['created', 'created']);
      await rename(first.body.results[0].userId, 'Changed since');
      const again = await expectNoWrites(service, () => importUsers(rows, { onExisting }));
      expect(again.body).toEqual(first.body);
      // The response to a repeated row must not confirm a guess of the password.
      const guess = rows.map((row) => ({ ...row, password: 'seven-lamps-in-an-orchard' }));
      const guessed = await expectNoWrites(service, () =>
        importUsers(guess.slice(0, 1), { onExisting }),
      );
      expect(guessed.body.results).toEqual(first.body.results.slice(0, 1));
    },
  );

  it('returns its update, and keeps later changes', async () => {
    const row = { email: email(), name: 'First', rowKey: unique() };
    const { userId } = (await service.post('/v1/users', { email: row.email }, admin())).body;
    const first = await importUsers([row], { onExisting: 'update' });
    expect(listOutcomes(first.body)).toEqual(['updated']);
    await rename(userId, 'Later');
    const again = await expectNoWrites(service, () => importUsers([row], { onExisting: 'update' }));
    expect(again.body).toEqual(first.body);
    expect(await getUser(userId)).toMatchObject({ name: 'Later', version: 3 });
  });

  it('with other content is an error', async () => {
    const row = { email: email(), rowKey: unique() };
    await importUsers([row]);
    for (const onExisting of ['fail', 'skip', 'update']) {
      const { body } = await expectNoWrites(service, () =>
        importUsers([{ ...row, name: 'Other' }], { onExisting }),
      );
      expect(body.results[0].error).toEqual({
        code: 'idempotency_mismatch',
        message: 'This rowKey was used for a different request',
        details: { field: 'rowKey' },
      });
    }
  });

  it('of another caller, of a single request, and after 24 hours is evaluated again', async () => {
    const rowKey = unique();
    const row = { email: email(), rowKey };
    const taken = ['user_exists email'];
    await importUsers([row]);
    const other = { token: clock.aTokenOf('acme', ['admin'], 'another-admin') };
    expect(listOutcomes((await importUsers([row], {}, other)).body)).toEqual(taken);
    const single = await service.post(
      '/v1/users',
      { email: row.email },
      { ...admin(), headers: { 'idempotency-key': rowKey } },
    );
    expect([single.status, single.body.code]).toEqual([409, 'user_exists']);
    clock.advanceBy(24 * 3600 * 1000 + 1000);
    expect(listOutcomes((await importUsers([row])).body)).toEqual(taken);
    const update = await importUsers([{ ...row, name: 'Jo' }], { onExisting: 'update' });
    expect(listOutcomes(update.body)).toEqual(['updated']);
  });

  it('that changed nothing is evaluated again', async () => {
    const row = { email: email(), rowKey: unique() };
    const { userId } = (await service.post('/v1/users', { email: row.email }, admin())).body;
    const skip = () => importUsers([row], { onExisting: 'skip' });
    expect(listOutcomes((await skip()).body)).toEqual(['skipped']);
    await service.send('DELETE', `/v1/users/${userId}`, admin());
    expect(listOutcomes((await skip()).body)).toEqual(['created']);
  });

  it('has one effect in 8 concurrent requests', async () => {
    const rows = [
      { email: email(), name: 'New', rowKey: unique() },
      { email: email(), name: 'Changed', rowKey: unique() },
    ];
    await service.post('/v1/users', { email: rows[1]?.email }, admin());
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => importUsers(rows, { onExisting: 'update' })),
    );
    const [first, ...others] = answers.map(({ body }) => body);
    expect(listOutcomes(first)).toEqual(['created', 'updated']);
    expect(others).toEqual(Array(7).fill(first));
    const versions = await Promise.all(
      first.results.map(async ({ userId }: { userId: string }) => (await getUser(userId)).version),
    );
    expect(versions).toEqual([1, 2]);
  });
});
