import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { createAddressLookup } from '../../aws/dns.ts';
import { createKmsMacKeys } from '../../aws/kms-mac-keys.ts';
import { createWebhookConnections } from '../../aws/webhook-sender.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { createSigningKeyDeriver } from '../../domain/webhooks/secret.ts';
import { createFeedReader } from '../../store/feed/feed-reader.ts';
import { createSinkStore } from '../../store/feed/sink-store.ts';
import { createDeliveryLog } from '../../store/webhooks/delivery-log.ts';
import { createTenantStatusReader } from '../../store/tenants/tenant-status.ts';
import { createWebhookStore } from '../../store/webhooks/webhook-store.ts';
import {
  createSdkConfig,
  createTables,
  type Environment,
  idPrefixSchema,
  ownIssuerSchema,
  parseEnvironment,
  tablesSchema,
  tenantHostSuffixSchema,
} from '../environment.ts';
import { macKeysSchema } from '../settings.ts';
import type { TestOverrides } from '../http-deps.ts';

const environmentSchema = tablesSchema
  .extend({
    ID_PREFIX: idPrefixSchema,
    OWN_ISSUER: ownIssuerSchema,
    TENANT_HOST_SUFFIX: tenantHostSuffixSchema,
    WEBHOOK_KEYS: macKeysSchema,
    /** Allows endpoints on this machine. The runtime of Lambda sets the other variable. */
    ALLOW_LOCAL_WEBHOOKS: z.literal('true').optional(),
    AWS_LAMBDA_RUNTIME_API: z.string().optional(),
  })
  .refine(
    ({ ALLOW_LOCAL_WEBHOOKS, AWS_LAMBDA_RUNTIME_API }) =>
      ALLOW_LOCAL_WEBHOOKS === undefined || AWS_LAMBDA_RUNTIME_API === undefined,
    'ALLOW_LOCAL_WEBHOOKS is only for the local server',
  );

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
  const { ID_PREFIX, OWN_ISSUER, TENANT_HOST_SUFFIX, WEBHOOK_KEYS } = environment;
  const tables = createTables(environment, env);
  const nowMs = () => now().getTime();
  const apiHost = new URL(OWN_ISSUER.issuer).hostname;
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
    deriveKeys: createSigningKeyDeriver(
      createKmsMacKeys(WEBHOOK_KEYS, createSdkConfig(env, 'KMS')),
      nowMs,
    ),
    format: { idPrefix: ID_PREFIX, apiUrl: OWN_ISSUER.issuer },
    connections: createWebhookConnections({
      lookUpAddresses: createAddressLookup(),
      ownHosts: [apiHost, TENANT_HOST_SUFFIX].filter((host) => host !== undefined),
      allowsLocalHosts: environment.ALLOW_LOCAL_WEBHOOKS !== undefined,
      ...webhookConnections,
    }),
  };
}
