import { buildChangeRecord, buildNextVersion } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import { needsOwnPassword } from '../credential-limits/inactive-permissions.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { findCallerAccount, toCallerAccount } from '../users/caller-account.ts';
import { userNotFound } from '../users/change-user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import type { OwnershipTransfer, TenantStore } from './tenant-store.ts';
import type { Tenant } from './tenant.ts';

/**
 * True if the caller is the active user who owns the tenant and uses a credential without a limit.
 */
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
 * Throws `forbidden` unless the owner or a system administrator calls. Pass the current tenant: a
 * cached one may name a former owner.
 */
export async function assertCalledByOwner(
  tenant: Tenant,
  context: RequestContext,
  deps: { readonly users: UserStore },
): Promise<void> {
  if (context.principal.systemAdministrator || (await isCalledByOwner(tenant, context, deps)))
    return;
  throw new Failure('forbidden', 'Only the owner of the tenant can do this', {
    notices: ['Only the owner or a system administrator can transfer the ownership of a tenant.'],
  });
}

/** Role that an owner must have. */
const ownerRole = 'admin';

/**
 * Builds the change of the user who becomes the owner. Undefined for the current owner. Throws
 * `not_found`, or `owner_ineligible` for a user who is not an active administrator, or whose
 * account another principal could sign in to.
 */
export async function prepareOwnershipTransfer(
  { userId, tenant }: { readonly userId: Uuid; readonly tenant: Tenant },
  context: RequestContext,
  deps: { readonly users: UserStore; readonly now: () => Date },
): Promise<OwnershipTransfer | undefined> {
  const before = await deps.users.get(tenant.tenantId, { userId }, false);
  if (!before || before.status === 'deleted') throw userNotFound();
  if (before.userId === tenant.ownerUserId) return undefined;
  assertEligible(before, tenant);
  const now = deps.now();
  const after = {
    ...before,
    ownerSince: now.toISOString(),
    ...buildNextVersion(before, context, now),
  };
  const record = buildChangeRecord({ action: 'becomeOwner', before, after }, context);
  return { before, after, record };
}

/** Throws `owner_ineligible` unless the user can own the tenant. */
function assertEligible(user: User, tenant: Tenant): void {
  if (user.status !== 'active') {
    throw ownerIneligible('not_active', 'The new owner must be an active user', {
      status: user.status,
    });
  }
  if (needsOwnPassword(user, tenant)) {
    throw ownerIneligible(
      'password_set_by_administrator',
      'The new owner must first change the password set by an administrator',
    );
  }
  if (!user.roles.includes(ownerRole)) {
    throw ownerIneligible('not_administrator', 'The new owner must have the role admin');
  }
  if (user.credentialLimits !== undefined) {
    const credentials = Object.keys(user.credentialLimits).toSorted();
    throw ownerIneligible(
      'credentials_limited',
      'The new owner must first replace or confirm credentials set by another user',
      { credentials },
    );
  }
  if (user.emailVerifiedBy !== 'holder') {
    throw ownerIneligible(
      'email_not_verified',
      'The new owner must first verify their email, for example by a password reset',
    );
  }
  const hasPassword = user.authProvider === 'local' && !user.hasNoPassword;
  if (!hasPassword && user.identity === undefined) {
    throw ownerIneligible('no_credential', 'The new owner must have a password or an identity');
  }
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
 * True if the user owns the tenant now. The tenant of the request may be 30 s old. New owners have
 * `ownerSince`, so only current and former owners cost a read of the tenant. A caller that then
 * writes the user conditionally detects a concurrent transfer, because it changes the user too.
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
 * Throws `forbidden` if the user is the owner, unless the owner or a system administrator calls. A
 * caller who changes the owner's credentials could sign in as the owner and transfer the ownership.
 */
export async function assertMayChangeCredentials(
  user: User,
  context: RequestContext,
  deps: { readonly users: UserStore; readonly tenants: TenantStore },
): Promise<void> {
  if (context.principal.systemAdministrator || !(await isOwner(user, context, deps))) return;
  const account = toCallerAccount(user, context);
  if (account && account.limit === undefined) return;
  throw new Failure('forbidden', 'Only the owner can change the credentials of the tenant owner', {
    notices: ["Only the owner or a system administrator can change the owner's credentials."],
  });
}
