/** Webhooks from the API to a receiver that verifies signatures with a published library. */
import { Webhook as Receiver } from 'standardwebhooks';
import { expect, it } from 'vitest';
import type { TestRequest } from '../../../lib/domain/webhooks/test-request.ts';
import { createWebhookService } from '../../support/scenarios/webhooks.ts';
import { tenantId } from '../../support/service.ts';
import { type ReceivedRequest, startReceiver } from '../../support/webhooks/receiver.ts';

const { service, clock, admin, call, toUuid, createWebhook, getTestRequest, readSink } =
  await createWebhookService({
    environment: { ALLOW_LOCAL_WEBHOOKS: 'true' },
    timeoutMs: () => 120_000,
  });
const { url, requests, respondWith } = await startReceiver(undefined, { secure: false });

const createGroup = async (name: string) =>
  service.post('/v1/groups', { name }, { token: admin() });
const sendTest = async () =>
  service.on.webhookTest((await getTestRequest()) as unknown as TestRequest);
/** Numbers the changes, and delivers until a delivery numbers no further change. */
const deliver = async () => {
  await service.numberChanges();
  await service.on.feedAdvanced(tenantId.acme);
};
/** Takes the requests since the last call, with the types of their events. */
const takeRequests = () => requests.splice(0);
const listTypes = (received: readonly ReceivedRequest[]) =>
  received.map(({ body }) => JSON.parse(body).type);

/** True if the library accepts the signature. Its clock is the real one. */
function isSigned({ headers, body }: ReceivedRequest, secret: string): boolean {
  const signed = headers as Record<string, string>;
  const expected = new Receiver(secret).sign(
    signed['webhook-id'] ?? '',
    new Date(Number(signed['webhook-timestamp']) * 1000),
    body,
  );
  return signed['webhook-signature']?.split(' ').includes(expected) ?? false;
}

it('verifies, delivers, rotates, replays and stops [W23 W24 W26 W27]', async () => {
  const { webhookId, secret } = (await createWebhook({ url, types: ['group.created'] })).body;
  await createGroup('one');
  await deliver();
  expect(takeRequests(), 'before the verification').toEqual([]);

  respondWith((_request, response) => void response.writeHead(401).end());
  await sendTest();
  expect((await call('GET', `/${webhookId}`)).body).toMatchObject({ status: 'unverified' });
  respondWith((_request, response) => void response.writeHead(204).end());
  const { eventId } = (await call('POST', `/${webhookId}/test`)).body;
  await sendTest();
  expect((await call('GET', `/${webhookId}`)).body).toMatchObject({
    status: 'enabled',
    verifiedTime: clock.now().toISOString(),
  });
  const tests = takeRequests();
  expect(listTypes(tests)).toEqual(['webhook.test', 'webhook.test']);
  expect(tests[1]?.headers['webhook-id']).toBe(eventId);
  expect(tests.every((request) => isSigned(request, secret))).toBe(true);

  await deliver();
  const [delivered] = takeRequests();
  expect(JSON.parse(delivered?.body ?? '')).toMatchObject({
    specversion: '1.0',
    id: delivered?.headers['webhook-id'],
    type: 'group.created',
    source: `/tenants/${tenantId.acme}`,
  });

  const { secret: next } = (await call('POST', `/${webhookId}/rotate-secret`, { body: {} })).body;
  await createGroup('two');
  await deliver();
  const [overlapping] = takeRequests();
  expect([secret, next].map((each) => overlapping && isSigned(overlapping, each))).toEqual([
    true,
    true,
  ]);
  await call('POST', `/${webhookId}/revoke-previous-secret`);

  const feed = await service.readFeed('acme');
  const groups = feed.filter(({ type }) => type === 'group.created');
  const ids = groups.map(({ id }) => id);
  const range = { from: groups[0]?.sequence, to: groups[1]?.sequence };
  await createGroup('three');
  expect((await call('POST', `/${webhookId}/replay`, { body: range })).status).toBe(202);
  await deliver();
  const replayed = takeRequests();
  const latest = (await service.readFeed('acme')).findLast(({ type }) => type === 'group.created');
  expect(replayed).toHaveLength(3);
  expect(new Set(replayed.map(({ headers }) => headers['webhook-id']))).toEqual(
    new Set([...ids, latest?.id]),
  );
  expect(replayed.map((request) => [secret, next].map((each) => isSigned(request, each)))).toEqual(
    replayed.map(() => [false, true]),
  );

  const after = { after: (groups[0]?.sequence ?? 0) - 1 };
  expect((await call('POST', `/${webhookId}/replay`, { body: after })).status).toBe(202);
  await deliver();
  const repeated = takeRequests().map(({ headers }) => headers['webhook-id']);
  expect(repeated).toHaveLength(3);
  expect(repeated.slice(0, 2)).toEqual(ids);

  await call('POST', `/${webhookId}/disable`);
  await createGroup('four');
  await deliver();
  expect(takeRequests(), 'while disabled').toEqual([]);
  await call('POST', `/${webhookId}/enable`);
  await deliver();
  expect(listTypes(takeRequests()), 'after the webhook is enabled again').toEqual([
    'group.created',
  ]);
  expect((await readSink(webhookId))?.cursor).toBe((await service.readFeed('acme')).length);

  const { body: log } = await call('GET', `/${webhookId}/deliveries?outcome=failed`);
  expect(log.deliveries).toMatchObject([
    { type: 'webhook.test', sequence: null, httpStatus: 401, outcome: 'failed' },
  ]);
  await call('DELETE', `/${webhookId}`);
  await createGroup('five');
  await deliver();
  expect(takeRequests(), `after the deletion of ${toUuid(webhookId)}`).toEqual([]);
});
