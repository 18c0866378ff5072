import type { Call } from '../call.ts';
import type { Policy } from '../policy.ts';
import { noSuchUser } from './change-user.ts';
import type { Change, Creation, User, UserReference, UserStore } from './user.ts';

/** Everything that is held about a user, except secrets. */
export interface Export {
  readonly user: User;
  readonly creation: Creation;
  readonly changes: readonly Change[];
}

/** Gathers what is held about a user, deleted or not, in one strongly consistent read of its items. */
export async function exportUser(
  reference: UserReference | undefined,
  call: Call,
  deps: { readonly policy: Policy; readonly users: UserStore },
): Promise<Export> {
  deps.policy.authorize(call, 'updateUser', { grantedPermissions: [], self: false });
  const { tenantId } = call.tenant;
  const user = reference && (await deps.users.get(tenantId, reference, true));
  if (!user) throw noSuchUser();
  return { user, ...(await deps.users.history(tenantId, user.userId)) };
}
