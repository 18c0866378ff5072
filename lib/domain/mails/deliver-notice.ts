import type { Delivered, DeliverDependencies } from '../invitations/deliver.ts';
import { type AccountNotice, type AccountNotices, noticeLifetime } from './account-notice.ts';
import { deliverOwed, type OwedKind } from './deliver-owed.ts';
import { noticeMail } from './notice-mail.ts';

export interface NoticeDependencies extends Omit<DeliverDependencies, 'deliveries' | 'links'> {
  readonly notices: AccountNotices;
}

/** Tells a user by mail what a change of theirs has made of their account. Does and throws what `deliverOwed` does. */
export async function deliverNotice(
  { tenantId, notifiedId, version }: { readonly tenantId: string; readonly notifiedId: string; readonly version: number },
  deadline: number,
  deps: NoticeDependencies,
): Promise<Delivered> {
  const kindOf = (notice: AccountNotice): OwedKind<AccountNotice> => ({
    kind: 'account_notice',
    givenUpAt: Date.parse(notice.changed) + noticeLifetime,
    waits: true,
    prepare: () => prepared(notice, deps),
    note: deps.notices.note,
  });
  return deliverOwed(await deps.notices.get(tenantId, notifiedId, version), kindOf, deadline, deps);
}

/** Who has been suspended or deleted since is told as well: that can be undone, by whoever has the account by now. In a suspended tenant it waits. */
async function prepared(notice: AccountNotice, { users, tenants, sender }: NoticeDependencies) {
  const { tenantId, userId, email } = notice;
  const [user, tenant] = await Promise.all([users.get(tenantId, { userId }, false), tenants.find(tenantId)]);
  if (!tenant || !user || email === undefined) return 'nothing owed' as const;
  if (tenant.status !== 'active') return 'held' as const;
  return { mail: noticeMail(user, { ...notice, email }, tenant, sender), kept: {} };
}
