import type { RequestContext } from '../access/request-context.ts';
import type { Policy } from '../access/policy.ts';
import { userNotFound } from './change-user.ts';
import type { User, UserRef, UserStore } from './user.ts';

interface Dependencies {
  readonly policy: Policy;
  readonly users: UserStore;
}

/**
 * The user as last written. Throws `forbidden`, or `not_found` for whatever is no user of the call's tenant:
 * a reference that cannot be one (undefined), an unknown one, a deleted one and another tenant's are told apart by nothing.
 */
export async function getUser(
  reference: UserRef | undefined,
  withAvatar: boolean,
  context: RequestContext,
  deps: Dependencies,
): Promise<User> {
  deps.policy.authorize(context, 'getUser', {});
  const user = reference && (await deps.users.get(context.tenant.tenantId, reference, withAvatar));
  if (!user || user.status === 'deleted') throw userNotFound();
  return user;
}
