import type { Delivered, DeliverDependencies } from '../invitations/deliver.ts';
import { deliverOwed, type OwedKind } from './deliver-owed.ts';
import { type PasswordNotice, type PasswordNotices, noticeLifetime } from './password-notice.ts';
import { noticeMail } from './notice-mail.ts';

export interface NoticeDependencies extends Omit<DeliverDependencies, 'deliveries' | 'links'> {
  readonly notices: PasswordNotices;
}

/** Tells a user whose password has been changed, by mail. Does and throws what `deliverOwed` does. */
export async function deliverNotice(
  { tenantId, notifiedId }: { readonly tenantId: string; readonly notifiedId: string },
  deadline: number,
  deps: NoticeDependencies,
): Promise<Delivered> {
  const kindOf = (notice: PasswordNotice): OwedKind<PasswordNotice> => ({
    kind: 'password_notice',
    givenUpAt: Date.parse(notice.changed) + noticeLifetime,
    waits: true,
    prepare: () => prepared(notice, deps),
    note: deps.notices.note,
  });
  return deliverOwed(await deps.notices.get(tenantId, notifiedId), kindOf, deadline, deps);
}

/** Who is suspended is told as well; of a deleted user nothing goes out any more, and in a suspended tenant it waits. */
async function prepared(notice: PasswordNotice, { users, tenants, sender }: NoticeDependencies) {
  const { tenantId, userId } = notice;
  const [user, tenant] = await Promise.all([users.get(tenantId, { userId }, false), tenants.find(tenantId)]);
  if (!tenant || !user || user.status === 'deleted') return 'nothing owed' as const;
  if (tenant.status !== 'active') return 'held' as const;
  return { mail: noticeMail(user, notice, tenant, sender), kept: {} };
}
