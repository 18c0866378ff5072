import type { AccountNoticeStore } from '../account-notices/account-notice-store.ts';
import type { AccountNotice } from '../account-notices/account-notice.ts';
import { renderVerification } from '../mail/link-mails.ts';
import {
  applyOutcome,
  leaseRevision,
  type MailJob,
  type MailJobDependencies,
} from '../mail/mail-job.ts';
import { buildVerificationToken, getVerificationEnd } from './email-verification.ts';

interface Dependencies extends MailJobDependencies {
  readonly notices: AccountNoticeStore;
}

/** Sends a verification link alone. The recipient of a new email may be a stranger. */
export function createVerificationJob(
  notice: AccountNotice,
  deps: Dependencies,
): MailJob<AccountNotice> {
  const { tenantId, email = '' } = notice;
  const end = getVerificationEnd({ requestedAt: notice.changedAt });
  return {
    state: notice,
    findEnd: (now) => (now >= end ? { result: 'abandoned' } : undefined),
    prepare: () => prepareVerification(notice, deps),
    consumeLimit: (now) => deps.limits.consumeVerification({ tenantId, email }, now),
    lease: (state) => leaseRevision(state, deps.notices),
    save: (state, outcome) => deps.notices.save(applyOutcome(state, outcome)),
  };
}

/** Sends nothing for a used, canceled or replaced link. */
async function prepareVerification(
  { tenantId, userId, version }: AccountNotice,
  { users, tenants, links, sender }: Dependencies,
) {
  const [user, tenant] = await Promise.all([
    users.get(tenantId, { userId }, false),
    tenants.find(tenantId),
  ]);
  const { emailVerification } = user ?? {};
  if (
    tenant?.status !== 'active' ||
    !user ||
    emailVerification?.version !== version ||
    emailVerification.isUsed
  )
    return { result: 'nothing due' } as const;
  const email = emailVerification.newEmail ?? user.email;
  if (email === undefined) return { result: 'nothing due' } as const;
  const content = {
    user: { ...user, email },
    tenant,
    newEmail: emailVerification.newEmail,
    token: await buildVerificationToken(user, emailVerification, links),
    expiresAt: getVerificationEnd(emailVerification),
  };
  return { mail: renderVerification(content, { sender }) };
}
