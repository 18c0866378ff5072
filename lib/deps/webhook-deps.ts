import * as z from 'zod';
import { createAddressLookup } from '../aws/dns.ts';
import { createEventBridgeBus } from '../aws/event-bridge.ts';
import { createKmsMacKeys } from '../aws/kms-mac-keys.ts';
import { createSigningKeyDeriver } from '../domain/webhooks/secret.ts';
import type { TestDependencies } from '../domain/webhooks/request-test.ts';
import { logEvent } from '../runtime/event-log.ts';
import { createFeedReader } from '../store/feed/feed-reader.ts';
import { createSinkStore } from '../store/feed/sink-store.ts';
import { createDeliveryLog } from '../store/webhooks/delivery-log.ts';
import { createWebhookStore } from '../store/webhooks/webhook-store.ts';
import { createSdkConfig, type Environment, json, parseEnvironment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';
import { readWebhookSettings } from './webhook-settings.ts';

const environmentSchema = z.object({
  EVENT_BUS: z.string().min(1),
  WEBHOOK_PORTS: json(z.array(z.int())),
});

export type WebhookDeps = ReturnType<typeof createWebhookDeps>;

/** Dependencies of the authenticated HTTP function that manages webhooks. */
export function createWebhookDeps(env: Environment, overrides: TestOverrides = {}) {
  const { EVENT_BUS, WEBHOOK_PORTS } = parseEnvironment(environmentSchema, env);
  const { keys, hostRules } = readWebhookSettings(env);
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  const onTestFailed: TestDependencies['onTestFailed'] = ({ tenantId, webhookId }, error) =>
    logEvent({
      operation: 'requestWebhookTest',
      outcome: 'failed',
      tenant: tenantId,
      subject: webhookId,
      time: nowMs(),
      metrics: {},
      error,
    });
  return {
    ...deps,
    webhooks: createWebhookStore(tables, nowMs),
    deliveries: createDeliveryLog(tables, nowMs),
    sinks: createSinkStore(tables, nowMs),
    feed: createFeedReader(tables, nowMs),
    eventBus: createEventBridgeBus(EVENT_BUS, createSdkConfig(env, 'EVENTBRIDGE')),
    onTestFailed,
    webhookKeyId: keys[0]?.id ?? '',
    deriveSigningKeys: createSigningKeyDeriver(
      createKmsMacKeys(keys, createSdkConfig(env, 'KMS')),
      nowMs,
    ),
    lookUpAddresses: overrides.lookUpAddresses ?? createAddressLookup(),
    urlRules: { ports: WEBHOOK_PORTS, ...hostRules },
  };
}
