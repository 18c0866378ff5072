import { renderAccessRequest } from '../mail/access-request-mail.ts';
import {
  applyOutcome,
  leaseRevision,
  type MailJob,
  type MailJobDependencies,
} from '../mail/mail-job.ts';
import type { AccountNoticeStore } from './account-notice-store.ts';
import { type AccountNotice, noticeLifetimeMs } from './account-notice.ts';
import { hasEmail } from '../users/user.ts';

interface Dependencies extends MailJobDependencies {
  readonly notices: AccountNoticeStore;
}

/**
 * Sends a request for a level to the owner of the tenant, who has a daily limit of these emails. A
 * request that the limit delays until it expires is dropped, because the list still has it.
 */
export function createAccessRequestJob(
  notice: AccountNotice,
  deps: Dependencies,
): MailJob<AccountNotice> {
  const { tenantId, isLimited } = notice;
  const endAtMs = Date.parse(notice.changedAt) + noticeLifetimeMs;
  return {
    state: notice,
    findEnd: (now) => {
      if (now.getTime() < endAtMs) return undefined;
      return { result: isLimited ? 'nothing due' : 'abandoned' };
    },
    prepare: () => prepareAccessRequest(notice, deps),
    lease: (state) => leaseRevision(state, deps.notices),
    consumeLimit: (now) => deps.limits.consumeAccessRequest(tenantId, now),
    save: (state, outcome) =>
      deps.notices.save({
        ...applyOutcome(state, outcome),
        isLimited: outcome.result === 'deferred' ? true : undefined,
      }),
  };
}

/** Sends nothing for a settled or replaced request, or without an active owner. */
async function prepareAccessRequest(
  { tenantId, userId, version }: AccountNotice,
  { users, tenants, sender }: Dependencies,
) {
  const nothingDue = { result: 'nothing due' } as const;
  const [user, tenant, ownerId] = await Promise.all([
    users.get(tenantId, { userId }, false),
    tenants.find(tenantId),
    tenants.getOwnerId(tenantId),
  ]);
  if (tenant?.status !== 'active' || ownerId === undefined || !user) return nothingDue;
  const { email, accessRequest: request } = user;
  if (email === undefined) return nothingDue;
  if (request?.version !== version) return nothingDue;
  const owner = await users.get(tenantId, { userId: ownerId }, false);
  if (owner?.status !== 'active' || !hasEmail(owner)) return nothingDue;
  return { mail: renderAccessRequest({ owner, email, request, tenant }, { sender }) };
}
