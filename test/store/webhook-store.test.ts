import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { DeliveryAttempt, Webhook } from '../../lib/domain/webhooks/webhook.ts';
import { createDeliveryLog } from '../../lib/store/webhooks/delivery-log.ts';
import { createWebhookStore } from '../../lib/store/webhooks/webhook-store.ts';
import { createTestTables } from '../support/database/tables.ts';

const at = '2026-12-01T00:00:00.000Z';
const nowMs = Date.parse(at);
const tables = await createTestTables({ hasOutboxIndex: false });
const store = createWebhookStore(tables, Date.now);
const log = createDeliveryLog(tables, () => nowMs);

const tenantId = randomUUID();
const build = (webhookId: string, fields: Partial<Webhook> = {}): Webhook => ({
  tenantId,
  webhookId,
  url: 'https://hooks.example.com/roster',
  types: [],
  status: 'unverified',
  order: 'resource',
  secrets: [{ generation: 1, keyId: '1', publicKey: 'whpk_' }],
  startAfter: 0,
  version: 1,
  createdAt: at,
  createdBy: 'admin',
  ...fields,
});
const write = (before: Webhook | undefined, after: Webhook, isDeletion = false) =>
  store.write({
    before,
    after,
    isDeletion,
    deadline: Date.now() + 10_000,
    record: {
      version: after.version,
      action: 'test',
      at,
      by: 'admin',
      issuer: 'test',
      actor: { type: 'system', id: 'test' },
      requestId: 'test',
      policies: [],
      before: {},
    },
  });

it('writes versions once, and limits the webhooks of a tenant', async () => {
  const webhooks = Array.from({ length: 10 }, () => build(randomUUID())).toSorted((a, b) =>
    a.webhookId < b.webhookId ? -1 : 1,
  );
  for (const webhook of webhooks) expect(await write(undefined, webhook)).toBe('written');
  expect(await store.list(tenantId)).toEqual(webhooks);
  expect(await write(undefined, build(randomUUID()))).toBe('full');

  const [webhook = build('')] = webhooks;
  const changed = { ...webhook, version: 2, status: 'enabled' as const };
  const outcomes = await Promise.all([write(webhook, changed), write(webhook, changed)]);
  expect(outcomes.toSorted()).toEqual(['stale', 'written']);
  expect(await store.get(tenantId, webhook.webhookId)).toEqual(changed);

  expect(await write(webhook, { ...webhook, version: 2 }, true)).toBe('stale');
  expect(await write(changed, { ...changed, version: 3 }, true)).toBe('written');
  expect(await store.get(tenantId, webhook.webhookId)).toBeUndefined();
  expect(await write(undefined, build(randomUUID()))).toBe('written');
});

it('lists attempts newest first, without expired ones', async () => {
  const webhook = { tenantId, webhookId: randomUUID() };
  const attempts = Array.from(
    { length: 7 },
    (_, index): DeliveryAttempt => ({
      eventId: randomUUID(),
      sequence: 7 - index,
      type: 'user.created',
      attempt: 1,
      at: new Date(nowMs - index * 1000).toISOString(),
      outcome: index % 3 === 0 ? 'failed' : 'delivered',
      status: 200,
      durationMs: 12,
    }),
  );
  const expired = { ...attempts[0]!, at: new Date(nowMs - 31 * 24 * 3600 * 1000).toISOString() };
  const replaced = { ...attempts[0]!, attempt: 2 };
  await log.record(webhook, [expired, replaced, ...attempts]);
  const readAll = async (query: { limit: number; outcome?: 'failed' }) => {
    const pages: DeliveryAttempt[][] = [];
    let after: string | undefined;
    do {
      const page = await log.list(webhook, { ...query, after });
      pages.push(page.attempts.map(({ attempt }) => attempt));
      after = page.next;
    } while (after !== undefined);
    return pages;
  };

  const pages = await readAll({ limit: 3 });
  expect(pages.flat()).toEqual(attempts);
  expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
  expect(await readAll({ limit: 2, outcome: 'failed' })).toEqual([
    [attempts[0], attempts[3]],
    [attempts[6]],
  ]);
});
