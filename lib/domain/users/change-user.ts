import type { PolicyContexts } from '../access/policy.ts';
import { assertHoldsPermissions } from '../access/assert-holds-permissions.ts';
import type { RequestContext } from '../access/request-context.ts';
import { retryStaleWrite } from '../access/change-entity.ts';
import { assertUnlocked, type LockDependencies } from '../connections/managed-lock.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import { collectAssignedPermissions, type RoleHolder } from '../groups/group-roles.ts';
import { buildUserChange, type UserChanges } from './build-user-change.ts';
import type { UserRef, UserStore } from './user-store.ts';
import type { User, UserWithGroups } from './user.ts';

/** User that an operation changes. An undefined `ref` matches no user. */
export interface UserTarget {
  readonly ref: UserRef | undefined;
  readonly ifMatch?: IfMatch;
}

export interface ChangeDependencies extends LockDependencies {
  readonly users: UserStore;
  readonly now: () => Date;
}

interface UserChange extends UserTarget {
  /** Action in the change record. */
  readonly action: ChangeAction<'user'>;
  /** True for a change of the caller's own account. */
  readonly self?: boolean;
  /** True for a change by a link. It does not count against the limit of own changes. */
  readonly byLink?: boolean;
  /** Includes tombstones in addition to users, or instead of them. */
  readonly includeDeleted?: 'also' | 'only' | undefined;
  /** True to write an erasure record as well. */
  readonly erases?: boolean;
  /** Returns the changes. Runs again after a concurrent change. */
  readonly change: (user: UserWithGroups) => UserChanges | Promise<UserChanges>;
}

/** Policy context of an update that changes no fields of the profile. */
export const noFieldChanges: PolicyContexts['updateUser'] = {
  grantedPermissions: [],
  assignsRoles: false,
  verifiesEmail: false,
  self: false,
  setsPassword: false,
  administratorsSetPasswords: false,
};

/** Same failure for an unknown user, a deleted user and a user of another tenant. */
export const userNotFound = (): Failure =>
  new Failure('not_found', 'The user does not exist in this tenant');

/**
 * Changes a user and writes a change record. Call it after the policy decision. Throws `not_found`,
 * `forbidden` for a user with more permissions, `managed_by_connection`, `precondition_failed` or
 * `unavailable`.
 */
export function changeUser(
  { ref, ifMatch, includeDeleted, erases, ...options }: UserChange,
  context: RequestContext,
  deps: ChangeDependencies,
): Promise<User> {
  const { users, now } = deps;
  const { tenant, deadline } = context;
  const { tenantId, uniqueness } = tenant;
  const read = async (): Promise<UserWithGroups> => {
    const user = ref && (await users.getWithGroups(tenantId, ref, true));
    const isIncluded =
      user?.status === 'deleted' ? includeDeleted !== undefined : includeDeleted !== 'only';
    if (!user || !isIncluded) throw userNotFound();
    if (!options.self) assertWithinCallerPermissions(context, user);
    return user;
  };
  const build = async (before: UserWithGroups) => {
    const changes = await options.change(before);
    const change = buildUserChange({ before, changes, ...options }, context, now);
    const field = change && findManagedField(change, options.action);
    // No connection writes the owner.
    const managedBy = before.userId === tenant.ownerUserId ? undefined : before.managedBy;
    await assertUnlocked({ managedBy, field }, context, deps);
    return change;
  };
  return retryStaleWrite(
    {
      read,
      ifMatch,
      build,
      write: (change) => users.update({ ...change, uniqueness, erases, deadline }),
    },
    context,
    now,
  );
}

const managedFields = [
  'email',
  'userName',
  'externalId',
  'name',
  'firstName',
  'lastName',
  'businessRole',
  'locale',
] as const;

const managedActions: readonly ChangeAction<'user'>[] = ['suspend', 'reactivate', 'delete'];

/** Finds a changed field that the connection of a managed user writes. */
function findManagedField(
  { before, after }: { readonly before: User; readonly after: User },
  action: ChangeAction<'user'>,
): string | undefined {
  if (managedActions.includes(action)) return 'status';
  const { newEmail } = after.emailVerification ?? {};
  if (newEmail !== undefined && newEmail !== before.emailVerification?.newEmail) return 'email';
  return managedFields.find((field) => after[field] !== before[field]);
}

/**
 * Throws `forbidden` if the user has permissions that the caller lacks. Prevents privilege
 * escalation: a caller who can change a user's email can take over the account.
 */
export function assertWithinCallerPermissions(context: RequestContext, user: RoleHolder): void {
  assertHoldsPermissions(collectAssignedPermissions(user, context.tenant), context, {
    subject: 'The user',
    action: 'change only users',
  });
}
