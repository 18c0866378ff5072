import type { Call } from '../access/request-context.ts';
import type { Policy } from '../access/policy.ts';
import { assertNotAbove, namesNoField, noSuchUser } from './change-user.ts';
import type { History, UserReference, UserStore } from './user.ts';

/** Everything that is held about a user, deleted or not, except secrets, with a page of the changes. Strongly consistent. Throws `forbidden` if they have more rights. */
export async function exportUser(
  reference: UserReference | undefined,
  page: { readonly after: number | undefined; readonly limit: number },
  call: Call,
  deps: { readonly policy: Policy; readonly users: UserStore },
): Promise<History> {
  deps.policy.authorize(call, 'updateUser', namesNoField);
  const { tenantId } = call.tenant;
  const user = reference && (await deps.users.get(tenantId, reference, false));
  if (user) assertNotAbove(call, user);
  const history = user && (await deps.users.history(tenantId, user.userId, page));
  if (!history) throw noSuchUser();
  return history;
}
