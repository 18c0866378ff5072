/** The event bus receives an event when a holder verifies an email. */
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { expect, it } from 'vitest';
import { listConsumers } from '../../infra/constructs/consumer-table.ts';
import { compilePattern } from '../../infra/local/events/event-pattern.ts';
import { keys } from '../../lib/store/keys.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { always, dropRequest } from '../support/faults/fault-proxy.ts';
import {
  createMailService,
  listIds,
  minute,
  parseMailToken,
} from '../support/scenarios/mail-delivery.ts';
import { aws, tenantId } from '../support/service.ts';

const { service, clock, amazon, isWell, calls, inviteUser, linksTo } = await createMailService();
const { events } = await aws();
const newPassword = 'seven-lamps-in-an-orchard';
const filters = listConsumers().flatMap(
  ([, { stream }]) => stream?.patterns.map((pattern) => compilePattern(pattern)) ?? [],
);

/** Stream records of the changes of a user that invoke the consumer, by version. */
async function listRecords(userId: string): Promise<DynamoDBRecord[]> {
  const { pk } = keys.userChange(tenantId.acme, userId, 1);
  return (await service.stored.all())
    .filter((item) => item['pk'] === pk && String(item['sk']).startsWith('CHANGE#'))
    .map((item) => ({
      eventName: 'INSERT' as const,
      dynamodb: {
        Keys: marshall({ pk: item['pk'], sk: item['sk'] }) as never,
        NewImage: marshall(item) as never,
        SequenceNumber: String(item['version']),
      },
    }))
    .filter((record) => filters.some((matches) => matches(record)));
}

const mailLink = async (email: string): Promise<string> => {
  await service.deliverPendingMail();
  return linksTo({ email }).at(-1) ?? '';
};
const complete = async (path: string, body: object) =>
  expect((await service.post(path, body)).status).toBe(200);

it('names the tenant, the user and the version, once per verification', async () => {
  const invitee = await inviteUser();
  const user = { ...invitee, token: clock.aTokenOf('acme', [], invitee.id) };
  const verify = (token: string) => complete('/v1/auth/email-verification/complete', { token });
  await complete('/v1/invitations/accept', {
    token: await mailLink(user.email),
    password: goodPassword,
  });
  const email = `moved-${user.email}`;
  await service.post('/v1/users/me/email', { email }, { token: user.token });
  await verify(await mailLink(email));
  clock.advanceBy(minute);
  const body = { email: `Moved-${user.email}` };
  const { body: respelled } = await calls('PATCH', `/v1/users/${user.id}`, { body });
  await service.post('/v1/auth/password-reset', { tenant: 'acme', email });
  await complete('/v1/auth/password-reset/complete', {
    token: await mailLink(respelled.email),
    password: newPassword,
  });
  const records = await listRecords(user.userId);
  const before = events.length;
  expect(await service.on.records(records)).toEqual({ batchItemFailures: [] });
  const getVersion = ({ detail }: { detail: unknown }) => (detail as { version: number }).version;
  const sent = events.slice(before).toSorted((a, b) => getVersion(a) - getVersion(b));
  expect(sent).toMatchObject(
    [2, 4].map((version) => ({
      bus: 'roster',
      source: 'roster',
      'detail-type': 'User Email Verified',
      detail: { tenantId: tenantId.acme, userId: user.id, version },
    })),
  );
  expect(JSON.stringify(sent)).not.toContain('@');
});

it('is not sent for an administrator who marks an email, or for a copied link', async () => {
  const marked = await inviteUser({ password: goodPassword });
  const body = { emailVerified: true };
  expect((await calls('PATCH', `/v1/users/${marked.id}`, { body })).status).toBe(200);
  expect(await listRecords(marked.userId)).toEqual([]);
  const copied = await inviteUser();
  const permissions = ['users:create', 'invitations:copy'] as const;
  await service.putRole('acme', { slug: 'copier', name: 'Copier', permissions });
  const sent = { token: clock.aTokenOf('acme', ['copier']) };
  const { body: link } = await calls('POST', `/v1/users/${copied.id}/invitation/link`, sent);
  const token = parseMailToken(JSON.stringify(link));
  await complete('/v1/invitations/accept', { token, password: goodPassword });
  expect(await listRecords(copied.userId)).toEqual([]);
});

it('is sent again after the bus was not available', async () => {
  const { body } = await calls('POST', '/v1/users', {
    body: { email: `later-${Date.now()}@example.com`, authProvider: 'oidc' },
  });
  await calls('POST', `/v1/users/${body.userId}/email/verification`);
  await complete('/v1/auth/email-verification/complete', { token: await mailLink(body.email) });
  const records = await listRecords(listIds(body).userId);
  const before = events.length;
  amazon.goesWrong(always(dropRequest, 'PutEvents'));
  expect(await service.on.records(records)).toEqual({
    batchItemFailures: [{ itemIdentifier: '3' }],
  });
  isWell();
  expect(await service.on.records(records)).toEqual({ batchItemFailures: [] });
  expect(events.slice(before)).toMatchObject([{ detail: { userId: body.userId, version: 3 } }]);
});
