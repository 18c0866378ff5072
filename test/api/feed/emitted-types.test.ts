/** Every type of event is emitted by an operation, and its data match the published schema. */
import { expect, it } from 'vitest';
import { eventTypes } from '../../../lib/domain/feed/feed-event.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { fillTenant } from '../../support/scenarios/fill-tenant.ts';
import { createInvitationService, minute } from '../../support/scenarios/invitations.ts';
import { parseMailToken } from '../../support/scenarios/mail-delivery.ts';
import { day } from '../../support/scenarios/user-states.ts';
import { tenantId } from '../../support/service.ts';

const { service, clock, admin, inviteUser, tokenFor, acceptLink } = await createInvitationService({
  hasStream: true,
  hasOutboxIndex: true,
});

/** Sends a request that succeeds, by default as an administrator. */
async function send(method: string, path: string, body?: object, token = admin()) {
  const response = await service.send(method, `/v1${path}`, { token, body });
  expect(response.status, `${method} ${path}: ${response.text}`).toBeLessThan(300);
  return response.body;
}
const post = (path: string, body?: object, token?: string) => send('POST', path, body, token);

async function changeUsers() {
  const user = await createUserIn(service, 'acme', { password: goodPassword }, admin());
  const path = `/users/${user.native}`;
  const own = () => clock.aTokenOf('acme', [], user.native);
  const failed = { tenant: 'acme', userName: user.credible, password: 'another-lamp-7-tangled' };
  expect((await service.post('/v1/auth/token', failed)).status).toBe(401);
  await post(`${path}/suspend`);
  await post(`${path}/reactivate`);
  await post(`${path}/sign-out`);
  await send('DELETE', path);
  await post(`${path}/restore`);
  const passwords = { currentPassword: goodPassword, newPassword: 'seven-lamps-in-an-orchard' };
  await post('/users/me/password', passwords, own());
  const email = `${unique()}@example.com`;
  await post('/users/me/email', { email }, own());
  const mails = await service.deliverPendingMail();
  const mail = mails.find(({ to, text }) => to.includes(email) && parseMailToken(text) !== '');
  await post('/auth/email-verification/complete', { token: parseMailToken(mail?.text ?? '') });
}

async function changeInvitations() {
  const accepted = await inviteUser({ roleIds: ['cradl:role:admin'] });
  const [revoked, copied] = [await inviteUser(), await inviteUser()];
  expect((await acceptLink(await tokenFor(accepted))).status).toBe(200);
  clock.advanceBy(minute);
  await post(`/users/${revoked.id}/invitation/resend`);
  await post(`/users/${revoked.id}/invitation/revoke`);
  const permissions = ['users:create', 'invitations:copy'] as const;
  await service.putRole('acme', { slug: 'copier', name: 'Copier', permissions });
  await post(`/users/${copied.id}/invitation/link`, undefined, clock.aTokenOf('acme', ['copier']));
  return accepted.id;
}

async function changeOtherResources(memberId: string) {
  const { groupId } = await post('/groups', { name: unique() });
  await send('PATCH', `/groups/${groupId}`, { description: 'Night shift' });
  await post(`/groups/${groupId}/members`, { members: [{ memberId }] });
  await send('PATCH', `/groups/${groupId}/members/${memberId}`, { status: 'admin' });
  await send('DELETE', `/groups/${groupId}/members/${memberId}`);
  await send('DELETE', `/groups/${groupId}`);
  await post(`/groups/${groupId}/restore`);
  const { roleId } = await post('/roles', { name: unique(), permissions: [] });
  await send('PATCH', `/roles/${roleId}`, { name: unique() });
  const { appClientId } = await post('/app-clients', { name: unique() });
  const client = `/app-clients/${appClientId}`;
  await send('PATCH', client, { name: unique() });
  const { secrets } = await post(`${client}/secrets`, {});
  await send('DELETE', `${client}/secrets/${secrets[0].secretId}`);
  const { webhookId } = await post('/webhooks', { url: 'https://hooks.example.com/' });
  const webhook = `/webhooks/${webhookId}`;
  await send('PATCH', webhook, { description: 'Syncs users' });
  await post(`${webhook}/rotate-secret`, {});
  await post(`${webhook}/disable`);
  await post(`${webhook}/enable`);
  const { connectionId } = await post('/scim/connections', { name: unique() });
  const connection = `/scim/connections/${connectionId}`;
  await send('PATCH', connection, { brake: 'hold' });
  await send('DELETE', connection);
  await send('GET', '/audit-log');
}

async function loseDomains() {
  service.dnsRecords.clear();
  clock.advanceBy(7 * day);
  for (let lookUp = 0; lookUp < 3; lookUp++) {
    await service.on.domainChecks();
    clock.advanceBy(day);
  }
}

async function changeTenant(userId: string) {
  const system = () => clock.aTokenOf('globex', ['system_admin']);
  const tenant = `/tenants/${tenantId.acme}`;
  await send('PATCH', tenant, { name: 'Acme Inc.' }, system());
  await post(`${tenant}/transfer-ownership`, { userId }, system());
  await send('DELETE', tenant, undefined, system());
  await post(`${tenant}/restore`, undefined, system());
  await send('DELETE', tenant, undefined, system());
  await service.numberChanges();
  await post(`${tenant}/erase`, undefined, system());
  clock.advanceBy(6 * minute);
  await service.on.tenantErasure();
}

it('operations emit every type of event', async () => {
  await fillTenant(service, clock, 'acme');
  await changeUsers();
  const userId = await changeInvitations();
  await changeOtherResources(userId);
  await loseDomains();
  await changeTenant(userId);
  await service.numberChanges();

  // Throws if the data of an event do not match the schema of its type.
  const emitted = new Set((await service.readFeed('acme')).map(({ type }) => type));
  const missing = Object.values(eventTypes)
    .flat()
    .filter((type) => !emitted.has(type));
  // `npm run events:reconcile -- --repair` emits it.
  expect(missing).toEqual(['feed.restored']);
});
