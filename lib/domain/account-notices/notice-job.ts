import type { EpochMs } from '../kernel/time.ts';
import {
  buildConfirmationToken,
  confirmationLifetimeMs,
  isCurrentConfirmation,
} from '../credential-limits/confirm-credential.ts';
import { createVerificationJob } from '../email-verification/verification-job.ts';
import { deliver, type DeliveryResult } from '../mail/deliver.ts';
import { renderConfirmation } from '../mail/link-mails.ts';
import {
  applyOutcome,
  type DeliveryOutcome,
  leaseRevision,
  type MailJob,
  type MailJobDependencies,
} from '../mail/mail-job.ts';
import { collectNoticeDetails, type Notices, renderNotice } from '../mail/notice-mail.ts';
import { createAccessRequestJob } from './access-request-job.ts';
import type { AccountNoticeStore } from './account-notice-store.ts';
import { type AccountNotice, noticeLifetimeMs } from './account-notice.ts';
import { hasEmail } from '../users/user.ts';

export interface NoticeJobDependencies extends MailJobDependencies {
  readonly notices: AccountNoticeStore;
  /** Trusted issuers. Mails name no others. */
  readonly identityIssuers: readonly string[];
}

const hourMs = 60 * 60 * 1000;
/** Changes that one mail lists. */
const maxChanges = 50;

/**
 * Notifies a user of changes to their account. A limit never drops a notice: delayed notices are
 * sent together, one mail an hour. Throws like `deliver`.
 */
export async function deliverNotice(
  {
    tenantId,
    noticeUserId,
    version,
  }: { readonly tenantId: string; readonly noticeUserId: string; readonly version: number },
  deadline: EpochMs,
  deps: NoticeJobDependencies,
): Promise<DeliveryResult> {
  const notice = await deps.notices.get(tenantId, noticeUserId, version);
  if (notice?.dueAt === undefined || notice.email === undefined) return 'nothing due';
  return deliver(createJob(notice, deps), deadline, deps);
}

function createJob(notice: AccountNotice, deps: NoticeJobDependencies): MailJob<AccountNotice> {
  if (notice.details.includes('confirmation')) return createConfirmationJob(notice, deps);
  if (notice.details.includes('emailVerification')) return createVerificationJob(notice, deps);
  if (notice.details.includes('accessRequest')) return createAccessRequestJob(notice, deps);
  return createNoticeJob(notice, deps);
}

function createNoticeJob(
  notice: AccountNotice,
  deps: NoticeJobDependencies,
): MailJob<AccountNotice> {
  let others: readonly AccountNotice[] = [];
  const abandonAtMs = notice.isLimited
    ? Number.POSITIVE_INFINITY
    : Date.parse(notice.changedAt) + noticeLifetimeMs;
  return {
    state: notice,
    findEnd: (now) => (now.getTime() >= abandonAtMs ? { result: 'abandoned' } : undefined),
    prepare: async (now) => {
      const limitedNotices = notice.isLimited ? await listLimited(notice, deps) : [notice];
      // The job of the oldest notice sends all of them.
      if (limitedNotices[0]?.version !== notice.version) return 'not now';
      others = limitedNotices.slice(1, maxChanges);
      return prepareNotices([notice, ...others], now, deps);
    },
    lease: (state) => leaseRevision(state, deps.notices),
    consumeLimit: async (now) =>
      notice.isLimited ? undefined : deps.limits.consumeNotice(notice, notice.details, now),
    save: async (state, outcome) => {
      if (outcome.result === 'sent') {
        await Promise.all(
          others.map((other) =>
            deps.notices.save({
              ...other,
              email: undefined,
              dueAt: undefined,
              notBefore: undefined,
              isLimited: undefined,
            }),
          ),
        );
      }
      return saveNotice(state, outcome, deps);
    },
  };
}

/** Sends a confirmation link alone, because the account holder waits for it. */
function createConfirmationJob(
  notice: AccountNotice,
  deps: NoticeJobDependencies,
): MailJob<AccountNotice> {
  const abandonAtMs = Date.parse(notice.changedAt) + confirmationLifetimeMs;
  return {
    state: notice,
    findEnd: (now) => (now.getTime() >= abandonAtMs ? { result: 'abandoned' } : undefined),
    prepare: () => prepareConfirmation(notice, deps),
    lease: (state) => leaseRevision(state, deps.notices),
    consumeLimit: async (now) =>
      notice.isLimited ? undefined : deps.limits.consumeNotice(notice, notice.details, now),
    save: (state, outcome) => saveNotice(state, outcome, deps),
  };
}

function saveNotice(
  notice: AccountNotice,
  outcome: DeliveryOutcome,
  { notices }: NoticeJobDependencies,
): Promise<boolean> {
  const isLimited = outcome.result === 'deferred' && outcome.reason === 'limit';
  return notices.save({ ...applyOutcome(notice, outcome), ...(isLimited && { isLimited }) });
}

async function prepareConfirmation(
  { tenantId, userId, email }: AccountNotice,
  { users, tenants, links, sender }: NoticeJobDependencies,
) {
  const [user, tenant] = await Promise.all([
    users.get(tenantId, { userId }, false),
    tenants.find(tenantId),
  ]);
  const { confirmation } = user ?? {};
  if (tenant?.status !== 'active' || user?.status !== 'active' || !confirmation)
    return { result: 'nothing due' } as const;
  if (!isCurrentConfirmation(user) || !hasEmail(user) || user.email !== email)
    return { result: 'nothing due' } as const;
  const token = await buildConfirmationToken(user, confirmation, links);
  const expiresAt = new Date(Date.parse(confirmation.requestedAt) + confirmationLifetimeMs);
  const content = { user, tenant, credential: confirmation.credential, token, expiresAt };
  return { mail: renderConfirmation(content, { sender }) };
}

const listLimited = async (
  { tenantId, userId, email }: AccountNotice,
  { notices }: NoticeJobDependencies,
): Promise<AccountNotice[]> =>
  (await notices.listLimited(tenantId, userId)).filter(
    (notice) => notice.email === email && collectNoticeDetails([notice]).length > 0,
  );

/**
 * Also notifies suspended and deleted users: an attacker who has the account could undo either. In
 * a suspended or deleted tenant, the mail waits.
 */
async function prepareNotices(notices: Notices, now: Date, deps: NoticeJobDependencies) {
  const [{ tenantId, userId, email }] = notices;
  const [user, tenant] = await Promise.all([
    deps.users.get(tenantId, { userId }, false),
    deps.tenants.find(tenantId),
  ]);
  if (!user || email === undefined) return { result: 'nothing due' } as const;
  if (tenant?.status !== 'active') {
    const dueAt = new Date(now.getTime() + hourMs);
    return { result: 'deferred', reason: 'tenant', dueAt } as const;
  }
  return { mail: renderNotice({ user, email, notices, tenant }, deps) };
}
