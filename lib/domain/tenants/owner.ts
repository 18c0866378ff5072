import type { Call } from '../call.ts';
import { recordOf } from '../entity.ts';
import { Failure } from '../failure.ts';
import type { Promotion, Tenant, TenantStore } from '../tenants.ts';
import { noSuchUser } from '../users/change-user.ts';
import { ownUser } from '../users/own-user.ts';
import type { User, UserStore } from '../users/user.ts';

/**
 * Whether the caller is the active user who owns the tenant, as it is given here, by a password that nobody else has chosen. Nobody owns
 * a tenant that has no owner.
 */
export async function isOwnersCall({ ownerUserId }: Tenant, call: Call, deps: { readonly users: UserStore }): Promise<boolean> {
  const user = ownerUserId === undefined ? undefined : await ownUser(call, deps);
  const isLimited = call.principal.limit !== undefined;
  return user?.status === 'active' && !user.mustChangePassword && !isLimited && user.userId === ownerUserId;
}

/**
 * Throws `forbidden` unless the owner calls, or a system administrator: to be asked of the tenant as it was last written, since an owner
 * of 30 s ago is none.
 */
export async function assertOwnersCall(tenant: Tenant, call: Call, deps: { readonly users: UserStore }): Promise<void> {
  if (call.principal.systemAdministrator || (await isOwnersCall(tenant, call, deps))) return;
  throw new Failure('forbidden', 'The ownership of this tenant has moved', {
    notices: ['The ownership of a tenant is moved by its owner, or by a system administrator.'],
  });
}

/** Who owns a tenant has to hold it. */
const ownersRole = 'admin';

/**
 * The user who is to own a tenant, with what that makes of them; undefined for who owns it already. Throws `not_found` for
 * nobody, `owner_ineligible` for a user who is not active, no administrator, or has a password that somebody else has set.
 */
export async function promoted(
  userId: string,
  tenant: Tenant,
  call: Call,
  deps: { readonly users: UserStore; readonly now: () => Date },
): Promise<Promotion | undefined> {
  const before = await deps.users.get(tenant.tenantId, { userId }, false);
  if (!before || before.status === 'deleted') throw noSuchUser();
  if (before.userId === tenant.ownerUserId) return undefined;
  if (before.status !== 'active') {
    throw ineligible('not_active', 'The new owner must be an active user', { status: before.status });
  }
  // Whoever has set it could take the ownership with it, which they may not be able to give themselves.
  if (before.mustChangePassword) {
    throw ineligible('password_set_by_administrator', 'The new owner must first change the password set by an administrator');
  }
  if (!before.roles.includes(ownersRole)) {
    throw ineligible('not_administrator', 'The new owner must have the role admin');
  }
  const time = deps.now().toISOString();
  const after = { ...before, ownerSince: time, version: before.version + 1, updatedTime: time, updatedBy: call.principal.subject };
  return { before, after, record: recordOf('becomeOwner', before, after, call) };
}

/** Reasons why a user cannot own a tenant (`details.reason`). */
type OwnerIneligibility = 'not_active' | 'password_set_by_administrator' | 'not_administrator';

const ineligible = (reason: OwnerIneligibility, message: string, details: object = {}): Failure =>
  new Failure('owner_ineligible', message, { details: { field: 'ownerUserId', reason, ...details } });

/** `owner_protected` for a change that would take permissions from the owner. */
export const ownerKeepsRights = (details: { readonly field?: string } = {}): Failure =>
  new Failure('owner_protected', 'The owner of the tenant keeps their permissions: transfer the ownership first', { details });

/**
 * Whether this user owns the tenant at this moment. The tenant of the call may be 30 s old; who has become the owner since has
 * it on their own record, so that only who is or was one costs a look at the tenant. Who reads a user, asks this and writes the
 * user on condition that nobody else has, cannot miss that they became the owner meanwhile: that is a change of the user too.
 */
export async function isOwner(user: User, { tenant }: Call, { tenants }: { readonly tenants: TenantStore }): Promise<boolean> {
  if (user.ownerSince === undefined && user.userId !== tenant.ownerUserId) return false;
  return (await tenants.ownerOf(tenant.tenantId)) === user.userId;
}

/**
 * Throws `forbidden` where this user owns the tenant, unless they call themselves or a system administrator does: whoever chooses how
 * the owner signs in can sign in as them, and move the ownership.
 */
export async function assertOwnWayIn(
  user: User,
  call: Call,
  deps: { readonly users: UserStore; readonly tenants: TenantStore },
): Promise<void> {
  if (call.principal.systemAdministrator || !(await isOwner(user, call, deps))) return;
  if ((await ownUser(call, deps))?.userId === user.userId) return;
  throw new Failure('forbidden', 'Nobody else chooses how the owner of the tenant signs in', {
    notices: ['How the owner of a tenant signs in is changed by the owner, or by a system administrator.'],
  });
}
