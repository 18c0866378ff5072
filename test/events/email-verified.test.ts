/** The event bus receives events about emails that their holders verify. */
import { expect, it } from 'vitest';
import { goodPassword } from '../support/dialects/create-user.ts';
import { createMailService, minute, parseMailToken } from '../support/scenarios/mail-delivery.ts';
import { aws, tenantId } from '../support/service.ts';

const { service, clock, calls, inviteUser, linksTo } = await createMailService({ hasStream: true });
const { events } = await aws();
const newPassword = 'seven-lamps-in-an-orchard';

interface Detail {
  readonly subject: string;
  readonly data: { readonly version: number; readonly changedFields: readonly string[] };
}

/** Numbers the changes, and lists the events of a user whose email is verified. */
async function listVerifications(userId: string): Promise<[string, number][]> {
  await service.numberChanges();
  const before = events.length;
  const detail = { tenantId: tenantId.acme };
  await service.on.feedExport({ source: 'roster', 'detail-type': 'Feed Advanced', detail });
  const sent = events.slice(before);
  expect(JSON.stringify(sent)).not.toContain('@');
  return sent
    .map((event) => ({ type: event['detail-type'], ...(event.detail as Detail) }))
    .filter(({ subject }) => subject === userId)
    .filter(
      ({ type, data }) =>
        type === 'user.email_verified' || data.changedFields.includes('emailVerified'),
    )
    .map(({ type, data }) => [type, data.version]);
}

const mailLink = async (email: string): Promise<string> => {
  await service.deliverPendingMail();
  return linksTo({ email }).at(-1) ?? '';
};
const complete = async (path: string, body: object) =>
  expect((await service.post(path, body)).status).toBe(200);

it('has one event per verification', async () => {
  const invitee = await inviteUser();
  const user = { ...invitee, token: clock.aTokenOf('acme', [], invitee.id) };
  await complete('/v1/invitations/accept', {
    token: await mailLink(user.email),
    password: goodPassword,
  });
  const email = `moved-${user.email}`;
  await service.post('/v1/users/me/email', { email }, { token: user.token });
  await complete('/v1/auth/email-verification/complete', { token: await mailLink(email) });
  clock.advanceBy(minute);
  const body = { email: `other-${user.email}` };
  await calls('PATCH', `/v1/users/${user.id}`, { body });
  await service.post('/v1/auth/password-reset', { tenant: 'acme', email: body.email });
  await complete('/v1/auth/password-reset/complete', {
    token: await mailLink(body.email),
    password: newPassword,
  });
  expect(await listVerifications(user.id)).toEqual([
    ['user.activated', 2],
    ['user.email_verified', 4],
    // The administrator's change ends the verification.
    ['user.updated', 5],
    ['user.password_changed', 6],
  ]);
});

it('does not mark an email of a copied link as verified', async () => {
  const copied = await inviteUser();
  const permissions = ['users:create', 'invitations:copy'] as const;
  await service.putRole('acme', { slug: 'copier', name: 'Copier', permissions });
  const sent = { token: clock.aTokenOf('acme', ['copier']) };
  const { body: link } = await calls('POST', `/v1/users/${copied.id}/invitation/link`, sent);
  const token = parseMailToken(JSON.stringify(link));
  await complete('/v1/invitations/accept', { token, password: goodPassword });
  expect(await listVerifications(copied.id)).toEqual([]);
});
