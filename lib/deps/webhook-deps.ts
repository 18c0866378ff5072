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
import {
  createSdkConfig,
  type Environment,
  json,
  ownIssuerSchema,
  parseEnvironment,
  tenantHostSuffixSchema,
} from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';
import { macKeysSchema } from './settings.ts';

const environmentSchema = z
  .object({
    EVENT_BUS: z.string().min(1),
    WEBHOOK_KEYS: macKeysSchema,
    WEBHOOK_PORTS: json(z.array(z.int())),
    OWN_ISSUER: ownIssuerSchema,
    TENANT_HOST_SUFFIX: tenantHostSuffixSchema,
    /** Allows endpoints on this machine. The runtime of Lambda sets the other variable. */
    ALLOW_LOCAL_WEBHOOKS: z.literal('true').optional(),
    AWS_LAMBDA_RUNTIME_API: z.string().optional(),
  })
  .refine(
    ({ ALLOW_LOCAL_WEBHOOKS, AWS_LAMBDA_RUNTIME_API }) =>
      ALLOW_LOCAL_WEBHOOKS === undefined || AWS_LAMBDA_RUNTIME_API === undefined,
    'ALLOW_LOCAL_WEBHOOKS is only for the local server',
  );

export type WebhookDeps = ReturnType<typeof createWebhookDeps>;

/** Dependencies of the authenticated HTTP function that manages webhooks. */
export function createWebhookDeps(env: Environment, overrides: TestOverrides = {}) {
  const { EVENT_BUS, WEBHOOK_KEYS, ...environment } = parseEnvironment(environmentSchema, env);
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  const keys = createKmsMacKeys(WEBHOOK_KEYS, createSdkConfig(env, 'KMS'));
  const { OWN_ISSUER, TENANT_HOST_SUFFIX: suffix } = environment;
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
    webhookKeyId: WEBHOOK_KEYS[0]?.id ?? '',
    deriveSigningKeys: createSigningKeyDeriver(keys, nowMs),
    lookUpAddresses: overrides.lookUpAddresses ?? createAddressLookup(),
    urlRules: {
      ports: environment.WEBHOOK_PORTS,
      ownHosts: [new URL(OWN_ISSUER.issuer).hostname, ...(suffix === undefined ? [] : [suffix])],
      allowsLocalHosts: environment.ALLOW_LOCAL_WEBHOOKS === 'true',
    },
  };
}
