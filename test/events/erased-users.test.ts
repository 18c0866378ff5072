/** Events about erased users and tenants, and values that must not remain. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Webhook } from '../../lib/domain/webhooks/webhook.ts';
import { keys, webhookKeys } from '../../lib/store/keys.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { picture, unique } from '../support/dialects/dialects.ts';
import { getLogs } from '../support/logs.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { aws, createTestService, issuer, tenantId } from '../support/service.ts';
import { startReceiver } from '../support/webhooks/receiver.ts';

const clock = createTestClock();
const service = await createTestService({
  now: clock.now,
  hasStream: true,
  hasOutboxIndex: true,
  environment: { ALLOW_LOCAL_WEBHOOKS: 'true' },
});
const { stored } = service;
const token = clock.aTokenOf('acme', ['admin']);
const send = async (method: string, path: string, body?: object, caller = token) => {
  const { status, body: answer, text } = await service.send(method, path, { token: caller, body });
  expect(status < 300 ? 'success' : text).toBe('success');
  return answer;
};
const toUuid = (userId: string): string =>
  userId.replace(/^.*:(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const readEvents = async (userId: string) =>
  (await service.readFeed('acme')).filter(({ resource }) => resource.id === toUuid(userId));

/** Writes a webhook of acme, and starts its receiver. */
async function startWebhook() {
  const receiver = await startReceiver(undefined, { secure: false });
  const webhook: Webhook = {
    tenantId: tenantId.acme,
    webhookId: randomUUID(),
    url: receiver.url,
    types: [],
    status: 'enabled',
    order: 'resource',
    secrets: [{ generation: 1, keyId: '1', publicKey: 'whpk_' }],
    startAfter: 0,
    version: 1,
    createdAt: clock.now().toISOString(),
    createdBy: 'test',
  };
  await stored.put({ ...webhookKeys.webhook(tenantId.acme, webhook.webhookId), ...webhook });
  return receiver;
}

describe('an erased user', () => {
  it('leaves no value in tables, events and logs, also with an email as subject [E19 E20]', async () => {
    const mark = `zq${unique()}`;
    const subject = `${mark}.subject@example.com`;
    const [loggedBefore, { archive, events: busEvents }] = [getLogs.length, await aws()];
    const receiver = await startWebhook();
    const user = await send('POST', '/v1/users', {
      email: `${mark}@example.com`,
      userName: mark,
      name: `Name ${mark}`,
      metadata: { [mark]: { [mark]: mark } },
      externalId: mark,
      avatar: picture,
      identity: { issuer: issuer.settings.issuer, subject },
      password: goodPassword,
      roleIds: ['cradl:role:admin'],
    });
    const path = `/v1/users/${user.userId}`;
    const { groupId } = await send('POST', '/v1/groups', { name: unique() });
    await send('POST', `/v1/groups/${groupId}/members`, { members: [{ memberId: user.userId }] });
    const byIdentity = clock.aTokenOf('acme', [], subject);
    await send('PATCH', '/v1/users/me', { name: `${mark} 2` }, byIdentity);
    expect((await service.get('/v1/users', { token: byIdentity })).status).toBe(403);
    await service.numberChanges();

    const signIn = (password: string) =>
      service.post(
        '/v1/auth/token',
        { tenant: 'acme', userName: mark, password },
        { headers: { 'user-agent': `${mark} browser` }, sourceIp: '203.0.113.77' },
      );
    expect((await signIn(`${mark} is wrong`)).status).toBe(401);
    const { accessToken } = (await signIn(goodPassword)).body;
    const other = await send(
      'POST',
      '/v1/users',
      { email: `${unique()}@example.com` },
      accessToken,
    );
    await send('PATCH', path, { email: `new.${mark}@example.com`, metadata: { [mark]: null } });
    await send('POST', `/v1/auth/password-reset`, {
      tenant: 'acme',
      email: `new.${mark}@example.com`,
    });
    await send('GET', `${path}/export`);
    const personal = [mark, '203.0.113.77', picture.slice(-24)];
    expect(findValues(await stored.all(), personal)).not.toEqual([]);
    await send('POST', `${path}/erase`);
    // The request for a reset has the email until its mail is sent or dropped.
    await service.deliverPendingMail();
    await service.numberChanges();
    await service.on.feedAdvanced(tenantId.acme);
    const detail = { tenantId: tenantId.acme, sequence: 1 };
    await service.on.feedExport({ source: 'roster', 'detail-type': 'Feed Advanced', detail });
    clock.advanceBy(5 * 60_000);
    await service.on.feedExport();

    const items = [...(await stored.all()), ...(await stored.all(stored.secrets))];
    expect(findValues(items, personal)).toEqual([]);
    expect(findValues(getLogs.slice(loggedBefore), personal)).toEqual([]);
    const sent = [busEvents, receiver.requests, [...archive.objects]];
    for (const each of sent) {
      expect(JSON.stringify(each)).toMatch(/user\.erased/);
      expect(findValues(each, personal)).toEqual([]);
    }

    const events = await readEvents(user.userId);
    expect(events.filter(({ resource }) => resource.version !== undefined)).toMatchObject([
      { type: 'user.created', changedFields: [] },
      {
        type: 'user.updated',
        actor: { type: 'external', id: expect.stringMatching(/^[0-9a-f]{32}$/) },
        changedFields: ['name'],
      },
      { type: 'user.updated', changedFields: expect.arrayContaining(['email', 'metadata']) },
      { type: 'user.erased' },
    ]);
    // The ID of the actor identifies no person any longer.
    expect(await readEvents(other.userId)).toMatchObject([
      { type: 'user.created', actor: { type: 'user', id: toUuid(user.userId) } },
    ]);
  });

  it('gets a number for each change from the records without values [E8]', async () => {
    const { userId } = await send('POST', '/v1/users', { email: `${unique()}@example.com` });
    await send('PATCH', `/v1/users/${userId}`, { name: 'Jo', metadata: { shoe: 38 } });
    const { groupId } = await send('POST', '/v1/groups', { name: unique() });
    await send('POST', `/v1/groups/${groupId}/members`, { members: [{ memberId: userId }] });
    await send('DELETE', `/v1/users/${userId}`);
    await send('POST', `/v1/users/${userId}/erase`);
    const records = await service.readNewRecords();
    const last = records.findLast(({ dynamodb }) => dynamodb?.NewImage?.['action']?.S === 'erase');
    expect(await service.on.changes([last!])).toEqual({ batchItemFailures: [] });
    const numbered = await readEvents(userId);
    expect(numbered).toMatchObject([
      { type: 'user.created', resource: { version: 1 } },
      { type: 'user.updated', resource: { version: 2 }, changedFields: ['metadata', 'name'] },
      { type: 'user.deleted', resource: { version: 3 } },
      { type: 'user.erased', resource: { version: 4 } },
    ]);
    expect(numbered.slice(0, -1).every(({ digest }) => digest === undefined)).toBe(true);

    await service.on.changes(records);
    expect(await readEvents(userId)).toEqual(numbered);
    const added = (await service.readFeed('acme')).filter(
      ({ member }) => member?.id === toUuid(userId),
    );
    expect(added).toMatchObject([{ type: 'group.member_added' }]);
  });
});

it('the feed of an erased tenant stays, with the erasure as its last event', async () => {
  const system = clock.aTokenOf('globex', ['system_admin']);
  const path = `/v1/tenants/${tenantId.north}`;
  const owner = clock.aTokenOf('north', ['admin']);
  await send('POST', '/v1/users', { email: `${unique()}@example.com`, name: 'Jo' }, owner);
  await send('DELETE', path, undefined, system);
  await send('POST', `${path}/erase`, undefined, system);
  clock.advanceBy(6 * 60_000);
  await service.on.tenantErasure();
  await service.numberChanges();
  const events = await service.readFeed('north');
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['tenant.created', 'user.created', 'tenant.deleted', 'tenant.erased']),
  );
  expect(events.at(-1)).toMatchObject({
    type: 'tenant.erased',
    actor: { type: 'system', id: 'tenant-erasure' },
  });
  const prefix = keys.tenant(tenantId.north).pk;
  const items = (await stored.all()).filter(({ pk }) => pk.startsWith(prefix));
  const kinds = new Set(items.map(({ pk }) => pk.slice(prefix.length).split('#')[1] ?? ''));
  // The tenant, the record of its erasure, and the feed.
  expect(kinds).toEqual(new Set(['', 'TENANT', 'FEED', 'NUMBERED']));
});

/** Finds the texts that contain one of the values. */
const findValues = (texts: readonly unknown[], values: readonly string[]): string[] =>
  texts
    .map((text) => JSON.stringify(text))
    .filter((text) => values.some((value) => text.includes(value)));
