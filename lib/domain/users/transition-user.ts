import type { RequestContext } from '../access/request-context.ts';
import type { IfMatch } from '../access/change-entity.ts';
import { Failure } from '../kernel/failure.ts';
import type { Policy } from '../access/policy.ts';
import { isOwner } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant.ts';
import { type ChangeDependencies, changeUser, noFieldChanges } from './change-user.ts';
import { toCallerAccount } from './find-caller-user.ts';
import { assertTransition, type Transition } from './status-transitions.ts';
import type { User, UserRef } from './user.ts';

export interface TransitionDependencies extends ChangeDependencies {
  readonly policy: Policy;
  readonly tenants: TenantStore;
  /** For how long after its deletion a user can be restored, in milliseconds. */
  readonly restoreWindowMs: number;
}

/** Suspends or reactivates a user. Throws `invalid_transition`, `owner_protected` or `self_protected`. */
export async function suspendUser(
  reference: UserRef | undefined,
  active: boolean,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<User> {
  const move = active ? 'reactivate' : 'suspend';
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  return transitionUser(move, reference, ifMatch, context, deps, () => ({
    status: active ? 'active' : 'inactive',
  }));
}

/** Leaves a tombstone of a user, and frees its e-mail and user name. Throws `invalid_transition`, `owner_protected` or `self_protected`. */
export async function deleteUser(
  reference: UserRef | undefined,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<User> {
  deps.policy.authorize(context, 'deleteUser', {});
  return transitionUser('delete', reference, ifMatch, context, deps, ({ status }) => ({
    status: 'deleted',
    deletion: { status, at: deps.now().toISOString() },
  }));
}

/**
 * Brings a deleted user back as it was. Throws `user_exists` when its e-mail or user name has been given to another since,
 * `restore_expired` when the time for it is over, and `invalid_transition`.
 */
export async function restoreUser(
  reference: UserRef | undefined,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<User> {
  deps.policy.authorize(context, 'deleteUser', {});
  return transitionUser('restore', reference, ifMatch, context, deps, ({ deletion }) => {
    if (!deletion || deps.now().getTime() > Date.parse(deletion.at) + deps.restoreWindowMs) {
      throw new Failure('restore_expired', 'The user can no longer be restored', {
        details: { status: 'deleted', allowed: ['erase'] },
      });
    }
    return { status: deletion.status, deletion: undefined };
  });
}

/** Makes a transition of a user's status, unless it is the caller or the owner whom it would take away. */
export async function transitionUser(
  move: Transition,
  reference: UserRef | undefined,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TransitionDependencies,
  fields: (user: User) => Partial<User>,
  erases = false,
): Promise<User> {
  const change = async (user: User) => {
    assertTransition(move, user.status);
    if ((move === 'suspend' || move === 'delete') && toCallerAccount(user, context))
      throw new Failure('self_protected', 'You cannot suspend or delete your own account');
    if ((move === 'suspend' || move === 'delete') && (await isOwner(user, context, deps))) {
      throw new Failure(
        'owner_protected',
        'The owner of the tenant cannot be suspended or deleted: transfer the ownership first',
      );
    }
    return { fields: fields(user) };
  };
  const includeDeleted = move === 'restore' ? 'too' : undefined;
  return changeUser(
    { action: move, ref: reference, ifMatch, includeDeleted, erases, change },
    context,
    deps,
  );
}
