import type { DeliveryResult, InvitationJobDependencies } from '../invitations/invitation-job.ts';
import {
  buildConfirmationToken,
  confirmationLifetimeMs,
  isCurrentConfirmation,
} from '../credential-limits/confirm-credential.ts';
import { type AccountNotice, noticeLifetimeMs } from './account-notice.ts';
import type { AccountNoticeStore } from './account-notice-store.ts';
import { deliverPending, type MailJob } from '../mail/deliver.ts';
import { renderConfirmation } from '../mail/link-mails.ts';
import { renderNotice } from '../mail/notice-mail.ts';

export interface NoticeJobDependencies extends Omit<InvitationJobDependencies, 'deliveries'> {
  readonly notices: AccountNoticeStore;
  /** Issuers that the deployment trusts. Mails name no others. */
  readonly identityIssuers: readonly string[];
}

const hour = 60 * 60 * 1000;
/** Changes that one mail lists. */
const maxChanges = 50;

/**
 * Notifies a user by mail of changes to their account. Works and throws as `deliverOwed` does. A limit never drops a notice: delayed
 * notices are sent together in one mail an hour.
 */
export async function deliverNotice(
  {
    tenantId,
    noticeUserId,
    version,
  }: { readonly tenantId: string; readonly noticeUserId: string; readonly version: number },
  deadline: number,
  deps: NoticeJobDependencies,
): Promise<DeliveryResult> {
  const kindOf = (notice: AccountNotice): MailJob<AccountNotice> => {
    if (notice.details.includes('confirmation')) return confirmationKind(notice, deps);
    let others: readonly AccountNotice[] = [];
    return {
      givenUpAt: notice.isLimited
        ? Number.POSITIVE_INFINITY
        : Date.parse(notice.changedAt) + noticeLifetimeMs,
      consume: (now) => deps.limits.consumeNotice(notice, notice.details, now),
      prepare: async (now) => {
        const limited = notice.isLimited ? await listWaiting(notice, deps) : [notice];
        // The oldest stands for all of them.
        if (limited[0]?.version !== notice.version) return 'not now';
        others = limited.slice(1, maxChanges);
        return prepared([notice, ...others], now, deps);
      },
      sent: async () => {
        const settled = {
          email: undefined,
          dueAt: undefined,
          notBefore: undefined,
          isLimited: undefined,
        };
        await Promise.all(others.map((other) => deps.notices.save({ ...other, ...settled })));
        return {};
      },
      note: deps.notices.save,
    };
  };
  return deliverPending(
    await deps.notices.get(tenantId, noticeUserId, version),
    kindOf,
    deadline,
    deps,
  );
}

/** A confirmation link goes out alone: the account holder waits for it. */
const confirmationKind = (
  notice: AccountNotice,
  deps: NoticeJobDependencies,
): MailJob<AccountNotice> => {
  const expiresAtMs = Date.parse(notice.changedAt) + confirmationLifetimeMs;
  return {
    givenUpAt: expiresAtMs,
    consume: (now) => deps.limits.consumeNotice(notice, notice.details, now),
    prepare: () => prepareConfirmation(notice, deps),
    note: deps.notices.save,
  };
};

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
    return 'nothing owed' as const;
  if (!isCurrentConfirmation(user) || user.email !== email) return 'nothing owed' as const;
  const token = await buildConfirmationToken(user, confirmation, links);
  const expiresAt = new Date(Date.parse(confirmation.requestedAt) + confirmationLifetimeMs);
  return {
    mail: renderConfirmation(
      user,
      tenant,
      { credential: confirmation.credential, token, expiresAt },
      { sender },
    ),
    kept: {},
  };
}

const listWaiting = async (
  { tenantId, userId, email }: AccountNotice,
  { notices }: NoticeJobDependencies,
): Promise<AccountNotice[]> =>
  (await notices.listLimited(tenantId, userId)).filter(
    (each) => each.email === email && !each.details.includes('confirmation'),
  );

/** Who has been suspended or deleted since is told as well: that can be undone, by whoever has the account by now. In a suspended tenant it waits. */
async function prepared(
  notices: readonly [AccountNotice, ...AccountNotice[]],
  now: Date,
  deps: NoticeJobDependencies,
) {
  const { users, tenants } = deps;
  const [{ tenantId, userId, email }] = notices;
  const [user, tenant] = await Promise.all([
    users.get(tenantId, { userId }, false),
    tenants.find(tenantId),
  ]);
  if (!tenant || !user || email === undefined) return 'nothing owed' as const;
  if (tenant.status !== 'active') return { availableAt: new Date(now.getTime() + hour) };
  return { mail: renderNotice(user, email, notices, tenant, deps), kept: {} };
}
