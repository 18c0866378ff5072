import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { assertWithinCallerPermissions, noFieldChanges, userNotFound } from './change-user.ts';
import type { UserHistory, UserRef, UserStore } from './user-store.ts';
import type { User } from './user.ts';

interface Dependencies {
  readonly policy: Policy;
  readonly users: UserStore;
}

/** Gets a user. Throws `forbidden` or `not_found`. */
export async function getUser(
  { ref, withAvatar }: { readonly ref: UserRef | undefined; readonly withAvatar: boolean },
  context: RequestContext,
  { policy, users }: Dependencies,
): Promise<User> {
  policy.authorize(context, 'getUser', {});
  const user = ref && (await users.get(context.tenant.tenantId, ref, withAvatar));
  if (!user || user.status === 'deleted') throw userNotFound();
  return user;
}

interface ExportPage {
  readonly ref: UserRef | undefined;
  readonly after: number | undefined;
  readonly limit: number;
}

/**
 * Exports the data of a user or tombstone, without secrets, and a page of the changes. Throws
 * `forbidden` or `not_found`.
 */
export async function exportUser(
  { ref, ...page }: ExportPage,
  context: RequestContext,
  { policy, users }: Dependencies,
): Promise<UserHistory> {
  policy.authorize(context, 'updateUser', noFieldChanges);
  const { tenantId } = context.tenant;
  const user = ref && (await users.get(tenantId, ref, false));
  if (user) assertWithinCallerPermissions(context, user);
  const history = user && (await users.getHistory(tenantId, user.userId, page));
  if (!history) throw userNotFound();
  return history;
}
