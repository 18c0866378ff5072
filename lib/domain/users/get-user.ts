import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import { mirrorUuid, type Uuid } from '../kernel/ids.ts';
import { findCallerAccount, refersTo, representsHolder } from './caller-account.ts';
import { userNotFound } from './change-user.ts';
import type { UserRef, UserStore } from './user-store.ts';
import type { User, UserWithSignIn } from './user.ts';

interface Dependencies {
  readonly policy: Policy;
  readonly users: UserStore;
}

interface UserRead {
  readonly ref: UserRef | undefined;
  readonly withAvatar: boolean;
  readonly withSignIn?: boolean | undefined;
  /** True if callers can read their own account without `users:read`. */
  readonly allowsSelf?: boolean | undefined;
}

/** Gets a user. Throws `forbidden` or `not_found`. */
export async function getUser(
  { ref, withAvatar, withSignIn, allowsSelf }: UserRead,
  context: RequestContext,
  deps: Dependencies,
): Promise<UserWithSignIn> {
  const { policy, users } = deps;
  const { permissions, systemAdministrator } = context.principal;
  // Other callers need no account, and its read would cost them a request.
  const needsSelf = allowsSelf && !permissions.includes('users:read') && !systemAdministrator;
  const account = needsSelf ? await findCallerAccount(context, deps, withAvatar) : undefined;
  const self =
    account !== undefined && refersTo(ref, account.user) && representsHolder(account, context);
  policy.authorize(context, 'getUser', { self });
  if (self) return account.user;
  const read = withSignIn ? users.getWithSignIn : users.get;
  return assertExists(ref && (await read(context.tenant.tenantId, ref, withAvatar)));
}

function assertExists<Found extends User>(user: Found | undefined): Found {
  if (!user || user.status === 'deleted') throw userNotFound();
  return user;
}

/** Gets a user for another user of the tenant. Throws `forbidden` or `not_found`. */
export async function getOrganizationUser(
  ref: UserRef | undefined,
  context: RequestContext,
  { policy, users }: Dependencies,
): Promise<User> {
  policy.authorize(context, 'readOrganization', {});
  return assertExists(ref && (await users.get(context.tenant.tenantId, ref, false)));
}

/** User of a profile. */
interface UserProfile {
  readonly user: User;
  /** True if the caller is the account holder. */
  readonly isOwn: boolean;
}

/** Same failure for an unknown profile, a deleted user and a profile of another tenant. */
export const profileNotFound = (): Failure =>
  new Failure('not_found', 'The profile does not exist in this tenant');

/**
 * Gets the user of a profile. Callers can get their own profile without `users:read`. Throws
 * `forbidden` or `not_found`.
 */
export async function getProfile(
  profileId: Uuid | undefined,
  context: RequestContext,
  { policy, users }: Dependencies,
): Promise<UserProfile> {
  const account = await findCallerAccount(context, { users });
  const isOwn =
    account !== undefined &&
    account.user.profileId === profileId &&
    account.user.status !== 'inactive' &&
    representsHolder(account, context);
  policy.authorize(context, 'getUser', { self: isOwn });
  if (isOwn) return { user: account.user, isOwn };
  const user =
    profileId === undefined
      ? undefined
      : await users.get(context.tenant.tenantId, { userId: mirrorUuid(profileId) }, false);
  if (!user || user.status === 'deleted' || user.profileId !== profileId) throw profileNotFound();
  return { user, isOwn };
}
