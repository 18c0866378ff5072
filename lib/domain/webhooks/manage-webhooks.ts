import { randomUUID } from 'node:crypto';
import {
  buildAuditEntry,
  buildChangeRecord,
  buildInitialVersion,
  buildNextVersion,
  retryStaleWrite,
} from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { FeedReader } from '../feed/feed-store.ts';
import { collectPreviousValues } from '../kernel/change-record.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { SinkStore } from '../sinks/sink-store.ts';
import {
  authorizeWebhooks,
  changeWebhook,
  getTenantWebhook,
  type WebhookDependencies,
  type WebhookTarget,
} from './change-webhook.ts';
import { createGeneration, type SecretDependencies } from './rotate-secret.ts';
import { tryTest, type TestDependencies } from './request-test.ts';
import { checkWebhookUrl, type UrlDependencies } from './webhook-url.ts';
import { maxWebhooks, type Webhook } from './webhook.ts';
import type { WebhookChange } from './webhook-store.ts';

/** Fields that callers write. */
export type WebhookSettings = Pick<Webhook, 'url' | 'description' | 'types' | 'order'>;

type Dependencies = WebhookDependencies & UrlDependencies & TestDependencies;

/**
 * Creates a webhook, and requests a test event. Returns the secret, which is shown only here.
 * Throws `forbidden`, `events_disabled`, `invalid_input` for the URL, or `webhook_limit_reached`.
 */
export async function createWebhook(
  { url, ...settings }: WebhookSettings,
  context: RequestContext,
  deps: Dependencies & SecretDependencies & { readonly feed: Pick<FeedReader, 'getHead'> },
): Promise<{ readonly webhook: Webhook; readonly secret: string }> {
  authorizeWebhooks('writeWebhook', context, deps);
  const { tenantId } = context.tenant;
  const checkedUrl = await checkWebhookUrl(url, deps);
  const ref = { tenantId, webhookId: randomUUID() };
  const [{ sequence }, { generation, secret }] = await Promise.all([
    deps.feed.getHead(tenantId),
    createGeneration(ref, 1, deps),
  ]);
  const webhook: Webhook = {
    ...ref,
    ...settings,
    url: checkedUrl,
    status: 'unverified',
    secrets: [generation],
    startAfter: sequence,
    ...buildInitialVersion(context, deps.now()),
  };
  const outcome = await deps.webhooks.write({
    before: undefined,
    after: webhook,
    record: buildChangeRecord({ action: 'create', after: webhook }, context),
    deadline: context.deadline,
  });
  if (outcome !== 'written') throw webhookLimitReached();
  await tryTest(webhook, deps);
  return { webhook, secret };
}

/** Lists the webhooks of the tenant. Throws `forbidden` or `events_disabled`. */
export async function listWebhooks(
  { limit, after }: { readonly limit: number; readonly after: Uuid | undefined },
  context: RequestContext,
  deps: WebhookDependencies,
): Promise<{ readonly webhooks: readonly Webhook[]; readonly next: Uuid | undefined }> {
  authorizeWebhooks('readWebhook', context, deps);
  const remaining = (await deps.webhooks.list(context.tenant.tenantId)).filter(
    ({ webhookId }) => after === undefined || webhookId > after,
  );
  const webhooks = remaining.slice(0, limit);
  return { webhooks, next: remaining.length > limit ? webhooks.at(-1)?.webhookId : undefined };
}

/** Gets a webhook. Throws `forbidden`, `events_disabled` or `not_found`. */
export async function getWebhook(
  webhookId: Uuid | undefined,
  context: RequestContext,
  deps: WebhookDependencies,
): Promise<Webhook> {
  authorizeWebhooks('readWebhook', context, deps);
  return getTenantWebhook(webhookId, context, deps);
}

/**
 * Changes settings of a webhook. A new URL is unverified until it accepts a test event, which is
 * requested. Throws `forbidden`, `events_disabled`, `not_found`, `precondition_failed`, or
 * `invalid_input` for the URL.
 */
export async function updateWebhook(
  { target, settings }: { target: WebhookTarget; settings: Partial<WebhookSettings> },
  context: RequestContext,
  deps: Dependencies,
): Promise<Webhook> {
  authorizeWebhooks('writeWebhook', context, deps);
  const url = settings.url === undefined ? undefined : await checkWebhookUrl(settings.url, deps);
  let isMoved = false;
  const change = (before: Webhook): Partial<Webhook> => {
    isMoved = url !== undefined && url !== before.url;
    const status = before.status === 'disabled' ? before.status : 'unverified';
    return {
      ...settings,
      url: url ?? before.url,
      ...(isMoved && { verifiedAt: undefined, status }),
    };
  };
  const webhook = await changeWebhook({ action: 'update', target, change }, context, deps);
  if (isMoved && webhook.status === 'unverified') await tryTest(webhook, deps);
  return webhook;
}

/**
 * Deletes a webhook. Events that it has not received are not sent. Throws `forbidden`,
 * `events_disabled`, `not_found` or `precondition_failed`.
 */
export async function deleteWebhook(
  { webhookId, ifMatch }: WebhookTarget,
  context: RequestContext,
  deps: WebhookDependencies & { readonly sinks: Pick<SinkStore, 'remove'> },
): Promise<void> {
  authorizeWebhooks('writeWebhook', context, deps);
  const build = async (before: Webhook): Promise<WebhookChange> => {
    const after = { ...before, ...buildNextVersion(before, context, deps.now()) };
    const record = {
      version: after.version,
      action: 'delete',
      ...buildAuditEntry(context, after.updatedAt),
      ...collectPreviousValues({
        before,
        after: {},
        fields: ['url', 'description', 'types', 'status', 'order'],
      }),
    };
    return { before, after, record, deadline: context.deadline, isDeletion: true };
  };
  const deleted = await retryStaleWrite(
    {
      read: () => getTenantWebhook(webhookId, context, deps),
      ifMatch,
      build,
      write: async (change) =>
        (await deps.webhooks.write(change)) === 'written' ? 'written' : 'stale',
    },
    context,
    deps.now,
  );
  // The delivery removes it too, if this fails.
  await deps.sinks.remove({ tenantId: deleted.tenantId, sinkId: deleted.webhookId });
}

const webhookLimitReached = (): Failure =>
  new Failure('webhook_limit_reached', `A tenant can have at most ${maxWebhooks} webhooks`);
