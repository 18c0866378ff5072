/** Webhooks, the events of their tenants, and receivers. */
import { randomUUID } from 'node:crypto';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import type { FeedEvent } from '../../../lib/domain/feed/feed-event.ts';
import type { Tenant } from '../../../lib/domain/tenants/tenant.ts';
import type { DeliveryAttempt, Webhook } from '../../../lib/domain/webhooks/webhook.ts';
import { deliveryPrefix, keys, webhookKeys } from '../../../lib/store/keys.ts';
import { createFaultProxy, dropRequest, type Fault, type Sent } from '../faults/fault-proxy.ts';
import { createTestClock } from '../scenarios/user-states.ts';
import { aws, createTestService, tenantId, type TenantSlug } from '../service.ts';
import { startReceiver } from './receiver.ts';

export const minute = 60_000;
export const hour = 60 * minute;

const parseSequence = (body: string): number => Number(JSON.parse(body).sequence);

type Proxy = Awaited<ReturnType<typeof createFaultProxy>>;
interface Proxies {
  readonly database: Proxy;
  readonly amazon: Proxy;
}

/** ID of a user by number. */
export const toUserId = (user: number): string =>
  `00000000-0000-4000-8000-${String(user).padStart(12, '0')}`;

/**
 * Creates a service with a test clock that waits advance, and fault proxies to the database and KMS.
 */
export async function createDeliveryService(proxies: Partial<Proxies> = {}) {
  const clock = createTestClock();
  const standIn = await aws();
  const {
    database = await createFaultProxy(inject('databaseEndpoint')),
    amazon = await createFaultProxy(standIn.endpoint),
  } = proxies;
  const endpoints = Object.keys(standIn.environment).map((name) => [name, amazon.endpoint]);
  const service = await createTestService({
    hasOutboxIndex: true,
    now: clock.now,
    random: () => 0.5,
    timeoutMs: () => 120_000,
    waitUntil: async (timeMs) => clock.advanceBy(Math.max(0, timeMs - clock.now().getTime())),
    databaseEndpoint: database.endpoint,
    environment: {
      ...Object.fromEntries(endpoints),
      AWS_MAX_ATTEMPTS: '1',
      ALLOW_LOCAL_WEBHOOKS: 'true',
    },
  });
  const { stored } = service;
  const timestamp = () => clock.now().toISOString();
  let tenant: string = randomUUID();
  let last = 0;
  let usedTenants = 0;

  const setTenantStatus = (status: Tenant['status']) =>
    stored.put({ ...keys.tenant(tenant), tenantId: tenant, status });

  /** Appends a segment with an event for each of these users. */
  async function append(users: readonly number[], type: FeedEvent['type'] = 'user.updated') {
    const first = last + 1;
    const events = users.map((user, index): FeedEvent => {
      const sequence = first + index;
      return {
        sequence,
        id: randomUUID(),
        type,
        time: timestamp(),
        numberedAt: timestamp(),
        resource: { type: 'user', id: toUserId(user), version: sequence },
        actor: { type: 'system', id: 'test' },
        changedFields: ['name'],
        requestId: `request-${sequence}`,
        policies: [],
      };
    });
    last += users.length;
    await stored.put({
      ...keys.feedSegment(tenant, first),
      first,
      last,
      previousHash: '',
      hash: '',
      events: JSON.stringify(events),
      ttl: Math.floor(clock.now().getTime() / 1000) + 400 * 86_400,
    });
    return events;
  }

  /** Writes an enabled webhook that starts after the current events. */
  async function putWebhook(url: string, more: Partial<Webhook> = {}): Promise<Webhook> {
    const webhook: Webhook = {
      tenantId: tenant,
      webhookId: randomUUID(),
      url,
      types: [],
      status: 'enabled',
      order: 'resource',
      secrets: [{ generation: 1, keyId: '1', publicKey: 'whpk_' }],
      startAfter: last,
      version: 1,
      createdAt: timestamp(),
      createdBy: 'test',
      ...more,
    };
    await stored.put({ ...webhookKeys.webhook(tenant, webhook.webhookId), ...webhook });
    return webhook;
  }

  const getWebhook = async ({ webhookId }: Webhook) =>
    (await stored.item(webhookKeys.webhook(tenant, webhookId))) as Webhook | undefined;

  return {
    clock,
    service,
    /** Continues with a tenant without events and webhooks. */
    startTenant: async () => {
      tenant = randomUUID();
      last = 0;
      await setTenantStatus('active');
      return tenant;
    },
    setTenantStatus,
    /** Continues with a sample tenant, after its earlier events. */
    useTenant: (slug: TenantSlug) => {
      tenant = tenantId[slug];
      last = 1000 * ++usedTenants;
    },
    append,
    putWebhook,
    getWebhook,
    /** Changes fields of a webhook, like a request. */
    updateWebhook: async (webhook: Webhook, changes: Partial<Webhook>) => {
      const current = await getWebhook(webhook);
      await stored.put({
        ...webhookKeys.webhook(tenant, webhook.webhookId),
        ...current,
        ...changes,
        version: Number(current?.version) + 1,
      });
    },
    deleteWebhook: async ({ webhookId }: Webhook) => {
      const Key = { ...webhookKeys.webhook(tenant, webhookId) };
      await stored.client.send(new DeleteCommand({ TableName: stored.directory, Key }));
    },
    /** Starts a receiver with a webhook. */
    createReceiver: async (more: Partial<Webhook> = {}) => {
      const receiver = await startReceiver(undefined, { secure: false });
      const webhook = await putWebhook(receiver.url, more);
      return {
        ...receiver,
        webhook,
        /** Responds with a status to some events, and accepts others. */
        failFor: (
          isFailing: (sequence: number) => boolean,
          status = 500,
          headers: Readonly<Record<string, string>> = {},
        ) =>
          receiver.respondWith((_request, response, { body }) => {
            const fails = isFailing(parseSequence(body));
            response.writeHead(fails ? status : 204, fails ? headers : {}).end();
          }),
        accept: () => receiver.respondWith((_, response) => void response.writeHead(204).end()),
        /** Numbers of the events of all requests so far. */
        listSequences: () => receiver.requests.map(({ body }) => parseSequence(body)),
        /** Numbers of the events of the requests since the last call. */
        takeSequences: () => receiver.requests.splice(0).map(({ body }) => parseSequence(body)),
      };
    },
    advance: () => service.on.feedAdvanced(tenant),
    advanceAfter: async (ms: number) => {
      clock.advanceBy(ms);
      await service.on.feedAdvanced(tenant);
    },
    sweepAfter: async (ms: number) => {
      clock.advanceBy(ms);
      await service.on.webhookSweep();
    },
    /** Change record of a webhook. */
    findChange: ({ webhookId }: Webhook, version: number) =>
      stored.item(webhookKeys.webhookChange(tenant, webhookId, version)),
    findState: ({ webhookId }: Webhook) => stored.item(keys.sink(tenant, webhookId)),
    /** Attempts to deliver to a webhook, oldest first. */
    listAttempts: async ({ webhookId }: Webhook): Promise<DeliveryAttempt[]> => {
      const { pk, prefix } = deliveryPrefix(tenant, webhookId);
      return (await stored.all())
        .filter((item) => item['pk'] === pk && String(item['sk']).startsWith(prefix))
        .toSorted((a, b) => (String(a['sk']) < String(b['sk']) ? -1 : 1)) as any;
    },
    /**
     * Applies `fault` to the n-th request to AWS, counted from 1, and fails all later ones. The result
     * returns the operation of the n-th request.
     */
    stopAt: (n: number, fault: Fault) => {
      let count = 0;
      let stopped: string | undefined;
      const plan = ({ operation }: Sent) => {
        count++;
        if (count < n) return undefined;
        stopped ??= operation;
        return count === n ? fault : dropRequest;
      };
      database.goesWrong(plan);
      amazon.goesWrong(plan);
      return () => stopped;
    },
    isWell: () => {
      database.isWell();
      amazon.isWell();
    },
  };
}
