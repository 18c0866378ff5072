import type { RequestContext } from '../access/request-context.ts';
import { buildChangeRecord } from '../access/change-entity.ts';
import { Failure } from '../kernel/failure.ts';
import type { OwnershipTransfer, Tenant, TenantStore } from './tenant.ts';
import { userNotFound } from '../users/change-user.ts';
import { needsOwnPassword } from '../credential-limits/inactive-permissions.ts';
import { findCallerAccount, toCallerAccount } from '../users/find-caller-user.ts';
import type { User, UserStore } from '../users/user.ts';

/** True if the caller is the active user who owns the tenant and uses a credential without a limit. */
export async function isCalledByOwner(
  { ownerUserId }: Tenant,
  context: RequestContext,
  deps: { readonly users: UserStore },
): Promise<boolean> {
  const account = ownerUserId === undefined ? undefined : await findCallerAccount(context, deps);
  if (!account || account.limit !== undefined) return false;
  const { status, userId } = account.user;
  return (
    status === 'active' && !needsOwnPassword(account.user, context.tenant) && userId === ownerUserId
  );
}

/**
 * Throws `forbidden` unless the owner calls, or a system administrator: to be asked of the tenant as it was last written, since an owner
 * of 30 s ago is none.
 */
export async function assertCalledByOwner(
  tenant: Tenant,
  context: RequestContext,
  deps: { readonly users: UserStore },
): Promise<void> {
  if (context.principal.systemAdministrator || (await isCalledByOwner(tenant, context, deps)))
    return;
  throw new Failure('forbidden', 'The ownership of this tenant has moved', {
    notices: ['The ownership of a tenant is moved by its owner, or by a system administrator.'],
  });
}

/** Who owns a tenant has to hold it. */
const ownerRole = 'admin';

/**
 * The new owner of a tenant, with the fields that change. Undefined for the current owner. Throws `not_found` for an unknown user, and
 * `owner_ineligible` for a user who is not an active administrator or whose account another principal could sign in to.
 */
export async function prepareOwnershipTransfer(
  userId: string,
  tenant: Tenant,
  context: RequestContext,
  deps: { readonly users: UserStore; readonly now: () => Date },
): Promise<OwnershipTransfer | undefined> {
  const before = await deps.users.get(tenant.tenantId, { userId }, false);
  if (!before || before.status === 'deleted') throw userNotFound();
  if (before.userId === tenant.ownerUserId) return undefined;
  if (before.status !== 'active') {
    throw ownerIneligible('not_active', 'The new owner must be an active user', {
      status: before.status,
    });
  }
  if (needsOwnPassword(before, tenant)) {
    throw ownerIneligible(
      'password_set_by_administrator',
      'The new owner must first change the password set by an administrator',
    );
  }
  if (!before.roles.includes(ownerRole)) {
    throw ownerIneligible('not_administrator', 'The new owner must have the role admin');
  }
  if (before.credentialLimits !== undefined) {
    const credentials = Object.keys(before.credentialLimits).toSorted();
    throw ownerIneligible(
      'credentials_limited',
      'The new owner must first replace or confirm credentials set by another user',
      { credentials },
    );
  }
  if (before.emailVerifiedBy !== 'holder') {
    throw ownerIneligible(
      'email_not_verified',
      'The new owner must first verify their email, for example by a password reset',
    );
  }
  // An active local user has a password.
  if (before.authProvider !== 'local' && before.identity === undefined) {
    throw ownerIneligible('no_credential', 'The new owner must have a password or an identity');
  }
  const time = deps.now().toISOString();
  const after = {
    ...before,
    ownerSince: time,
    version: before.version + 1,
    updatedAt: time,
    updatedBy: context.principal.subject,
  };
  return { before, after, record: buildChangeRecord('becomeOwner', before, after, context) };
}

/** Reasons why a user cannot own a tenant (`details.reason`). */
type OwnerIneligibility =
  | 'not_active'
  | 'password_set_by_administrator'
  | 'not_administrator'
  | 'credentials_limited'
  | 'email_not_verified'
  | 'no_credential';

const ownerIneligible = (
  reason: OwnerIneligibility,
  message: string,
  details: object = {},
): Failure =>
  new Failure('owner_ineligible', message, {
    details: { field: 'ownerUserId', reason, ...details },
  });

/** `owner_protected` for a change that would take permissions from the owner. */
export const ownerProtected = (details: { readonly field?: string } = {}): Failure =>
  new Failure(
    'owner_protected',
    'The owner of the tenant must keep their permissions. Transfer the ownership first.',
    { details },
  );

/**
 * Whether this user owns the tenant at this moment. The tenant of the call may be 30 s old; who has become the owner since has
 * it on their own record, so that only who is or was one costs a look at the tenant. Who reads a user, asks this and writes the
 * user on condition that nobody else has, cannot miss that they became the owner meanwhile: that is a change of the user too.
 */
export async function isOwner(
  user: User,
  { tenant }: RequestContext,
  { tenants }: { readonly tenants: TenantStore },
): Promise<boolean> {
  if (user.ownerSince === undefined && user.userId !== tenant.ownerUserId) return false;
  return (await tenants.getOwnerId(tenant.tenantId)) === user.userId;
}

/**
 * Throws `forbidden` where this user owns the tenant, unless they call themselves or a system administrator does: whoever chooses how
 * the owner signs in can sign in as them, and move the ownership.
 */
export async function assertMayChangeCredentials(
  user: User,
  context: RequestContext,
  deps: { readonly users: UserStore; readonly tenants: TenantStore },
): Promise<void> {
  if (context.principal.systemAdministrator || !(await isOwner(user, context, deps))) return;
  const account = toCallerAccount(user, context);
  if (account && account.limit === undefined) return;
  throw new Failure('forbidden', 'Only the owner of the tenant can change how they sign in', {
    notices: [
      'How the owner of a tenant signs in is changed by the owner, or by a system administrator.',
    ],
  });
}
