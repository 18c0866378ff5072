import type { Call } from '../call.ts';
import type { Policy } from '../policy.ts';
import { assertNotAbove, namesNoField, noSuchUser } from './change-user.ts';
import type { History, UserReference, UserStore } from './user.ts';

/** Gathers everything that is held about a user, deleted or not, except secrets. Strongly consistent. Throws `forbidden` if they have more rights. */
export async function exportUser(
  reference: UserReference | undefined,
  call: Call,
  deps: { readonly policy: Policy; readonly users: UserStore },
): Promise<History> {
  deps.policy.authorize(call, 'updateUser', namesNoField);
  const { tenantId } = call.tenant;
  const user = reference && (await deps.users.get(tenantId, reference, false));
  if (user) assertNotAbove(call, user);
  const history = user && (await deps.users.history(tenantId, user.userId));
  if (!history) throw noSuchUser();
  return history;
}
