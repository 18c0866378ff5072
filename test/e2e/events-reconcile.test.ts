/** `npm run events:reconcile` after changes that the stream did not deliver. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseUserId } from '../../lib/domain/kernel/ids.ts';
import { keys } from '../../lib/store/keys.ts';
import type { CliResult } from '../support/scenarios/command-process.ts';
import { runCli, selectTables, startCommandProcess } from '../support/scenarios/run-cli.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { adminToken, createTestService, tenantId, type TenantSlug } from '../support/service.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const clock = createTestClock();
// The command leaves changes of the last minute to the sequencer.
clock.advanceBy(-3600_000);
const service = await createTestService({ now: clock.now, hasStream: true });
const { stored } = service;
const state = join(createTemporaryFolder(), 'state.json');
const runNext = startCommandProcess();

const fast = ['--units', '999999', '--state', state];
const reconcile = (...args: string[]): Promise<CliResult> =>
  runNext({ name: 'events-reconcile', args: [...selectTables(stored), ...fast, ...args] });

const send = async (slug: TenantSlug, method: string, path: string, body?: object) => {
  const token = adminToken(slug);
  const response = await service.send(method, `/v1${path}`, { token, ...(body && { body }) });
  expect(response.status, response.text).toBeLessThan(300);
  return response.body;
};

const listTypes = async (slug: TenantSlug): Promise<string[]> =>
  (await service.readFeed(slug)).map(({ type, resource: { version } }) => `${type} ${version}`);

it('numbers what the sequencer missed, once and in order [E9 E13]', async () => {
  const { userId } = await send('acme', 'POST', '/users', { email: 'ada@acme.example' });
  await service.numberChanges();
  const before = await listTypes('acme');
  await send('acme', 'PATCH', `/users/${userId}`, { name: 'Ada' });
  await send('acme', 'PATCH', `/users/${userId}`, { name: 'Ada L.' });
  const group = await send('acme', 'POST', '/groups', { name: 'readers' });
  const members = [{ memberId: userId }];
  await send('acme', 'POST', `/groups/${group.groupId}/members`, { members });
  await send('globex', 'POST', '/users', { email: 'eve@globex.example' });
  // The stream has forgotten these records.
  await service.readNewRecords();
  const globex = await listTypes('globex');

  const counted = await reconcile('--dry-run');
  expect(counted).toMatchObject({ code: 1 });
  expect(counted.output).toContain(`tenant ${tenantId.acme}: 4 changes of `);
  expect(counted.output).toMatch(/changes without a number: 5\n$/);
  expect(await listTypes('acme')).toEqual(before);

  const numbered = await reconcile();
  expect([numbered.code, numbered.output]).toEqual([
    0,
    expect.stringMatching(/numbered changes: 5\n$/),
  ]);
  const types = (await listTypes('acme')).slice(before.length);
  expect(types.toSorted()).toEqual([
    'group.created 1',
    'group.member_added undefined',
    'user.updated 2',
    'user.updated 3',
  ]);
  expect(types.indexOf('user.updated 2')).toBeLessThan(types.indexOf('user.updated 3'));
  expect(await listTypes('globex')).toEqual([...globex, 'user.created 1']);

  expect(await reconcile('--dry-run')).toMatchObject({ code: 0 });
  expect(existsSync(state)).toBe(false);
});

it('runs while the sequencer numbers the same changes', async () => {
  const ids = await Promise.all(
    [1, 2, 3].map(async (index) => {
      const user = await send('north', 'POST', '/users', { email: `u${index}@north.example` });
      await send('north', 'PATCH', `/users/${user.userId}`, { name: 'Name' });
      return user.userId as string;
    }),
  );
  const [result] = await Promise.all([reconcile(), service.numberChanges()]);
  expect(result.code).toBe(0);
  const events = await service.readFeed('north');
  for (const id of ids)
    expect(
      events
        .filter(({ resource }) => resource.id === parseUserId(id))
        .map(({ resource }) => resource.version),
    ).toEqual([1, 2]);
});

it('leaves recent changes and old activity to the sequencer', async () => {
  const record = { at: new Date().toISOString(), actor: { type: 'system', id: 'test' } };
  const common = { requestId: 'r', policies: [], schemaVersion: 3 };
  const { south } = tenantId;
  const change = { action: 'update', before: '{}', salt: 'salt' };
  const activity = {
    activityId: '0',
    type: 'audit_log.read',
    resource: { type: 'tenant', id: south },
  };
  const old = new Date(Date.now() - 3 * 24 * 3600_000).toISOString();
  const before = await reconcile('--dry-run');
  await stored.putAll([
    { ...keys.tenantChange(south, 2), ...record, ...common, ...change },
    {
      pk: `TENANT#${south}#ACTIVITY`,
      sk: `ACTIVITY#READ#${old}#0`,
      ...record,
      ...common,
      ...activity,
      at: old,
    },
  ]);
  expect(await reconcile('--dry-run')).toEqual(before);
});

it('lists malformed records, and numbers all others', async () => {
  await send('globex', 'POST', '/users', { email: 'last@globex.example' });
  await service.readNewRecords();
  const malformed = keys.tenantChange(tenantId.globex, 9);
  await stored.put({ ...malformed, action: 'update', before: '{', schemaVersion: 3 });
  const before = await listTypes('globex');
  const { code, output } = await reconcile();

  expect([code, output]).toEqual([
    1,
    expect.stringContaining(`malformed, without an event: ${malformed.pk} ${malformed.sk}\n`),
  ]);
  expect(await listTypes('globex')).toEqual([...before, 'user.created 1']);
});

it('rejects invalid options', async () => {
  const { code, output } = await runCli('events-reconcile', ['--units', '0'], { stored });
  expect([code, output]).toEqual([1, expect.stringContaining('--units must be a whole number')]);
});
