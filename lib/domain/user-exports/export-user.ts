import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type ActivityDependencies, buildActivity } from '../feed/activity.ts';
import {
  assertWithinCallerPermissions,
  noFieldChanges,
  userNotFound,
} from '../users/change-user.ts';
import type { UserHistory, UserHistoryStore, UserRef, UserStore } from '../users/user-store.ts';
import type { UserWithSignIn } from '../users/user.ts';

export interface ExportUserDependencies extends ActivityDependencies {
  readonly policy: Policy;
  readonly users: Pick<UserStore, 'getWithGroups'>;
  readonly userHistory: UserHistoryStore;
}

interface ExportPage {
  readonly ref: UserRef | undefined;
  readonly after: number | undefined;
  readonly limit: number;
}

/**
 * Exports the data of a user or tombstone, without secrets, and a page of the changes. The first
 * page is an event. Throws `forbidden`, `not_found` or `unavailable`.
 */
export async function exportUser(
  { ref, ...page }: ExportPage,
  context: RequestContext,
  deps: ExportUserDependencies,
): Promise<UserHistory & Pick<UserWithSignIn, 'lastSignInAt'>> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const { tenantId } = context.tenant;
  const user = ref && (await deps.users.getWithGroups(tenantId, ref, false));
  if (user) assertWithinCallerPermissions(context, user);
  const withMemberships = user !== undefined && user.groups.length > 0;
  const history =
    user && (await deps.userHistory.get(tenantId, user.userId, { ...page, withMemberships }));
  if (!history) throw userNotFound();
  if (page.after === undefined && deps.activity) {
    const resource = { type: 'user', id: user.userId } as const;
    const record = await buildActivity({ type: 'user.exported', resource }, context, deps);
    await deps.activity.put(tenantId, record);
  }
  return { ...history, lastSignInAt: user.lastSignInAt };
}
