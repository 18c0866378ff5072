import type { ChangeRecord } from '../../kernel/change-record.ts';
import { Failure } from '../../kernel/failure.ts';
import type { DurationMs } from '../../kernel/time.ts';
import type { Webhook } from '../webhook.ts';
import type { WebhookStore } from '../webhook-store.ts';
import type { WebhookNotice } from './webhook-notice.ts';

interface Dependencies {
  readonly now: () => Date;
  readonly webhooks: Pick<WebhookStore, 'get' | 'write'>;
}

type WebhookKey = Pick<Webhook, 'tenantId' | 'webhookId'>;

/** Stands for the caller in the change record. */
const component = 'webhook-delivery';

const writeTimeoutMs: DurationMs = 5000;
const maxWrites = 5;

/** Disables an enabled webhook and adds a notice. No effect on others. Throws `unavailable`. */
export const disableFailingWebhook = (
  key: WebhookKey,
  { reason, notice }: { readonly reason: 'failures' | 'gone'; readonly notice: WebhookNotice },
  deps: Dependencies,
): Promise<void> =>
  updateStatus(key, { action: 'disable', notice }, deps, ({ status }, at) =>
    status === 'enabled' ? { status: 'disabled', disabled: { reason, at } } : undefined,
  );

/** Enables an unverified webhook whose URL accepted a test event. Throws `unavailable`. */
export const enableVerifiedWebhook = (
  { url, ...key }: WebhookKey & Pick<Webhook, 'url'>,
  deps: Dependencies,
): Promise<void> =>
  updateStatus(key, { action: 'enable' }, deps, (webhook, at) =>
    webhook.status === 'unverified' && webhook.url === url
      ? { status: 'enabled', verifiedAt: at }
      : undefined,
  );

/** Repeats a change until no concurrent one makes it stale. */
async function updateStatus(
  { tenantId, webhookId }: WebhookKey,
  { action, notice }: { readonly action: 'disable' | 'enable'; readonly notice?: WebhookNotice },
  { now, webhooks }: Dependencies,
  change: (webhook: Webhook, at: string) => Partial<Webhook> | undefined,
): Promise<void> {
  for (let writes = 0; writes < maxWrites; writes++) {
    const before = await webhooks.get(tenantId, webhookId);
    const at = now().toISOString();
    const changes = before && change(before, at);
    if (!before || !changes) return;
    const version = before.version + 1;
    const after = { ...before, ...changes, version, updatedAt: at, updatedBy: component };
    const record = buildRecord({ action, version, at }, before, changes);
    const deadline = now().getTime() + writeTimeoutMs;
    const outcome = await webhooks.write({ before, after, record, deadline, notice });
    if (outcome === 'written') return;
  }
  throw new Failure('unavailable', 'Too many concurrent changes of the webhook');
}

const buildRecord = (
  entry: Pick<ChangeRecord, 'action' | 'version' | 'at'>,
  before: Webhook,
  changes: Partial<Webhook>,
): ChangeRecord => ({
  ...entry,
  actor: { type: 'system', id: component },
  by: component,
  issuer: component,
  requestId: component,
  policies: [],
  before: Object.fromEntries(
    Object.keys(changes).map((name) => [name, before[name as keyof Webhook] ?? null]),
  ),
});
