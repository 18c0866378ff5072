import type { Uuid } from '../../kernel/ids.ts';
import type { Timestamp } from '../../kernel/time.ts';
import type { PendingMail } from '../../mail/pending-mail.ts';
import type { Webhook } from '../webhook.ts';

/** `failing`: no success for 24 hours. `disabled`: by failures or a response with 410. */
export type WebhookNoticeKind = 'failing' | 'disabled';

/** Notice to the owner of the tenant about a webhook. */
export interface WebhookNotice extends PendingMail {
  readonly webhookId: Uuid;
  readonly kind: WebhookNoticeKind;
  /** Host of the URL. Paths and queries can contain secrets. */
  readonly host: string;
  /** Time of the first failure after the last success. Distinguishes the notices of a webhook. */
  readonly failingSince: Timestamp;
  readonly createdAt: Timestamp;
}

export type WebhookNoticeKey = Pick<
  WebhookNotice,
  'tenantId' | 'webhookId' | 'kind' | 'failingSince'
>;

/** Strongly consistent. Throws `unavailable`. */
export interface WebhookNoticeStore {
  /** Creates a notice. No effect if it exists. */
  create(notice: WebhookNotice): Promise<void>;
  get(key: WebhookNoticeKey): Promise<WebhookNotice | undefined>;
  /** Saves the next revision. False, without a write, if the notice has changed. */
  save(notice: WebhookNotice): Promise<boolean>;
}

interface NoticeInput {
  readonly kind: WebhookNoticeKind;
  readonly failingSince: Timestamp;
  readonly now: Timestamp;
}

export const buildWebhookNotice = (
  { tenantId, webhookId, url }: Webhook,
  { kind, failingSince, now }: NoticeInput,
): WebhookNotice => ({
  tenantId,
  webhookId,
  kind,
  host: new URL(url).host,
  failingSince,
  createdAt: now,
  dueAt: now,
  attempts: 0,
  rejections: 0,
  revision: 0,
});
