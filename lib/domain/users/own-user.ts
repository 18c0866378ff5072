import type { Call } from '../call.ts';
import { userIdOf, uuidPattern } from '../ids.ts';
import type { User, UserStore } from './user.ts';

/**
 * The caller's own account in the tenant of the call: the user whose id the token's subject is, where its issuer speaks of
 * Roster's users; else the one that the subject's identity has been given to. Undefined for callers that have none.
 */
export async function ownUser(
  { principal, tenant }: Call,
  { users }: { readonly users: UserStore },
  withAvatar = false,
): Promise<User | undefined> {
  const { issuer, subject, subjectIsUser } = principal;
  const direct = subjectIsUser ? (userIdOf(subject) ?? (uuidPattern.test(subject) ? subject.toLowerCase() : undefined)) : undefined;
  const reference = direct === undefined ? { identity: { issuer, subject } } : { userId: direct };
  const user = await users.get(tenant.tenantId, reference, withAvatar);
  return user?.status === 'deleted' ? undefined : user;
}
