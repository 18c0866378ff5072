/** Requests about webhooks, with a test clock, because secrets and the log expire. */
import { randomUUID } from 'node:crypto';
import { parseWebhookId } from '../../../lib/domain/kernel/ids.ts';
import { createSinkStore } from '../../../lib/store/feed/sink-store.ts';
import { webhookKeys } from '../../../lib/store/keys.ts';
import {
  aws,
  createTestService,
  type TenantSlug,
  tenantId,
  type TestRequest,
  type TestResponse,
} from '../service.ts';
import { createTestClock } from './user-states.ts';

export const webhookUrl = 'https://hooks.example.com/roster';

export async function createWebhookService(options: Parameters<typeof createTestService>[0] = {}) {
  const clock = createTestClock();
  const service = await createTestService({ hasStream: true, ...options, now: clock.now });
  const admin = (slug: TenantSlug = 'acme') => clock.aTokenOf(slug, ['admin']);
  const sinks = createSinkStore(service.stored, () => clock.now().getTime());
  const toUuid = (id: string): string => parseWebhookId(id) ?? '';
  const call = (method: string, path: string, sent: TestRequest = {}): Promise<TestResponse> =>
    service.send(method, `/v1/webhooks${path}`, { token: admin(), ...sent });

  return {
    service,
    clock,
    admin,
    call,
    toUuid,
    createWebhook: (body: object = {}, sent: TestRequest = {}) =>
      call('POST', '', { body: { url: webhookUrl, ...body }, ...sent }),
    /** Detail of the latest request for a test event. */
    getTestRequest: async () =>
      (await aws()).events.findLast(({ 'detail-type': type }) => type === 'Webhook Test Requested')
        ?.detail as Record<string, unknown> | undefined,
    /** Replaces attributes of the stored webhook, as the delivery does. */
    updateItem: async (id: string, changes: object, slug: TenantSlug = 'acme') => {
      const item = await service.stored.item(webhookKeys.webhook(tenantId[slug], toUuid(id)));
      await service.stored.put({ ...item, ...changes });
    },
    /** Moves the delivery to a position in the feed. */
    deliverUntil: async (id: string, cursor: number, changes: object = {}) => {
      const lease = { id: randomUUID(), untilMs: clock.now().getTime() + 1000 };
      const sink = { tenantId: tenantId.acme, sinkId: toUuid(id) };
      const state = await sinks.acquire(sink, lease, 0);
      if (!state) throw new Error('The delivery is running');
      await sinks.release({ ...state, cursor, ...changes }, lease.id);
    },
    /** Takes the lease of the delivery, as a running one has. */
    lease: (id: string) =>
      sinks.acquire(
        { tenantId: tenantId.acme, sinkId: toUuid(id) },
        { id: randomUUID(), untilMs: clock.now().getTime() + 1000 },
        0,
      ),
    readSink: (id: string) => sinks.get({ tenantId: tenantId.acme, sinkId: toUuid(id) }),
    /** Change records of a webhook, in order. */
    listChangeRecords: async (id: string) =>
      (await service.stored.all())
        .filter(({ pk, sk }) => {
          const key = webhookKeys.webhookChange(tenantId.acme, toUuid(id), 1);
          return pk === key.pk && String(sk).startsWith('CHANGE#');
        })
        .toSorted((a, b) => Number(a['version']) - Number(b['version'])),
  };
}
