import type { RequestContext } from '../access/request-context.ts';
import type { MemberName } from '../groups/group.ts';
import { Failure } from '../kernel/failure.ts';
import { assertRoles } from '../roles/assert-roles.ts';
import { findLevel, type Level, roleByLevel } from '../roles/level.ts';
import { assertRepresentsHolder, refersTo, toCallerAccount } from '../users/caller-account.ts';
import { changeUser, noFieldChanges, userNotFound } from '../users/change-user.ts';
import { getCallerUser } from '../users/self.ts';
import type { User, UserWithGroups } from '../users/user.ts';
import type { AccessRequestStore, ListedAccessRequest } from './access-request.ts';
import { type LevelDependencies, levelExists } from './change-level.ts';

type Dependencies = Pick<LevelDependencies, 'policy' | 'users' | 'now' | 'managedLock'>;

/** Maximum number of requests in a list. */
const maxListedRequests = 100;

export interface AccessRequestInput {
  readonly holder: MemberName;
  readonly level: Level;
  readonly message: string | undefined;
}

/**
 * Requests a level for the caller's own user, in place of an earlier request. Throws `forbidden`
 * for another user or a group, `level_exists`, `invalid_roles`, `too_many_requests`, and the
 * failures of `getCallerUser`.
 */
export async function requestLevel(
  { holder, level, message }: AccessRequestInput,
  context: RequestContext,
  deps: Dependencies,
): Promise<ListedAccessRequest> {
  const caller = await getCallerUser(context, deps);
  if (holder.kind !== 'user' || !refersTo({ email: holder.email }, caller)) throw requestForOther();
  assertRoles([roleByLevel[level]], context.tenant);
  const requestedAt = deps.now().toISOString();
  const change = (user: UserWithGroups) => {
    assertMayRequest(user, level, context);
    const accessRequest = { level, message, requestedAt, version: user.version + 1 };
    return { fields: { accessRequest } };
  };
  const { userId } = caller;
  const { email, version } = await changeUser(
    { action: 'requestLevel', ref: { userId }, self: true, change },
    context,
    deps,
  );
  return { userId, email: email ?? holder.email, level, message, requestedAt, version };
}

/** Throws unless the account is still the caller's, is active and has another level or none. */
function assertMayRequest(user: UserWithGroups, level: Level, context: RequestContext): void {
  const account = toCallerAccount(user, context);
  if (!account) throw userNotFound();
  assertRepresentsHolder(account, context);
  if (user.status !== 'active')
    throw new Failure('forbidden', 'Only active users can request a level');
  if (findLevel(user.roles) === level) throw levelExists();
}

/** Lists pending requests of the tenant's users, at most 100, oldest first. Throws `forbidden`. */
export async function listAccessRequests(
  context: RequestContext,
  deps: Pick<Dependencies, 'policy'> & { readonly accessRequests: AccessRequestStore },
): Promise<readonly ListedAccessRequest[]> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const page = { limit: maxListedRequests };
  const requests = await deps.accessRequests.list(context.tenant.tenantId, page);
  return requests.toSorted((a, b) => (a.requestedAt < b.requestedAt ? -1 : 1));
}

/** Removes the pending request of a user. Throws `forbidden` or `not_found`. */
export async function declineAccessRequest(
  holder: MemberName,
  context: RequestContext,
  deps: Dependencies,
): Promise<void> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const change = ({ accessRequest }: User) => {
    if (!accessRequest)
      throw new Failure('not_found', 'The user has no pending request for a level');
    return { fields: { accessRequest: undefined } };
  };
  const ref = holder.kind === 'user' ? { email: holder.email } : undefined;
  await changeUser({ action: 'declineLevel', ref, change }, context, deps);
}

const requestForOther = (): Failure =>
  new Failure('forbidden', 'You can request a level only for yourself', {
    notices: ['A request names the email of your own user.'],
  });
