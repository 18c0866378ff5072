import { randomUUID } from 'node:crypto';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createWebhookDeliveryDeps } from '../../../lib/deps/events/webhook-delivery-deps.ts';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { formatSecret } from '../../../lib/domain/webhooks/secret.ts';
import { formatActorId, formatResourceId } from '../../../lib/domain/feed/cloud-event.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { dropRequest } from '../../support/faults/fault-proxy.ts';
import {
  createDeliveryService,
  hour,
  minute,
  toUserId,
} from '../../support/webhooks/delivery-service.ts';

const setup = await createDeliveryService();
const { append, clock, createReceiver, findState, listAttempts } = setup;
let tenantId = '';
beforeEach(async () => {
  tenantId = await setup.startTenant();
});
const day = 24 * hour;
const always = () => true;
const sortNumbers = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

it('delivers events in order as signed CloudEvents', async () => {
  const receiver = await createReceiver();
  const events = await append([1, 2, 1]);
  await setup.advance();

  expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual(
    events.map(({ id }) => id),
  );
  const [request] = receiver.requests;
  expect(request?.headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-timestamp': String(Math.floor(clock.now().getTime() / 1000)),
    'webhook-signature': expect.stringMatching(/^v1,[\w+/]{43}= v1a,[\w+/]{86}==$/),
  });
  expect(JSON.parse(request?.body ?? '')).toMatchObject({
    specversion: '1.0',
    source: `/tenants/${tenantId}`,
    type: 'user.updated',
    dataschema: `https://roster.example.com/v1/event-types/user.updated/1`,
    subject: formatResourceId({ type: 'user', id: toUserId(1) }, 'cradl'),
    data: { actor: { type: 'system', id: formatActorId({ type: 'system', id: 'test' }, 'cradl') } },
  });
  expect(await listAttempts(receiver.webhook)).toMatchObject(
    events.map(({ id, sequence }) => ({ eventId: id, sequence, outcome: 'delivered', attempt: 1 })),
  );
  await setup.advance();
  expect(receiver.requests).toHaveLength(3);

  const { deriveSigningKeys } = createWebhookDeliveryDeps(setup.service.environment);
  const secret = formatSecret(
    await deriveSigningKeys(receiver.webhook, { generation: 1, keyId: '1' }),
  );
  // The library accepts only the current time.
  onTestFinished(() => void vi.useRealTimers());
  vi.setSystemTime(clock.now());
  for (const { body, headers } of receiver.requests)
    expect(new StandardWebhook(secret).verify(body, headers as never)).toEqual(JSON.parse(body));
});

it('refuses local endpoints in Lambda', () => {
  const environment = { ...setup.service.environment, AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' };
  expect(() => createWebhookDeliveryDeps(environment)).toThrow('only for the local server');
  const deployed = { ...environment, ALLOW_LOCAL_WEBHOOKS: undefined };
  expect(() => createWebhookDeliveryDeps(deployed)).not.toThrow();
});

it('sends only the types of the webhook, and nothing to unverified and disabled ones', async () => {
  const some = await createReceiver({ types: ['user.created', 'group.*'] });
  const others = await Promise.all([
    createReceiver({ status: 'unverified' }),
    createReceiver({ status: 'disabled' }),
  ]);
  const [created] = await append([1], 'user.created');
  await append([1, 2]);
  const [group] = await append([3], 'group.updated');
  await setup.advance();

  expect(some.listSequences()).toEqual([created?.sequence, group?.sequence]);
  expect(others.map(({ requests }) => requests)).toEqual([[], []]);
});

it('sends events of up to 10 resources at the same time once the endpoint accepts them', async () => {
  const receiver = await createReceiver();
  const events = await append(Array.from({ length: 40 }, (_, index) => index));
  const groups: number[] = [];
  const sizes = [1, 2, 4, 8, 10, 10, 5];
  let waiting: (() => void)[] = [];
  receiver.respondWith((_request, response) => {
    waiting.push(() => void response.writeHead(204).end());
    // Smaller groups never get a response.
    if (waiting.length < (sizes[groups.length] ?? 0)) return;
    groups.push(waiting.length);
    const responses = waiting.toReversed();
    waiting = [];
    for (const respond of responses) respond();
  });
  await setup.advance();

  expect(groups).toEqual(sizes);
  expect(sortNumbers(receiver.listSequences())).toEqual(events.map(({ sequence }) => sequence));
  expect(receiver.countConnections()).toBe(10);
  const attempts = await listAttempts(receiver.webhook);
  expect(sortNumbers(attempts.map(({ sequence }) => sequence))).toEqual(
    events.map(({ sequence }) => sequence),
  );
});

it('repeats at most 10 requests if another process takes over while some are running', async () => {
  const receiver = await createReceiver();
  const users = Array.from({ length: 30 }, (_, index) => index);
  const events = (await append(users)).map(({ sequence }) => sequence);
  // In the group of 16 to 25, after groups of 1, 2, 4 and 8.
  const slow = 20;
  let other: Promise<void> | undefined;
  receiver.respondWith((_request, response, { body }) => {
    const respond = () => void response.writeHead(204).end();
    if (Number(JSON.parse(body).sequence) === slow) {
      receiver.accept();
      clock.advanceBy(minute);
      other = setup.advance().then(respond);
    } else respond();
  });
  await setup.advance();
  await other;

  const counts = events.map(
    (sequence) => receiver.listSequences().filter((each) => each === sequence).length,
  );
  expect(counts).toEqual(events.map((sequence) => (sequence > 15 && sequence <= 25 ? 2 : 1)));
  expect(await findState(receiver.webhook)).toMatchObject({ cursor: 30, retries: [], attempts: 0 });
});

it('repeats only the failed events of a group, and waits if an endpoint refuses some', async () => {
  const receiver = await createReceiver();
  const events = (await append([1, 2, 3, 4, 5, 6, 7, 4])).map(({ sequence }) => sequence);
  receiver.failFor((sequence) => sequence === 4 || sequence === 6);
  await setup.advance();
  // The group of 4 to 7 fails in part. The retries of 4 and 6 are due before the end of the run.
  expect(sortNumbers(receiver.takeSequences())).toEqual([1, 2, 3, 4, 4, 5, 6, 6, 7]);
  expect(await findState(receiver.webhook)).toMatchObject({
    cursor: 8,
    attempts: 0,
    retries: [
      { sequence: 4, attempts: 2 },
      { sequence: 6, attempts: 2 },
      { sequence: 8, attempts: 0 },
    ],
  });
  receiver.accept();
  await setup.sweepAfter(hour);
  expect(receiver.takeSequences()).toEqual([4, 6, 8]);

  await append([1, 2, 3, 4, 5, 6, 7, 8]);
  receiver.failFor((sequence) => sequence === 12, 429, { 'retry-after': '3600' });
  await setup.advance();
  expect(sortNumbers(receiver.takeSequences())).toEqual([9, 10, 11, 12, 13, 14, 15]);
  await setup.sweepAfter(hour - minute);
  expect(receiver.takeSequences()).toEqual([]);
  receiver.accept();
  await setup.sweepAfter(2 * minute);
  expect(sortNumbers(receiver.takeSequences())).toEqual([12, 16]);

  await append([1, 2, 3, 4, 5, 6, 7]);
  receiver.failFor((sequence) => sequence >= 20);
  await setup.advance();
  // Nothing of the group was accepted, so the endpoint is down at the second event.
  expect(receiver.takeSequences().slice(-2)).toEqual([21, 20]);
  expect(await findState(receiver.webhook)).toMatchObject({ cursor: 20, attempts: 2 });
  receiver.accept();
  await setup.sweepAfter(hour);
  expect(sortNumbers(receiver.takeSequences())).toEqual([20, 21, 22, 23]);
  expect(events).toHaveLength(8);
});

it('holds back only the resource of a failing event, and gives up after its schedule [W25]', async () => {
  const receiver = await createReceiver();
  const [bad, other, behind] = (await append([1, 2, 1])).map(({ sequence }) => sequence);
  receiver.failFor((sequence) => sequence === bad);
  await setup.advance();
  // The second attempt follows within the run.
  expect(receiver.takeSequences()).toEqual([bad, other, bad]);

  const delays = [5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour];
  for (const delay of delays) {
    await setup.sweepAfter(delay - minute);
    expect(receiver.takeSequences()).toEqual([]);
    await setup.sweepAfter(minute);
    expect(receiver.takeSequences()).toEqual([bad]);
  }
  await setup.sweepAfter(day);
  expect(receiver.takeSequences()).toEqual([bad, behind]);
  const attempts = (await listAttempts(receiver.webhook)).filter(
    ({ sequence }) => sequence === bad,
  );
  expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(attempts.map(({ nextAt }) => nextAt !== undefined)).toEqual([
    ...Array<boolean>(9).fill(true),
    false,
  ]);
  expect(await findState(receiver.webhook)).toMatchObject({ retries: [], attempts: 0 });
  expect(await setup.getWebhook(receiver.webhook)).toMatchObject({ status: 'enabled' });
});

it('stands at the event after 100 failed ones [W25]', async () => {
  const receiver = await createReceiver();
  const events = await append(Array.from({ length: 103 }, () => 1));
  const first = events[0]?.sequence ?? 0;
  receiver.failFor((sequence) => sequence === first);
  const [other] = await append([2]);
  await setup.advance();

  expect(receiver.takeSequences()).toEqual([first, first]);
  const state = await findState(receiver.webhook);
  expect(state).toMatchObject({ cursor: first + 99, attempts: 0 });
  expect(state?.['retries']).toHaveLength(100);
  receiver.accept();
  await setup.sweepAfter(5 * minute);
  const isOther = (sequence: number) => sequence === other?.sequence;
  const received = receiver.listSequences();
  expect(received.filter((sequence) => !isOther(sequence))).toEqual(
    events.map(({ sequence }) => sequence),
  );
  expect(received.filter(isOther)).toHaveLength(1);
});

it('makes one attempt per step while an endpoint is down, and delays no other [W22]', async () => {
  const receiver = await createReceiver();
  const other = await createReceiver();
  const events = (await append([1, 2, 3, 4])).map(({ sequence }) => sequence);
  receiver.failFor(always, 301, { location: 'http://127.0.0.1:1/' });
  await setup.advance();
  const [first, second] = events;

  // The second event shows that the endpoint is down. Both are tried again within the run.
  expect(receiver.takeSequences()).toEqual([first, second, second, first]);
  expect(other.takeSequences()).toEqual(events);
  const [later] = await append([5]);
  await setup.advance();
  expect(receiver.takeSequences()).toEqual([]);
  expect(other.takeSequences()).toEqual([later?.sequence]);

  await setup.sweepAfter(5 * minute);
  expect(receiver.takeSequences()).toEqual([second, first]);
  receiver.accept();
  await setup.sweepAfter(30 * minute);
  expect(receiver.takeSequences()).toEqual([second, first, ...events.slice(2), later?.sequence]);
  expect(await findState(receiver.webhook)).not.toHaveProperty('dueAt');
});

it('delivers everything to an endpoint while another one hangs [W22]', async () => {
  const hanging = await createReceiver();
  const other = await createReceiver();
  const events = (await append([1, 2])).map(({ sequence }) => sequence);
  const { promise: received, resolve } = Promise.withResolvers<void>();
  hanging.respondWith((_request, response) => {
    void received.then(() => response.writeHead(204).end());
  });
  other.respondWith((_request, response) => {
    response.writeHead(204).end();
    if (other.requests.length === events.length) resolve();
  });
  await setup.advance();

  expect(other.takeSequences()).toEqual(events);
  expect((await listAttempts(hanging.webhook)).map(({ status }) => status)).toEqual([204, 204]);
});

it('waits as long as an endpoint asks for, up to 24 hours [W22]', async () => {
  const receiver = await createReceiver();
  const [first, second] = (await append([1, 2])).map(({ sequence }) => sequence);
  receiver.failFor(always, 429, { 'retry-after': '3600' });
  await setup.advance();
  expect(receiver.takeSequences()).toEqual([first]);
  await setup.sweepAfter(hour - minute);
  expect(receiver.takeSequences()).toEqual([]);
  receiver.failFor(always, 503, { 'retry-after': '999999999' });
  await setup.sweepAfter(minute);
  expect(receiver.takeSequences()).toEqual([first]);
  receiver.accept();
  await setup.sweepAfter(day - minute);
  expect(receiver.takeSequences()).toEqual([]);
  await setup.sweepAfter(minute);
  expect(receiver.takeSequences()).toEqual([first, second]);
});

it('stops at the first failing event if the order is strict', async () => {
  const receiver = await createReceiver({ order: 'strict' });
  const events = (await append([1, 2, 3])).map(({ sequence }) => sequence);
  receiver.failFor((sequence) => sequence === events[1]);
  await setup.advance();
  expect(receiver.takeSequences()).toEqual([events[0], events[1], events[1]]);
  receiver.accept();
  await setup.sweepAfter(5 * minute);
  expect(receiver.takeSequences()).toEqual(events.slice(1));
});

it('disables an endpoint without a success for 120 hours, and resumes at its cursor [W26]', async () => {
  const receiver = await createReceiver();
  const events = (await append([1, 2, 3])).map(({ sequence }) => sequence);
  receiver.failFor(always);
  await setup.advance();
  for (let hours = 0; hours < 144; hours += 12) await setup.sweepAfter(12 * hour);
  const disabled = await setup.getWebhook(receiver.webhook);
  expect(disabled).toMatchObject({
    status: 'disabled',
    version: 2,
    disabled: { reason: 'failures' },
  });
  expect(await setup.findChange(receiver.webhook, 2)).toMatchObject({
    action: 'disable',
    actor: { type: 'system', id: 'webhook-delivery' },
  });
  expect(await findState(receiver.webhook)).not.toHaveProperty('dueAt');

  receiver.takeSequences();
  receiver.accept();
  const [missed] = await append([4]);
  await setup.advance();
  await setup.sweepAfter(day);
  expect(receiver.takeSequences()).toEqual([]);
  await setup.updateWebhook(receiver.webhook, { status: 'enabled' });
  await setup.advance();
  expect(new Set(receiver.takeSequences())).toEqual(new Set([...events, missed?.sequence]));
});

it('disables an endpoint that is gone [W22]', async () => {
  const receiver = await createReceiver();
  const events = (await append([1, 2])).map(({ sequence }) => sequence);
  receiver.failFor(always, 410);
  await setup.advance();
  expect(receiver.takeSequences()).toEqual([events[0]]);
  expect(await setup.getWebhook(receiver.webhook)).toMatchObject({ disabled: { reason: 'gone' } });
  receiver.accept();
  await setup.updateWebhook(receiver.webhook, { status: 'enabled' });
  await setup.advance();
  expect(receiver.takeSequences()).toEqual(events);
});

it('sends nothing more once a webhook is disabled or deleted, even during a run [W26]', async () => {
  const receiver = await createReceiver();
  const events = (await append([1, 2, 3])).map(({ sequence }) => sequence);
  receiver.respondWith((_request, response) => {
    void setup
      .updateWebhook(receiver.webhook, { status: 'disabled' })
      .then(() => response.writeHead(204).end());
  });
  await setup.advance();
  await setup.sweepAfter(hour);
  expect(receiver.takeSequences()).toEqual([events[0]]);

  receiver.accept();
  await setup.updateWebhook(receiver.webhook, { status: 'enabled' });
  await setup.advance();
  expect(receiver.takeSequences()).toEqual(events.slice(1));
});

it('lets one process deliver, and repeats an event after a lost lease [W31]', async () => {
  const receiver = await createReceiver();
  const events = await append([1, 2]);
  const [first] = events.map(({ sequence }) => sequence);
  let other: Promise<void> | undefined;
  receiver.respondWith((_request, response) => {
    receiver.accept();
    // The process is paused during its first request, longer than its lease.
    other = (async () => {
      await setup.advance();
      expect(receiver.listSequences()).toEqual([first]);
      clock.advanceBy(minute);
      await setup.advance();
      response.writeHead(204).end();
    })();
  });
  await setup.advance();
  await other;

  const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([events[0]?.id, events[0]?.id, events[1]?.id]);
  expect(receiver.requests[1]?.headers['webhook-timestamp']).not.toBe(
    receiver.requests[0]?.headers['webhook-timestamp'],
  );
});

it('continues after the deadline of a run, and skips events that expired while disabled', async () => {
  const receiver = await createReceiver();
  const events = (await append([1, 1, 1])).map(({ sequence }) => sequence);
  receiver.respondWith((_request, response) => {
    clock.advanceBy(60_000);
    response.writeHead(204).end();
  });
  await setup.advance();
  expect(receiver.takeSequences()).toEqual(events.slice(0, 2));
  receiver.accept();
  await setup.sweepAfter(0);
  expect(receiver.takeSequences()).toEqual(events.slice(2));

  await setup.updateWebhook(receiver.webhook, { status: 'disabled' });
  await append([1]);
  clock.advanceBy(401 * day);
  const [retained] = await append([1]);
  await setup.updateWebhook(receiver.webhook, { status: 'enabled' });
  await setup.advance();
  expect(receiver.takeSequences()).toEqual([retained?.sequence]);
});

it('enables an unverified webhook that accepts a test event', async () => {
  const receiver = await createReceiver({ status: 'unverified' });
  const { webhookId } = receiver.webhook;
  const eventId = '11111111-1111-4111-8111-111111111111';
  const request = { tenantId, webhookId, eventId };
  receiver.failFor(always);
  await setup.service.on.webhookTest(request);
  expect(await setup.getWebhook(receiver.webhook)).toMatchObject({ status: 'unverified' });

  receiver.accept();
  clock.advanceBy(minute);
  await setup.service.on.webhookTest(request);
  expect(receiver.requests[1]?.headers['webhook-id']).toBe(eventId);
  expect(JSON.parse(receiver.requests[1]?.body ?? '')).toMatchObject({ type: 'webhook.test' });
  expect(await setup.getWebhook(receiver.webhook)).toMatchObject({ status: 'enabled', version: 2 });
  expect(await setup.findChange(receiver.webhook, 2)).toMatchObject({ action: 'enable' });
  expect((await listAttempts(receiver.webhook)).map(({ status }) => status)).toEqual([500, 204]);

  await setup.service.on.webhookTest(request);
  expect(await setup.getWebhook(receiver.webhook)).toMatchObject({ version: 2 });
  await setup.updateWebhook(receiver.webhook, { status: 'disabled' });
  await setup.service.on.webhookTest(request);
  expect(receiver.requests).toHaveLength(3);
});

it.each(['suspended', 'deleted'] as const)(
  'sends nothing in a %s tenant, and goes on at the cursor when it is active again',
  async (status) => {
    const receiver = await createReceiver();
    receiver.failFor(always);
    await append([1, 2]);
    await setup.advance();
    expect(await findState(receiver.webhook)).toHaveProperty('dueAt');
    receiver.accept();
    receiver.takeSequences();

    await setup.setTenantStatus(status);
    const { webhookId } = receiver.webhook;
    await setup.service.on.webhookTest({ tenantId, webhookId, eventId: randomUUID() });
    await append([3]);
    await setup.sweepAfter(day);
    await setup.advance();
    expect(receiver.takeSequences()).toEqual([]);
    // Not due, so the sweep and its alarm ignore the webhook.
    expect(await findState(receiver.webhook)).not.toHaveProperty('dueAt');

    await setup.setTenantStatus('active');
    await setup.advance();
    expect(new Set(receiver.takeSequences())).toEqual(new Set([1, 2, 3]));
  },
);

describe('the owner of the tenant', () => {
  const createOwner = async (more: object = {}) => {
    const token = clock.aTokenOf('acme', ['admin'], 'admin');
    const user = { email: `${randomUUID()}@example.com`, password: goodPassword, ...more };
    const { body } = await setup.service.post('/v1/users', user, { token });
    const ownerUserId = body.userId && parseUserId(body.userId);
    await setup.service.updateTenantItem('acme', { ownerUserId });
    await setup.service.deliverPendingMail();
    return user.email;
  };
  const listMails = async (email: string) =>
    (await setup.service.deliverPendingMail()).filter(({ to }) => to.includes(email)).slice(1);

  beforeEach(async () => {
    await setup.service.updateTenantItem('acme', { status: 'active' });
    setup.useTenant('acme');
  });

  it('is notified once after 24 hours without a success, and when the webhook is disabled', async () => {
    const email = await createOwner();
    const receiver = await createReceiver();
    receiver.failFor(always);
    await append([1, 2]);
    await setup.advance();
    await setup.sweepAfter(12 * hour);
    expect(await listMails(email)).toEqual([]);
    for (let hours = 0; hours < 48; hours += 12) await setup.sweepAfter(12 * hour);
    const [failing, ...others] = await listMails(email);
    expect([failing?.subject, others]).toEqual(['A webhook of Acme is failing', []]);
    const { host } = new URL(receiver.webhook.url);
    expect(failing?.text).toContain(`at ${host} has accepted no event since`);
    expect(JSON.stringify(failing)).not.toContain(receiver.webhook.url);
    for (let hours = 0; hours < 108; hours += 12) await setup.sweepAfter(12 * hour);
    expect((await listMails(email)).map(({ subject }) => subject)).toEqual([
      'A webhook of Acme is failing',
      'A webhook of Acme was disabled',
    ]);
    await setup.deleteWebhook(receiver.webhook);
  });

  it.each([
    ['de', 'Ein Webhook von Acme wurde deaktiviert', 'deaktiviert. Er hat seit'],
    ['es', 'Se ha desactivado un webhook de Acme', 'evento desde el'],
    ['fr', 'Un webhook de Acme a été désactivé', 'événement depuis le'],
  ])('is notified in the language %s of a webhook that is gone', async (locale, subject, text) => {
    const email = await createOwner({ locale });
    const receiver = await createReceiver();
    receiver.failFor(always, 410);
    await append([1]);
    await setup.advance();
    const [mail, ...others] = await listMails(email);
    expect([mail?.subject, others]).toEqual([subject, []]);
    expect(mail?.text).toContain(text);
    await setup.deleteWebhook(receiver.webhook);
  });

  it('receives at most 5 notices a day, and the others later', async () => {
    const email = await createOwner();
    clock.advanceBy(day);
    for (let webhooks = 0; webhooks < 6; webhooks++) {
      const receiver = await createReceiver();
      receiver.failFor(always, 410);
      await append([1]);
      await setup.advance();
      await setup.deleteWebhook(receiver.webhook);
    }
    expect(await listMails(email)).toHaveLength(5);
    clock.advanceBy(day);
    expect(await listMails(email)).toHaveLength(6);
    expect(await setup.service.listPendingRecords()).toEqual([]);
  });

  it('is notified once if the delivery stops at any request while it disables a webhook', async () => {
    const email = await createOwner();
    let mails = 0;
    let isStopped = true;
    for (let n = 1; isStopped; n++) {
      clock.advanceBy(day);
      const receiver = await createReceiver();
      receiver.failFor(always, 410);
      await append([1]);
      const findStopped = setup.stopAt(n, (exchange) => {
        // A stopped function has no time left.
        clock.advanceBy(minute);
        return dropRequest(exchange);
      });
      await setup.advance().catch(() => undefined);
      isStopped = findStopped() !== undefined;
      setup.isWell();
      clock.advanceBy(minute);
      await setup.advance();
      expect(await listMails(email), `request ${n}`).toHaveLength(++mails);
      await setup.deleteWebhook(receiver.webhook);
    }
    expect(mails).toBeGreaterThan(5);
  });

  it('may be absent', async () => {
    for (const ownerUserId of [undefined, randomUUID()]) {
      await setup.service.updateTenantItem('acme', { ownerUserId });
      const receiver = await createReceiver();
      receiver.failFor(always, 410);
      await append([1]);
      await setup.advance();
      const before = (await setup.service.deliverPendingMail()).length;
      expect(await setup.service.listPendingRecords()).toEqual([]);
      expect(await setup.service.deliverPendingMail()).toHaveLength(before);
      await setup.deleteWebhook(receiver.webhook);
    }
  });
});

it('ends a run whose tenant is suspended meanwhile', async () => {
  const receiver = await createReceiver();
  const events = await append(Array.from({ length: 15 }, (_, index) => index + 1));
  receiver.respondWith((_request, response) => {
    const { length } = receiver.requests;
    void (length === 1 ? setup.setTenantStatus('suspended') : Promise.resolve()).then(() =>
      response.writeHead(204).end(),
    );
  });
  await setup.advance();
  expect(receiver.takeSequences()).toEqual([events[0]?.sequence]);
  expect(await findState(receiver.webhook)).not.toHaveProperty('dueAt');

  receiver.accept();
  await setup.setTenantStatus('active');
  await setup.advance();
  expect(sortNumbers(receiver.takeSequences())).toEqual(
    events.slice(1).map(({ sequence }) => sequence),
  );
});
