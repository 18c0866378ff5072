import type { DurationMs, EpochMs } from '../../kernel/time.ts';
import { deliver, type DeliveryResult } from '../../mail/deliver.ts';
import { selectLanguage } from '../../mail/language.ts';
import {
  applyOutcome,
  leaseRevision,
  type MailJob,
  type MailJobDependencies,
} from '../../mail/mail-job.ts';
import { getGreetingName, getMailTenantName } from '../../mail/mail-names.ts';
import type { Mail } from '../../mail/mail.ts';
import { messages } from '../../mail/messages.ts';
import { formatTime, renderMail } from '../../mail/render.ts';
import type { Tenant } from '../../tenants/tenant.ts';
import { hasEmail, type UserWithEmail } from '../../users/user.ts';
import type { WebhookNotice, WebhookNoticeKey, WebhookNoticeStore } from './webhook-notice.ts';

export interface WebhookNoticeJobDependencies extends MailJobDependencies {
  readonly webhookNotices: WebhookNoticeStore;
}

/** A notice is abandoned after this time. */
export const webhookNoticeLifetimeMs: DurationMs = 3 * 24 * 3600 * 1000;

/** Sends a notice about a webhook to the owner of the tenant. Throws like `deliver`. */
export async function deliverWebhookNotice(
  key: WebhookNoticeKey,
  deadline: EpochMs,
  deps: WebhookNoticeJobDependencies,
): Promise<DeliveryResult> {
  const notice = await deps.webhookNotices.get(key);
  return notice?.dueAt === undefined
    ? 'nothing due'
    : deliver(createJob(notice, deps), deadline, deps);
}

/** A notice that the daily limit delays until it expires is dropped, because the API has the status. */
function createJob(
  notice: WebhookNotice,
  deps: WebhookNoticeJobDependencies,
): MailJob<WebhookNotice> {
  const { webhookNotices: store } = deps;
  const endAtMs = Date.parse(notice.createdAt) + webhookNoticeLifetimeMs;
  return {
    state: notice,
    findEnd: (now) => {
      if (now.getTime() < endAtMs) return undefined;
      return { result: notice.isLimited ? 'nothing due' : 'abandoned' };
    },
    prepare: () => prepare(notice, deps),
    lease: (state) => leaseRevision(state, store),
    consumeLimit: (now) => deps.limits.consumeWebhookNotice(notice.tenantId, now),
    save: (state, outcome) =>
      store.save({
        ...applyOutcome(state, outcome),
        isLimited: outcome.result === 'deferred' ? true : undefined,
      }),
  };
}

/** Sends nothing without an active owner, or in a suspended or deleted tenant. */
async function prepare(
  notice: WebhookNotice,
  { users, tenants, sender }: WebhookNoticeJobDependencies,
) {
  const nothingDue = { result: 'nothing due' } as const;
  const { tenantId } = notice;
  const [tenant, ownerId] = await Promise.all([
    tenants.find(tenantId),
    tenants.getOwnerId(tenantId),
  ]);
  if (tenant?.status !== 'active' || ownerId === undefined) return nothingDue;
  const owner = await users.get(tenantId, { userId: ownerId }, false);
  if (owner?.status !== 'active' || !hasEmail(owner)) return nothingDue;
  return { mail: renderWebhookNotice({ owner, notice, tenant }, { sender }) };
}

interface WebhookNoticeMail {
  readonly owner: UserWithEmail;
  readonly notice: WebhookNotice;
  readonly tenant: Tenant;
}

function renderWebhookNotice(
  { owner, notice: { kind, host, failingSince }, tenant }: WebhookNoticeMail,
  settings: { readonly sender: string },
): Mail {
  const language = selectLanguage(owner, tenant);
  const { greeting, webhook } = messages[language];
  const tenantName = getMailTenantName(tenant);
  const since = formatTime(new Date(failingSince), language);
  return renderMail({
    tenant,
    from: tenant.sender ?? settings.sender,
    to: owner.email,
    language,
    subject: webhook[kind].subject(tenantName),
    paragraphs: [
      greeting(getGreetingName(owner)),
      webhook[kind].text({ tenant: tenantName, host, since }),
      webhook.check,
    ],
    tags: { tenant: owner.tenantId, user: owner.userId },
  });
}
