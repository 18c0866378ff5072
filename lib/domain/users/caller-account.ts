import { isDeepStrictEqual } from 'node:util';
import { findUserId } from '../access/actor.ts';
import type { Principal } from '../access/principal.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type CredentialLimit, fitsLimit } from '../credential-limits/credential-limit.ts';
import { canonicalizeEmail, canonicalizeUserName } from '../kernel/canonical.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { collectAssignedPermissions } from '../groups/group-roles.ts';
import type { UserRef, UserStore } from './user-store.ts';
import type { Identity, UpdateUserInput, User, UserWithGroups } from './user.ts';

/** The caller's account, found by the subject of the token. */
export interface CallerAccount<Found extends User = UserWithGroups> {
  readonly user: Found;
  /**
   * Limit of the credential in use: the identity for a token matched by identity, otherwise the
   * password.
   */
  readonly limit: CredentialLimit | undefined;
  readonly isMatchedByIdentity: boolean;
}

/** Finds the caller's account in the tenant. App clients have none. */
export async function findCallerAccount(
  context: RequestContext,
  { users }: { readonly users: Pick<UserStore, 'getWithGroups'> },
  withAvatar = false,
): Promise<CallerAccount | undefined> {
  const { principal, tenant } = context;
  if (principal.appClient) return undefined;
  const user = await users.getWithGroups(tenant.tenantId, toSubjectRef(principal), withAvatar);
  return user && toCallerAccount(user, context);
}

/** Converts a user to the caller's account. Undefined for a deleted user and for other accounts. */
export function toCallerAccount<Found extends User>(
  user: Found,
  { principal }: RequestContext,
): CallerAccount<Found> | undefined {
  if (principal.appClient || user.status === 'deleted') return undefined;
  const ref = toSubjectRef(principal);
  if ('userId' in ref) {
    return ref.userId === user.userId
      ? { user, isMatchedByIdentity: false, limit: principal.limit }
      : undefined;
  }
  if (!isDeepStrictEqual(user.identity, ref.identity)) return undefined;
  return { user, isMatchedByIdentity: true, limit: user.credentialLimits?.identity };
}

/**
 * True if the caller may read the account and change its profile as the account holder. An identity
 * that another principal set must cover all assigned permissions.
 */
export const representsHolder = (
  { user, isMatchedByIdentity, limit }: CallerAccount,
  { tenant }: RequestContext,
): boolean => !isMatchedByIdentity || fitsLimit(collectAssignedPermissions(user, tenant), limit);

/** True if the caller may change the account's credentials as the account holder. */
export const ownsCredentials = ({ isMatchedByIdentity, limit }: CallerAccount<User>): boolean =>
  !isMatchedByIdentity || limit === undefined;

/** True if the caller may make this update as the account holder. */
export const mayUpdateAsHolder = (
  account: CallerAccount,
  input: UpdateUserInput,
  context: RequestContext,
): boolean =>
  changesSignInData(account.user, input)
    ? ownsCredentials(account)
    : representsHolder(account, context);

/** Throws `forbidden` unless the caller represents the account holder. */
export function assertRepresentsHolder(account: CallerAccount, context: RequestContext): void {
  if (!representsHolder(account, context)) throw identityIsLimited();
}

/**
 * Throws `forbidden` unless the caller may change the account's credentials as the account holder.
 */
export function assertOwnsCredentials(account: CallerAccount<User>): void {
  if (!ownsCredentials(account)) throw identityIsLimited();
}

/** `forbidden` for a caller whose identity another principal set. */
export const identityIsLimited = (): Failure =>
  new Failure(
    'forbidden',
    'Another user set the identity of this account, and it does not cover this request',
    {
      notices: [
        'An identity that another user set must be confirmed by the account holder or approved by an administrator.',
      ],
    },
  );

/** Converts the subject of a token to a user reference: by user ID, or by identity. */
export function toSubjectRef({
  issuer,
  subject,
  subjectIsUser,
}: Pick<Principal, 'issuer' | 'subject' | 'subjectIsUser'>):
  | { readonly userId: Uuid }
  | { readonly identity: Identity } {
  const userId = findUserId({ subject, subjectIsUser });
  return userId === undefined ? { identity: { issuer, subject } } : { userId };
}

/** True if an update changes the email, username, identity or password. */
export const changesSignInData = (user: User, input: UpdateUserInput): boolean =>
  changesCredentials(user, input) ||
  (input.userName !== undefined && (input.userName ?? undefined) !== user.userName);

/**
 * True if an update changes the email, identity or password. Clients send back unchanged values.
 */
export const changesCredentials = (
  user: User,
  { email = user.email, identity = user.identity ?? null, password }: UpdateUserInput,
): boolean =>
  password !== undefined ||
  email !== user.email ||
  !isDeepStrictEqual(identity, user.identity ?? null);

/**
 * True if a reference matches an account that is not suspended. References by identity never match.
 */
export function refersTo(ref: UserRef | undefined, user: User): boolean {
  if (!ref || user.status === 'inactive') return false;
  if ('userId' in ref) return ref.userId === user.userId;
  const email = user.email === undefined ? undefined : canonicalizeEmail(user.email);
  const userName = canonicalizeUserName(user.userName ?? '');
  if ('email' in ref) return canonicalizeEmail(ref.email) === email;
  if ('address' in ref) return [email, userName].includes(canonicalizeEmail(ref.address));
  return 'userName' in ref && canonicalizeUserName(ref.userName) === userName;
}
