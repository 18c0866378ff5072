/** A tenant with every kind of item. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { parseUserId, parseWebhookId } from '../../../lib/domain/kernel/ids.ts';
import { createSinkStore } from '../../../lib/store/feed/sink-store.ts';
import { keys } from '../../../lib/store/keys.ts';
import { connectionInput } from '../scim/create-connection.ts';
import { createDeliveryLog } from '../../../lib/store/webhooks/delivery-log.ts';
import { createDomainIn } from '../authenticated-routes.ts';
import { goodPassword } from '../dialects/create-user.ts';
import { provisionGroup } from '../scim/managed-groups.ts';
import { provisionUser } from '../scim/managed-users.ts';
import { type Service, type TenantSlug, tenantId } from '../service.ts';
import type { createTestClock } from './user-states.ts';

/** Creates every kind of item in a tenant. */
export async function fillTenant(
  service: Service,
  clock: ReturnType<typeof createTestClock>,
  slug: TenantSlug,
): Promise<void> {
  const token = clock.aTokenOf(slug, ['admin']);
  const post = async (path: string, body?: object, more: object = {}) => {
    const { status, body: created } = await service.post(path, body, { token, ...more });
    expect(status, path).toBeLessThan(300);
    return created;
  };
  const remove = async (path: string) =>
    expect((await service.send('DELETE', path, { token })).status, path).toBe(204);
  const domain = `${slug}.example`;
  const user = (name: string, more: object = {}) =>
    post(
      '/v1/users',
      { email: `${name}@${domain}`, userName: `${slug}-${name}`, ...more },
      { headers: { 'idempotency-key': name } },
    );
  await post('/v1/roles', { roleId: 'cradl:role:auditor', name: 'Auditor', permissions: [] });
  await post('/v1/roles', { roleId: 'cradl:role:past', name: 'Past', permissions: [] });
  await remove('/v1/roles/cradl:role:past');
  const avatar = 'data:image/png;base64,iVBORw0KGgo=';
  const ann = await user('ann', { password: goodPassword, avatar, externalId: `hr-${slug}` });
  const bob = await user('bob');
  const gone = await user('gone');
  const erased = await user('erased', { password: goodPassword });
  await user('linked', { authProvider: 'oidc', identity: { issuer: 'https://i', subject: 's' } });
  await user('alias', { userName: `other@${domain}` });
  await service.send('PATCH', `/v1/users/${ann.userId}`, { token, body: { name: 'Ann' } });
  await remove(`/v1/users/${gone.userId}`);
  await post(`/v1/users/${erased.userId}/erase`);
  const client = await post('/v1/app-clients', { name: 'Import' });
  const revoked = await post('/v1/app-clients', { name: 'Past' });
  await post(`/v1/app-clients/${revoked.appClientId}/revoke`);
  const { groupId } = await post('/v1/groups', {
    name: 'staff',
    externalId: 'g1',
    roleIds: ['cradl:role:auditor'],
  });
  const inner = await post('/v1/groups', { name: 'inner', roleIds: ['cradl:role:user'] });
  const members = [ann.userId, bob.userId, client.appClientId, inner.groupId];
  await post(`/v1/groups/${groupId}/members`, {
    members: members.map((memberId) => ({ memberId })),
  });
  const past = await post('/v1/groups', { name: 'past' });
  const managedBy = { connectionId: randomUUID(), externalId: 'idp' };
  const emails = [{ value: `home@${domain}` }];
  const scimAttributes = JSON.stringify({ emails });
  const jitsudo = parseUserId(bob.userId) ?? '';
  await provisionUser(service, { jitsudo }, { managedBy, scimAttributes }, slug);
  await provisionGroup(service, inner.groupId, { managedBy, displayName: 'Inner' }, slug);
  await remove(`/v1/groups/${past.groupId}`);
  const verified = await createDomainIn(service, slug, domain);
  await post(`/v1/domains/${verified.native}/verify`);
  const removed = await createDomainIn(service, slug, `old.${domain}`);
  await remove(`/v1/domains/${removed.native}`);
  await fillWebhooks(service, clock, slug);
  const connection = await post('/v1/scim/connections', connectionInput);
  await post('/v1/scim/connections', connectionInput);
  await remove(`/v1/scim/connections/${connection.connectionId}`);
  await service.get('/v1/users', { headers: { 'x-api-key': client.secret } });
  await service.post('/v1/auth/password-reset', { tenant: slug, email: `ann@${domain}` });
  await service.post('/v1/auth/token', {
    tenant: slug,
    userName: `${slug}-ann`,
    password: goodPassword,
  });
  await service.post('/v1/auth/token', {
    tenant: slug,
    userName: `${slug}-nobody`,
    password: goodPassword,
  });
  const denied = await service.get('/v1/users', { token: clock.aTokenOf(slug, []) });
  expect(denied.status).toBe(403);
  await service.get(`/v1/users/${ann.userId}/export`, { token });
  await service.deliverPendingMail();
  const { stored } = service;
  // An interrupted erasure leaves items that only the erasure record leads to.
  const rest = keys.userChange(tenantId[slug], parseUserId(erased.userId) ?? '', 9);
  const record = { action: 'update', at: clock.now().toISOString() };
  await stored.put({ ...rest, ...record, tenantId: tenantId[slug] });
}

/** Creates a webhook with the state and the log of its delivery, and a removed one. */
async function fillWebhooks(
  service: Service,
  clock: ReturnType<typeof createTestClock>,
  slug: TenantSlug,
): Promise<void> {
  const token = clock.aTokenOf(slug, ['admin']);
  const create = async () => {
    const url = `https://hooks.${slug}.example/`;
    const { body } = await service.post('/v1/webhooks', { url }, { token });
    return String(body.webhookId);
  };
  await service.send('DELETE', `/v1/webhooks/${await create()}`, { token });
  const webhook = { tenantId: tenantId[slug], webhookId: parseWebhookId(await create()) ?? '' };
  const sink = { tenantId: tenantId[slug], sinkId: webhook.webhookId };
  const nowMs = clock.now().getTime();
  await createSinkStore(service.stored, () => nowMs).acquire(
    sink,
    { id: randomUUID(), untilMs: nowMs },
    0,
  );
  await createDeliveryLog(service.stored, () => nowMs).record(webhook, [
    {
      eventId: randomUUID(),
      sequence: 1,
      type: 'user.created',
      attempt: 1,
      at: clock.now().toISOString(),
      outcome: 'delivered',
      status: 200,
      durationMs: 1,
    },
  ]);
}
