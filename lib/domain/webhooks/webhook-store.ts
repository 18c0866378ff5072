import type { EntityChange } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { WebhookNotice } from './delivery/webhook-notice.ts';
import type { DeliveryAttempt, Webhook } from './webhook.ts';

/** A write of a webhook. A deletion also has the version after it. */
export interface WebhookChange extends EntityChange<Webhook> {
  readonly isDeletion?: boolean;
  /** Notice to write in the same transaction. */
  readonly notice?: WebhookNotice | undefined;
}

/** Webhooks of tenants. Reads are strongly consistent. Throws `unavailable`. */
export interface WebhookStore {
  /** All webhooks of a tenant in the order of their IDs. */
  list(tenantId: Uuid): Promise<readonly Webhook[]>;
  get(tenantId: Uuid, webhookId: Uuid): Promise<Webhook | undefined>;
  /**
   * Writes a change. Returns `stale` if the webhook changed after `before`, and `full` if the
   * tenant reached its maximum.
   */
  write(change: WebhookChange): Promise<'written' | 'stale' | 'full'>;
  /** Counts a test event. False, without a count, if the tenant reached its limit in this minute. */
  countTest(tenantId: Uuid): Promise<boolean>;
}

export interface DeliveryQuery {
  readonly limit: number;
  /** Continues after this position. */
  readonly after: string | undefined;
  readonly outcome?: DeliveryAttempt['outcome'] | undefined;
}

export interface DeliveryPage {
  readonly attempts: readonly { readonly attempt: DeliveryAttempt; readonly position: string }[];
  /** Position after which the next page starts. Undefined at the end. */
  readonly next: string | undefined;
}

/** Attempts of the last 30 days. Throws `unavailable`. */
export interface DeliveryLog {
  /** Records at most 25 attempts. */
  record(
    webhook: Pick<Webhook, 'tenantId' | 'webhookId'>,
    attempts: readonly DeliveryAttempt[],
  ): Promise<void>;
  /** Reads a page, newest first. A page with an outcome can be short. */
  list(
    webhook: Pick<Webhook, 'tenantId' | 'webhookId'>,
    query: DeliveryQuery,
  ): Promise<DeliveryPage>;
}
