import type { RequestContext } from '../access/request-context.ts';
import type { Policy } from '../access/policy.ts';
import { assertWithinCallerPermissions, noFieldChanges, userNotFound } from './change-user.ts';
import type { UserHistory, UserRef, UserStore } from './user.ts';

/** Everything that is held about a user, deleted or not, except secrets, with a page of the changes. Strongly consistent. Throws `forbidden` if they have more rights. */
export async function exportUser(
  reference: UserRef | undefined,
  page: { readonly after: number | undefined; readonly limit: number },
  context: RequestContext,
  deps: { readonly policy: Policy; readonly users: UserStore },
): Promise<UserHistory> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const { tenantId } = context.tenant;
  const user = reference && (await deps.users.get(tenantId, reference, false));
  if (user) assertWithinCallerPermissions(context, user);
  const history = user && (await deps.users.getHistory(tenantId, user.userId, page));
  if (!history) throw userNotFound();
  return history;
}
