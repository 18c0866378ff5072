import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import type { DurationMs } from '../kernel/time.ts';
import { isOwner } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { toCallerAccount } from './caller-account.ts';
import {
  type ChangeDependencies,
  changeUser,
  noFieldChanges,
  type UserTarget,
} from './change-user.ts';
import { assertTransition, type Transition } from './status-transitions.ts';
import type { User, UserWithGroups } from './user.ts';

export interface TransitionDependencies extends ChangeDependencies {
  readonly policy: Policy;
  readonly tenants: TenantStore;
  /** Time after a deletion in which the user can be restored. */
  readonly restoreWindowMs: DurationMs;
}

/** Suspends an active or invited user. Throws `invalid_transition`, `owner_protected` or `self_protected`. */
export async function suspendUser(
  target: UserTarget,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<User> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const toFields = () => ({ status: 'inactive' }) as const;
  return transitionUser({ ...target, transition: 'suspend', toFields }, context, deps);
}

/**
 * Reactivates a suspended user, or returns them to their invitation. Throws `invalid_transition`.
 */
export async function reactivateUser(
  target: UserTarget,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<User> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const toFields = ({ suspendedFrom }: User) => ({ status: suspendedFrom ?? ('active' as const) });
  return transitionUser({ ...target, transition: 'reactivate', toFields }, context, deps);
}

/**
 * Replaces a user by a tombstone and releases the email and username. Throws `invalid_transition`,
 * `owner_protected` or `self_protected`.
 */
export async function deleteUser(
  target: UserTarget,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<User> {
  deps.policy.authorize(context, 'deleteUser', {});
  const toFields = (user: User) => toDeletion(user, deps.now());
  return transitionUser({ ...target, transition: 'delete', toFields }, context, deps);
}

/** Builds the fields of a tombstone. */
export const toDeletion = ({ status }: User, now: Date): Partial<User> => ({
  status: 'deleted',
  deletion: { status, at: now.toISOString() },
});

/**
 * Restores a deleted user with the previous status. Throws `user_exists` if another user has the
 * email or username, `restore_expired` or `invalid_transition`.
 */
export async function restoreUser(
  target: UserTarget,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<User> {
  deps.policy.authorize(context, 'deleteUser', {});
  const toFields = ({ deletion }: User): Partial<User> => {
    if (!deletion || deps.now().getTime() > Date.parse(deletion.at) + deps.restoreWindowMs) {
      throw new Failure('restore_expired', 'The user can no longer be restored', {
        details: { status: 'deleted', allowed: ['erase'] },
      });
    }
    return { status: deletion.status, deletion: undefined };
  };
  return transitionUser({ ...target, transition: 'restore', toFields }, context, deps);
}

interface UserTransition extends UserTarget {
  readonly transition: Transition;
  readonly toFields: (user: UserWithGroups) => Partial<User>;
  /** True for the deletion of the caller's own account. */
  readonly self?: boolean;
  /** True to write an erasure record as well. */
  readonly erases?: boolean;
}

/**
 * Changes the status of a user. The owner cannot be suspended or deleted, and callers delete
 * themselves only with `self`.
 */
export async function transitionUser(
  { transition, toFields, ...target }: UserTransition,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<User> {
  const removesAccess = transition === 'suspend' || transition === 'delete';
  const change = async (user: UserWithGroups) => {
    assertTransition(transition, user.status);
    if (removesAccess && !target.self && toCallerAccount(user, context))
      throw new Failure('self_protected', 'You cannot suspend or delete your own account');
    if (removesAccess && (await isOwner(user, context, deps))) {
      throw new Failure(
        'owner_protected',
        'The owner of the tenant cannot be suspended or deleted. Transfer the ownership first.',
      );
    }
    return { fields: toFields(user) };
  };
  const includeDeleted = transition === 'restore' ? 'also' : undefined;
  const action = target.erases ? 'erase' : transition;
  return changeUser({ ...target, action, includeDeleted, change }, context, deps);
}
