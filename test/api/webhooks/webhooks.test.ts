import { Webhook as Receiver } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { createKmsMacKeys } from '../../../lib/aws/kms-mac-keys.ts';
import type { Webhook } from '../../../lib/domain/webhooks/webhook.ts';
import { createSigningKeyDeriver } from '../../../lib/domain/webhooks/secret.ts';
import { buildSignatureHeaders } from '../../../lib/domain/webhooks/signature.ts';
import { selectLiveSecrets } from '../../../lib/domain/webhooks/webhook.ts';
import { createDeliveryLog } from '../../../lib/store/webhooks/delivery-log.ts';
import { webhookKeys } from '../../../lib/store/keys.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { createWebhookService, webhookUrl } from '../../support/scenarios/webhooks.ts';
import { authenticatedRoutes, requestRoute } from '../../support/authenticated-routes.ts';
import { adminToken, aws, createTestService, tenantId, userToken } from '../../support/service.ts';

const {
  service,
  clock,
  admin,
  call,
  toUuid,
  createWebhook,
  getTestRequest,
  updateItem,
  deliverUntil,
  lease,
  readSink,
  listChangeRecords,
} = await createWebhookService();
const missing = {
  status: 404,
  body: { code: 'not_found', message: 'The webhook does not exist in this tenant' },
};

/** A tenant can have few webhooks. */
afterEach(async () => {
  for (const slug of ['acme', 'globex'] as const) {
    const token = admin(slug);
    const { body } = await call('GET', '', { token });
    for (const { webhookId } of body.webhooks) await call('DELETE', `/${webhookId}`, { token });
  }
  // The limit of test events ends.
  clock.advanceBy(60_000);
});

/** Signs a message with the stored webhook, as the delivery does. */
async function sign(id: string, body: string) {
  const keys = createKmsMacKeys(JSON.parse(service.environment.WEBHOOK_KEYS), {
    endpoint: (await aws()).endpoint,
  });
  const item = await service.stored.item(webhookKeys.webhook(tenantId.acme, toUuid(id)));
  const webhook = item as unknown as Webhook;
  const derive = createSigningKeyDeriver(keys, () => 0);
  const live = selectLiveSecrets(webhook, clock.now().toISOString());
  const generations = await Promise.all(live.map((generation) => derive(webhook, generation)));
  return buildSignatureHeaders({ id: 'event', sentAtMs: Date.now(), body }, generations);
}

const canVerify = (secret: string, body: string, headers: Record<string, string>): boolean => {
  try {
    new Receiver(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};

describe('a webhook', () => {
  it('is created with a secret that is shown once and never stored, and gets a test event', async () => {
    const created = await createWebhook({
      types: ['user.updated', 'user.created', 'user.created'],
    });

    const { webhookId, secret, publicKeys } = created.body;
    expect(webhookId).toMatch(/^cradl:webhook:[0-9a-f]{32}$/);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(publicKeys).toEqual([
      { publicKey: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/), expiresTime: null },
    ]);
    expect(created).toMatchObject({
      status: 201,
      headers: { location: `/v1/webhooks/${webhookId}`, etag: '"1"' },
      body: {
        url: webhookUrl,
        description: null,
        types: ['user.created', 'user.updated'],
        order: 'resource',
        status: 'unverified',
        verifiedTime: null,
        disabledReason: null,
        version: 1,
        createdBy: 'admin-of-acme',
        updatedTime: null,
      },
    });
    const { secret: _, ...webhook } = created.body;
    expect((await call('GET', `/${webhookId}`)).body).toEqual(webhook);
    expect((await call('GET', '')).body).toEqual({ webhooks: [webhook], nextToken: null });
    expect(JSON.stringify(await service.stored.all())).not.toContain(secret.slice('whsec_'.length));
    expect(await getTestRequest()).toEqual({
      tenantId: tenantId.acme,
      webhookId: toUuid(webhookId),
      eventId: expect.any(String),
    });
    expect(await listChangeRecords(webhookId)).toMatchObject([
      { version: 1, action: 'create', by: 'admin-of-acme', policies: ['write-webhook'] },
    ]);
  });

  it('has a URL with https, a public host and an allowed port [W30]', async () => {
    service.dnsAddresses.set('mixed.example', ['1.1.1.1', '10.0.0.1']);
    service.dnsAddresses.set('mapped.example', ['::ffff:127.0.0.1']);
    service.dnsAddresses.set('empty.example', []);
    service.dnsAddresses.set('down.example', 'failed');
    const hostMessage = 'must have a domain name as its host, such as hooks.example.com';
    const ownMessage = 'cannot be an address of this API';
    const publicMessage = 'must have a host with public IP addresses only';
    const rejected: readonly (readonly [url: string, message: string])[] = [
      ['hooks', 'must be a URL such as https://hooks.example.com/roster'],
      ['http://hooks.example.com/', 'must use https'],
      ['http://localhost/', 'must use https'],
      ['file:///etc/passwd', 'must use https'],
      [
        'https://user@hooks.example.com/',
        'cannot contain credentials. Verify the signature instead.',
      ],
      ['https://hooks.example.com/#here', 'cannot have a fragment'],
      ['https://hooks.example.com:22/', 'must use port 443 or 8443'],
      ['https://127.0.0.1/', hostMessage],
      ['https://2130706433/', hostMessage],
      ['https://0x7f.1/', hostMessage],
      ['https://017700000001/', hostMessage],
      ['https://127.1/', hostMessage],
      ['https://[::1]/', hostMessage],
      ['https://[::ffff:10.0.0.1]/', hostMessage],
      ['https://①②⑦.0.0.1/', hostMessage],
      ['https://localhost/', hostMessage],
      ['https://hooks.example.com./', hostMessage],
      ['https://roster.example.com/v1/users', ownMessage],
      ['https://eu.roster.example.com/', ownMessage],
      ['https://ROSTER.example.com/', ownMessage],
      ['https://acme.admin.localhost/', ownMessage],
      ['https://a1b2c3.execute-api.eu-central-1.amazonaws.com/', ownMessage],
      ['https://mixed.example/', publicMessage],
      ['https://mapped.example/', publicMessage],
      ['https://empty.example/', 'must have a host that the DNS resolves'],
      ['https://down.example/', 'must have a host that the DNS resolves'],
      [`https://hooks.example.com/${'a'.repeat(2048)}`, 'must have at most 2048 characters'],
    ];
    const { body: webhook } = await createWebhook();
    await expectNoWrites(service, async () => {
      for (const [url, message] of rejected) {
        const failure = {
          status: 400,
          body: { code: 'invalid_input', details: { issues: [{ path: 'url', message }] } },
        };
        expect(await createWebhook({ url }), url).toMatchObject(failure);
        const update = { body: { url } };
        expect(await call('PATCH', `/${webhook.webhookId}`, update), url).toMatchObject(failure);
      }
    });

    const accepted = await createWebhook({ url: ' https://BÜCHER.example:8443/a?key=1 ' });
    expect(accepted.body.url).toBe('https://xn--bcher-kva.example:8443/a?key=1');
  });

  it('changes its fields, and is unverified after a change of the URL', async () => {
    const { webhookId } = (await createWebhook({ description: 'Syncs users' })).body;
    await updateItem(webhookId, { status: 'enabled', verifiedAt: '2026-01-01T00:00:00.000Z' });
    const before = await getTestRequest();
    const update = (body: object, headers = {}) =>
      call('PATCH', `/${webhookId}`, { body, headers });

    expect(
      await update({ types: ['role.*', 'group.created'], order: 'strict', description: null }),
    ).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: {
        types: ['group.created', 'role.*'],
        order: 'strict',
        description: null,
        status: 'enabled',
      },
    });
    expect((await update({ url: webhookUrl })).body).toMatchObject({ version: 2 });
    expect(await update({ types: [] }, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
    for (const type of ['user.exploded', 'user*', 'exploded.*', '*'])
      expect(await update({ types: [type] }), type).toMatchObject({ status: 400 });
    expect(await update({ status: 'enabled' })).toMatchObject({ status: 400 });
    for (const url of ['', '  ', null])
      expect(await update({ url }), `url ${url}`).toMatchObject({ status: 400 });
    expect(await update({ secret: 'whsec_' })).toMatchObject({ status: 400 });
    expect(await getTestRequest()).toEqual(before);

    expect((await update({ url: 'https://hooks.example.com/next' })).body).toMatchObject({
      url: 'https://hooks.example.com/next',
      status: 'unverified',
      verifiedTime: null,
    });
    expect(await getTestRequest()).toMatchObject({ webhookId: toUuid(webhookId) });
    expect(await getTestRequest()).not.toEqual(before);

    await call('POST', `/${webhookId}/disable`);
    expect((await update({ url: webhookUrl })).body).toMatchObject({ status: 'disabled' });
  });

  it('is disabled and enabled, and verified again if its URL changed meanwhile', async () => {
    const { webhookId } = (await createWebhook()).body;
    await updateItem(webhookId, { status: 'enabled', verifiedAt: '2026-01-01T00:00:00.000Z' });
    const change = (name: string) => call('POST', `/${webhookId}/${name}`);

    expect((await change('enable')).body).toMatchObject({ status: 'enabled', version: 1 });
    const disabled = await change('disable');
    expect(disabled.body).toMatchObject({
      status: 'disabled',
      disabledReason: 'caller',
      disabledTime: clock.now().toISOString(),
    });
    clock.advanceBy(1000);
    expect((await change('disable')).body).toEqual(disabled.body);
    expect(await change('test')).toMatchObject({
      status: 409,
      body: { code: 'invalid_transition', details: { status: 'disabled', allowed: ['enable'] } },
    });
    expect((await change('enable')).body).toMatchObject({
      status: 'enabled',
      disabledReason: null,
      disabledTime: null,
    });

    await change('disable');
    await call('PATCH', `/${webhookId}`, { body: { url: 'https://other.example.com/' } });
    const before = await getTestRequest();
    expect((await change('enable')).body).toMatchObject({ status: 'unverified' });
    expect(await getTestRequest()).not.toEqual(before);
    const { status, body } = await change('test');
    expect([status, body.eventId]).toEqual([202, (await getTestRequest())?.['eventId']]);
  });

  it('is deleted with the state of its delivery, and makes room for another', async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 10 }, () => createWebhook()));
    const id: string = first?.body.webhookId;
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 201));
    expect(await createWebhook()).toMatchObject({
      status: 409,
      body: { code: 'webhook_limit_reached', message: 'A tenant can have at most 10 webhooks' },
    });
    expect((await createWebhook({}, { token: admin('globex') })).status).toBe(201);
    const pages = await call('GET', '?maxResults=7');
    const { body: rest } = await call('GET', `?maxResults=7&nextToken=${pages.body.nextToken}`);
    expect([pages.body.webhooks.length, rest.webhooks.length]).toEqual([7, 3]);

    await deliverUntil(id, 3);
    expect(await call('DELETE', `/${id}`, { headers: { 'if-match': '"7"' } })).toMatchObject({
      status: 412,
    });
    expect((await call('DELETE', `/${id}`)).status).toBe(204);
    expect(await readSink(id)).toBeUndefined();
    for (const path of ['', '/deliveries'])
      expect(await call('GET', `/${id}${path}`)).toMatchObject(missing);
    expect(await call('DELETE', `/${id}`)).toMatchObject(missing);
    expect((await createWebhook()).status).toBe(201);
    expect(await listChangeRecords(id)).toMatchObject([
      { action: 'create' },
      { action: 'delete', version: 2 },
    ]);
  });

  it('belongs to its tenant [W29]', async () => {
    const { webhookId } = (await createWebhook()).body;
    await expectNoWrites(service, async () => {
      const token = admin('globex');
      const rotation = { overlapSeconds: 0 };
      const requests = [
        call('GET', `/${webhookId}`, { token }),
        call('PATCH', `/${webhookId}`, { token, body: { types: [] } }),
        call('DELETE', `/${webhookId}`, { token }),
        call('POST', `/${webhookId}/rotate-secret`, { token, body: rotation }),
        call('POST', `/${webhookId}/replay`, { token, body: { after: 0 } }),
        call('GET', `/${webhookId}/deliveries`, { token }),
        ...['test', 'enable', 'disable', 'revoke-previous-secret'].map((name) =>
          call('POST', `/${webhookId}/${name}`, { token }),
        ),
        call('POST', '/cradl:webhook:1/test'),
      ];
      for (const response of await Promise.all(requests)) expect(response).toMatchObject(missing);
    });
  });

  it('needs webhooks:read to be read, and events:read to be changed', async () => {
    const { webhookId } = (await createWebhook()).body;
    await service.putRole('acme', {
      slug: 'writer',
      name: 'Writer',
      permissions: ['webhooks:write', 'webhooks:read'],
    });
    const token = clock.aTokenOf('acme', ['writer']);
    expect((await call('GET', `/${webhookId}`, { token })).status).toBe(200);
    expect(await createWebhook({}, { token })).toMatchObject({ status: 403 });
    expect(await call('POST', `/${webhookId}/enable`, { token })).toMatchObject({ status: 403 });
  });

  it('has previous URLs in records without their path and query', async () => {
    const secret = 'T0K3N';
    const url = `https://hooks.example.com:8443/${secret}/in?key=${secret}`;
    const { webhookId } = (await createWebhook({ url })).body;
    await call('PATCH', `/${webhookId}`, { body: { url: webhookUrl } });
    await call('PATCH', `/${webhookId}`, { body: { url } });
    await call('DELETE', `/${webhookId}`);
    await service.numberChanges();

    const log = await service.get(`/v1/audit-log?resource=${webhookId}`, { token: admin() });
    expect(log.body.entries.map(({ before }: { before: object }) => before)).toMatchObject([
      { url: 'https://hooks.example.com:8443/…' },
      { url: 'https://hooks.example.com/…' },
      { url: 'https://hooks.example.com:8443/…' },
      {},
    ]);
    expect(log.body.entries).toMatchObject([
      { changedFields: expect.arrayContaining(['url']) },
      {},
      {},
      {},
    ]);
    const records = await listChangeRecords(webhookId);
    expect(JSON.stringify([log.body, records])).not.toContain(secret);
  });

  it('has numbered events about its changes', async () => {
    const { webhookId } = (await createWebhook()).body;
    for (const name of ['disable', 'enable', 'revoke-previous-secret'])
      await call('POST', `/${webhookId}/${name}`);
    await call('POST', `/${webhookId}/rotate-secret`, { body: {} });
    await call('POST', `/${webhookId}/revoke-previous-secret`);
    await call('POST', `/${webhookId}/replay`, { body: { after: 0 } });
    await call('DELETE', `/${webhookId}`);
    await service.numberChanges();

    const events = (await service.readFeed('acme')).filter(
      ({ resource }) => resource.id === toUuid(webhookId),
    );
    expect(events.map(({ type, changedFields }) => [type, changedFields.join()])).toEqual([
      ['webhook.created', ''],
      ['webhook.disabled', 'disabled,status'],
      ['webhook.enabled', 'disabled,status'],
      ['webhook.secret_rotated', 'secrets'],
      ['webhook.updated', 'secrets'],
      ['webhook.updated', 'replayedAt'],
      ['webhook.deleted', 'description,order,status,types,url'],
    ]);
    expect(JSON.stringify(events)).not.toContain('hooks.example.com');
  });
});

it('sends a limited number of test events per tenant and minute', async () => {
  const { webhookId } = (await createWebhook()).body;
  const minute = clock.now().toISOString().slice(0, 16);
  await service.stored.put({ ...webhookKeys.webhookTests(tenantId.acme, minute), tests: 29 });
  const test = () => call('POST', `/${webhookId}/test`);

  expect((await test()).status).toBe(202);
  const last = await getTestRequest();
  expect(await test()).toMatchObject({
    status: 429,
    body: { code: 'too_many_requests', details: { limit: 'webhook_tests' } },
  });
  const url = 'https://hooks.example.com/next';
  expect(await call('PATCH', `/${webhookId}`, { body: { url } })).toMatchObject({
    status: 200,
    body: { url, status: 'unverified' },
  });
  expect(await getTestRequest()).toEqual(last);

  clock.advanceBy(60_000);
  expect((await test()).status).toBe(202);
  expect(await getTestRequest()).not.toEqual(last);
});

describe('rotating a secret', () => {
  it('lets both secrets sign during the overlap, and refuses a third [W23]', async () => {
    const { webhookId, secret: first } = (await createWebhook()).body;
    const rotate = (body: object) => call('POST', `/${webhookId}/rotate-secret`, { body });
    const body = '{"type":"user.created"}';
    const verify = async (...secrets: string[]) => {
      const headers = await sign(webhookId, body);
      return secrets.map((secret) => canVerify(secret, body, headers));
    };
    expect(await verify(first)).toEqual([true]);

    const rotated = await rotate({ overlapSeconds: 60 });
    const { secret: second } = rotated.body;
    expect(rotated).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect(
      rotated.body.publicKeys.map(({ expiresTime }: Record<string, unknown>) => expiresTime),
    ).toEqual([null, new Date(clock.now().getTime() + 60_000).toISOString()]);
    expect(new Set([first, second]).size).toBe(2);
    expect(await verify(first, second)).toEqual([true, true]);
    expect(await rotate({})).toMatchObject({ status: 409, body: { code: 'secret_limit_reached' } });
    clock.advanceBy(59_999);
    expect(await verify(first, second)).toEqual([true, true]);
    clock.advanceBy(1);
    expect(await verify(first, second)).toEqual([false, true]);

    const { secret: third } = (await rotate({})).body;
    expect(await verify(first, second, third)).toEqual([false, true, true]);
    const { body: revoked } = await call('POST', `/${webhookId}/revoke-previous-secret`);
    expect(revoked.publicKeys).toHaveLength(1);
    expect(await verify(second, third)).toEqual([false, true]);

    const { secret: fourth } = (await rotate({ overlapSeconds: 0 })).body;
    expect(await verify(third, fourth)).toEqual([false, true]);
    expect((await rotate({ overlapSeconds: 30 * 24 * 3600 + 1 })).status).toBe(400);
    const generations = new Set([first, second, third, fourth]);
    expect(generations.size).toBe(4);
  });

  it('refuses one of two concurrent rotations, and the secret of the other signs', async () => {
    const { webhookId } = (await createWebhook()).body;
    const rotations = await Promise.all(
      [1, 2].map(() => call('POST', `/${webhookId}/rotate-secret`, { body: {} })),
    );
    const statuses = new Set(rotations.map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 409]));
    const { secret } = rotations.find(({ status }) => status === 200)?.body ?? {};
    expect(canVerify(secret, '{}', await sign(webhookId, '{}'))).toBe(true);
  });
});

describe('replaying events', () => {
  const replay = (id: string, body: object) => call('POST', `/${id}/replay`, { body });

  it('goes back, or repeats a range beside new events [W24]', async () => {
    const { webhookId } = (await createWebhook({ types: ['group.*'] })).body;
    const post = (target: string, body: object) => service.post(target, body, { token: admin() });
    for (let index = 0; index < 4; index++) {
      await post('/v1/groups', { name: `group ${index}` });
      await post('/v1/roles', { name: `role ${index}`, permissions: [] });
    }
    await service.numberChanges();
    const feed = await service.readFeed('acme');
    const groups = feed.filter(({ type }) => type === 'group.created');
    const [first = 0, last = 0] = [groups[0]?.sequence, groups.at(-1)?.sequence];
    const failed = {
      sequence: last,
      resource: `group#${groups.at(-1)?.resource.id}`,
      attempts: 3,
      dueAt: '2027-01-01T00:00:00.000Z',
    };
    await deliverUntil(webhookId, feed.length, { retries: [failed] });

    await replay(webhookId, { from: first, to: first });
    expect(await readSink(webhookId), 'in the order of the feed').toMatchObject({
      retries: [{ sequence: first, attempts: 0 }, failed],
    });
    expect(await replay(webhookId, { from: first, to: last })).toMatchObject({
      status: 202,
      body: { replayedTime: clock.now().toISOString() },
    });
    const state = await readSink(webhookId);
    expect(state).toMatchObject({ cursor: feed.length, dueAt: clock.now().toISOString() });
    expect(state?.retries).toEqual(
      groups.map(({ sequence, resource }) => ({
        sequence,
        resource: `group#${resource.id}`,
        attempts: 0,
        dueAt: clock.now().toISOString(),
      })),
    );

    expect((await replay(webhookId, { after: first })).status).toBe(202);
    expect(await readSink(webhookId)).toMatchObject({
      cursor: first,
      retries: [{ sequence: first }],
    });
    const replayed = await readSink(webhookId);
    const stale = { body: { after: 0 }, headers: { 'if-match': '"1"' } };
    expect(await call('POST', `/${webhookId}/replay`, stale)).toMatchObject({ status: 412 });
    expect(await readSink(webhookId), 'after a failed precondition').toEqual(replayed);
    for (const [body, path, message] of [
      [{}, 'after', 'is required'],
      [{ from: 1 }, 'to', 'is required'],
      [{ to: 1 }, 'from', 'is required'],
      [{ after: 1, to: 2 }, 'to', 'cannot be combined with after'],
      [{ after: 1, from: 2, to: 3 }, 'from', 'cannot be combined with after'],
      [{ from: 2, to: 1 }, 'to', 'must be at least from'],
      [{ from: 1, to: 51 }, 'to', 'must be at most 50'],
      [
        { after: first + 1 },
        'after',
        `must be at most ${first}, because later events have not been sent yet`,
      ],
      [
        { from: first, to: first + 1 },
        'to',
        `must be at most ${first}, because later events have not been sent yet`,
      ],
    ] as const)
      expect(await replay(webhookId, body)).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path, message }] } },
      });
  });

  it('goes back by at most 10,000 events', async () => {
    const { webhookId } = (await createWebhook()).body;
    await deliverUntil(webhookId, 10_001);
    expect(await replay(webhookId, { after: 0 })).toMatchObject({
      status: 400,
      body: {
        details: {
          issues: [{ path: 'after', message: expect.stringContaining('must be at least 1,') }],
        },
      },
    });
    expect(await readSink(webhookId)).toMatchObject({ cursor: 10_001 });
    await deliverUntil(webhookId, 10_000);
    expect(await replay(webhookId, { after: 0 })).toMatchObject({ status: 202 });
    expect(await readSink(webhookId)).toMatchObject({ cursor: 0 });
  });

  it('fails while a delivery runs or too many events wait', async () => {
    const { webhookId } = (await createWebhook()).body;
    await service.post('/v1/groups', { name: 'last group' }, { token: admin() });
    await service.numberChanges();
    const { length } = await service.readFeed('acme');
    const retries = Array.from({ length: 100 }, (_, index) => ({
      sequence: 1000 + index,
      resource: 'user#1',
      attempts: 1,
      dueAt: '2027-01-01T00:00:00.000Z',
    }));
    await deliverUntil(webhookId, length, { retries });
    expect(await replay(webhookId, { from: length, to: length })).toMatchObject({
      status: 409,
      body: { code: 'replay_limit_reached' },
    });
    expect((await readSink(webhookId))?.retries).toEqual(retries);

    await lease(webhookId);
    expect(await replay(webhookId, { after: 0 })).toMatchObject({
      status: 503,
      body: { code: 'unavailable' },
    });
    expect(await readSink(webhookId)).toMatchObject({ cursor: length });
  });
});

it('lists deliveries newest first, filtered by outcome', async () => {
  const { webhookId } = (await createWebhook()).body;
  const log = createDeliveryLog(service.stored, () => clock.now().getTime());
  const record = (sequence: number, more: object) =>
    log.record({ tenantId: tenantId.acme, webhookId: toUuid(webhookId) }, [
      {
        eventId: '00000000-0000-8000-8000-000000000000',
        sequence,
        type: sequence === 0 ? 'webhook.test' : 'user.created',
        attempt: 1,
        at: new Date(clock.now().getTime() - 1000 + sequence).toISOString(),
        outcome: 'delivered',
        durationMs: 12,
        ...more,
      },
    ]);
  await record(0, { status: 204 });
  await record(1, { outcome: 'failed', error: 'timeout', nextAt: '2027-01-01T00:00:00.000Z' });
  await record(2, { outcome: 'failed', status: 500 });
  await record(3, { status: 200 });

  const list = async (query: string) =>
    (await call('GET', `/${webhookId}/deliveries${query}`)).body;
  const first = await list('?maxResults=3');
  const rest = await list(`?maxResults=3&nextToken=${first.nextToken}`);
  expect(first.deliveries.map(({ sequence }: { sequence: number }) => sequence)).toEqual([3, 2, 1]);
  expect(first.deliveries[2]).toMatchObject({
    httpStatus: null,
    error: 'timeout',
    nextTime: '2027-01-01T00:00:00.000Z',
  });
  expect(rest.deliveries).toMatchObject([
    { sequence: null, type: 'webhook.test', httpStatus: 204, error: null, nextTime: null },
  ]);
  const failed = await list('?outcome=failed');
  expect(failed.deliveries.map(({ sequence }: { sequence: number }) => sequence)).toEqual([2, 1]);
});

it('returns 409 for each operation without an event feed, after the policies allowed it [E13]', async () => {
  const off = await createTestService({ environment: { EVENTS: 'off' } });
  const operations = authenticatedRoutes.filter(({ operation }) => /Webhook/.test(operation));
  expect(operations).toHaveLength(12);
  await expectNoWrites(off, async () => {
    for (const route of operations) {
      expect(await requestRoute(off, route, { token: adminToken('acme') })).toMatchObject({
        status: 409,
        body: { code: 'events_disabled' },
      });
      const denied = await requestRoute(off, route, { token: userToken('acme', ['user']) });
      expect(denied.status).toBe(403);
    }
  });
});
