import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { createEventBridgeBus } from '../../aws/event-bridge.ts';
import { createS3Archive } from '../../aws/s3-archive.ts';
import { createFeedReader } from '../../store/feed/feed-reader.ts';
import { createSinkStore } from '../../store/feed/sink-store.ts';
import { createTenantList } from '../../store/tenants/tenant-list.ts';
import { createWebhookStore } from '../../store/webhooks/webhook-store.ts';
import {
  archiveSchema,
  createS3Config,
  createSdkConfig,
  createTables,
  type Environment,
  idPrefixSchema,
  ownIssuerSchema,
  parseEnvironment,
  tablesSchema,
} from '../environment.ts';
import type { TestOverrides } from '../http-deps.ts';

const environmentSchema = tablesSchema.extend({
  ...archiveSchema.shape,
  EVENT_BUS: z.string().min(1),
  ID_PREFIX: idPrefixSchema,
  OWN_ISSUER: ownIssuerSchema,
});

/** Dependencies of the function that exports feeds. It needs no tokens and policies. */
export function createFeedExportDeps(
  env: Environment,
  { now = () => new Date() }: Pick<TestOverrides, 'now'> = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const tables = createTables(environment, env);
  const nowMs = () => now().getTime();
  return {
    now,
    createId: randomUUID,
    sinks: createSinkStore(tables, nowMs),
    feed: createFeedReader(tables, nowMs),
    tenants: createTenantList(tables),
    webhooks: createWebhookStore(tables, nowMs),
    format: { idPrefix: environment.ID_PREFIX, apiUrl: environment.OWN_ISSUER.issuer },
    bus: createEventBridgeBus(environment.EVENT_BUS, createSdkConfig(env, 'EVENTBRIDGE')),
    archive: createS3Archive(environment.ARCHIVE_URL, createS3Config(environment)),
  };
}
