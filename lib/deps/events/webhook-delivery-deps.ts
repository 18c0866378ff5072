import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { createAddressLookup } from '../../aws/dns.ts';
import { createKmsMacKeys } from '../../aws/kms-mac-keys.ts';
import { createWebhookConnections } from '../../aws/webhook-sender.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { createSigningKeyDeriver } from '../../domain/webhooks/secret.ts';
import { createFeedReader } from '../../store/feed/feed-reader.ts';
import { createSinkStore } from '../../store/feed/sink-store.ts';
import { createDeliveryLog } from '../../store/webhooks/delivery-log.ts';
import { createTenantStatusReader } from '../../store/tenants/tenant-status.ts';
import { createWebhookNoticeStore } from '../../store/webhooks/webhook-notice-store.ts';
import { createWebhookStore } from '../../store/webhooks/webhook-store.ts';
import {
  createSdkConfig,
  createTables,
  type Environment,
  idPrefixSchema,
  parseEnvironment,
  tablesSchema,
} from '../environment.ts';
import type { TestOverrides } from '../http-deps.ts';
import { readWebhookSettings } from '../webhook-settings.ts';

const environmentSchema = tablesSchema.extend({ ID_PREFIX: idPrefixSchema });

interface DeliveryOverrides extends Pick<TestOverrides, 'now'> {
  /** Resolves at a time. */
  readonly waitUntil?: (timeMs: EpochMs) => Promise<void>;
  readonly random?: () => number;
  readonly webhookConnections?: Partial<Parameters<typeof createWebhookConnections>[0]>;
}

const createWaitUntil = (now: () => Date) => (timeMs: EpochMs) =>
  setTimeout(Math.max(0, timeMs - now().getTime()));

/** Dependencies of the function that delivers events to webhooks. */
export function createWebhookDeliveryDeps(
  env: Environment,
  {
    now = () => new Date(),
    waitUntil = createWaitUntil(now),
    random = Math.random,
    webhookConnections = {},
  }: DeliveryOverrides = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const { keys, apiUrl, hostRules } = readWebhookSettings(env);
  const tables = createTables(environment, env);
  const nowMs = () => now().getTime();
  return {
    now,
    waitUntil,
    random,
    createId: randomUUID,
    isTenantActive: createTenantStatusReader(tables),
    feed: createFeedReader(tables, nowMs),
    sinks: createSinkStore(tables, nowMs),
    webhooks: createWebhookStore(tables, nowMs),
    deliveries: createDeliveryLog(tables, nowMs),
    notices: createWebhookNoticeStore(tables),
    deriveSigningKeys: createSigningKeyDeriver(
      createKmsMacKeys(keys, createSdkConfig(env, 'KMS')),
      nowMs,
    ),
    format: { idPrefix: environment.ID_PREFIX, apiUrl },
    connections: createWebhookConnections({
      lookUpAddresses: createAddressLookup(),
      ...hostRules,
      ...webhookConnections,
    }),
  };
}
