import type { Call, Principal } from '../call.ts';
import { userIdOf, uuidPattern } from '../ids.ts';
import type { Identity, User, UserStore } from './user.ts';

/**
 * The caller's own account in the tenant of the call: the user whose id the token's subject is, where its issuer speaks of
 * Roster's users; else the one that the subject's identity has been given to. Undefined for callers that have none.
 */
export async function ownUser(
  { principal, tenant }: Call,
  { users }: { readonly users: UserStore },
  withAvatar = false,
): Promise<User | undefined> {
  const user = await users.get(tenant.tenantId, subjectReference(principal), withAvatar);
  return user?.status === 'deleted' ? undefined : user;
}

/** How to find the user that the subject of a token is: by id, or by the identity that somebody was given. */
export function subjectReference({
  issuer,
  subject,
  subjectIsUser,
}: Pick<Principal, 'issuer' | 'subject' | 'subjectIsUser'>): { readonly userId: string } | { readonly identity: Identity } {
  const userId = subjectIsUser ? (userIdOf(subject) ?? (uuidPattern.test(subject) ? subject.toLowerCase() : undefined)) : undefined;
  return userId === undefined ? { identity: { issuer, subject } } : { userId };
}
