import { isDeepStrictEqual } from 'node:util';
import type { RequestContext, Principal } from '../access/request-context.ts';
import { type CredentialLimit, fitsLimit } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import { parseUserId, uuidPattern } from '../kernel/ids.ts';
import { collectPermissions } from '../roles/role.ts';
import type { Identity, User, UserStore } from './user.ts';

/** Account of the caller, found by the subject of the token. */
export interface CallerAccount {
  readonly user: User;
  /** Limit of the credential in use: of the password for Roster's tokens, of the identity for a token matched by identity. */
  readonly limit: CredentialLimit | undefined;
  readonly isMatchedByIdentity: boolean;
}

/** Finds the caller's account in the tenant of the call. App clients have none. */
export async function findCallerAccount(
  context: RequestContext,
  { users }: { readonly users: Pick<UserStore, 'get'> },
  withAvatar = false,
): Promise<CallerAccount | undefined> {
  if (context.principal.appClient) return undefined;
  const user = await users.get(
    context.tenant.tenantId,
    toSubjectRef(context.principal),
    withAvatar,
  );
  return user && toCallerAccount(user, context);
}

/** The user as the caller's account. Undefined if it is another account, or deleted. */
export function toCallerAccount(
  user: User,
  { principal }: RequestContext,
): CallerAccount | undefined {
  if (principal.appClient || user.status === 'deleted') return undefined;
  const reference = toSubjectRef(principal);
  if ('userId' in reference) {
    return reference.userId === user.userId
      ? { user, isMatchedByIdentity: false, limit: principal.limit }
      : undefined;
  }
  if (!isDeepStrictEqual(user.identity, reference.identity)) return undefined;
  return { user, isMatchedByIdentity: true, limit: user.credentialLimits?.identity };
}

/**
 * True if the caller may read the account and change its profile as the account holder. An identity that another principal set
 * must cover all assigned permissions.
 */
export const representsHolder = (
  { user, isMatchedByIdentity, limit }: CallerAccount,
  { tenant }: RequestContext,
): boolean =>
  !isMatchedByIdentity || fitsLimit(collectPermissions(user.roles, tenant.roles), limit);

/** True if the caller may change the credentials of the account as the account holder. */
export const ownsCredentials = ({ isMatchedByIdentity, limit }: CallerAccount): boolean =>
  !isMatchedByIdentity || limit === undefined;

/** Throws `forbidden` unless the caller represents the account holder. */
export function assertRepresentsHolder(account: CallerAccount, context: RequestContext): void {
  if (!representsHolder(account, context)) throw identityIsLimited();
}

/** Throws `forbidden` unless the caller may change the credentials of the account as the account holder. */
export function assertOwnsCredentials(account: CallerAccount): void {
  if (!ownsCredentials(account)) throw identityIsLimited();
}

/** `forbidden` for a caller whose identity another principal set. */
export const identityIsLimited = (): Failure =>
  new Failure(
    'forbidden',
    'The identity of this account was set by another user and does not cover this',
    {
      notices: [
        'An identity that another user set must be confirmed by the account holder or approved by an administrator.',
      ],
    },
  );

/** How to find the user that the subject of a token is: by id, or by the identity that somebody was given. */
export function toSubjectRef({
  issuer,
  subject,
  subjectIsUser,
}: Pick<Principal, 'issuer' | 'subject' | 'subjectIsUser'>):
  | { readonly userId: string }
  | { readonly identity: Identity } {
  const userId = subjectIsUser
    ? (parseUserId(subject) ?? (uuidPattern.test(subject) ? subject.toLowerCase() : undefined))
    : undefined;
  return userId === undefined ? { identity: { issuer, subject } } : { userId };
}
