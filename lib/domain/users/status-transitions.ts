import { Failure } from '../kernel/failure.ts';
import type { UserStatus } from './user.ts';

/**
 * Statuses from which each transition is possible. Accepting an invitation also activates a user.
 */
export const transitions = {
  suspend: ['invite_pending', 'active'],
  reactivate: ['inactive'],
  delete: ['invite_pending', 'active', 'inactive'],
  restore: ['deleted'],
} as const satisfies Readonly<Record<string, readonly UserStatus[]>>;

export type Transition = keyof typeof transitions;

const participles: Readonly<Record<Transition, string>> = {
  suspend: 'suspended',
  reactivate: 'reactivated',
  delete: 'deleted',
  restore: 'restored',
};

const adjectives: Readonly<Record<UserStatus, string>> = {
  invite_pending: 'An invited',
  active: 'An active',
  inactive: 'An inactive',
  deleted: 'A deleted',
};

/** Throws `invalid_transition` with the possible transitions in `details.allowed`. */
export function assertTransition(transition: Transition, status: UserStatus): void {
  const isPossible = (name: Transition): boolean =>
    (transitions[name] as readonly UserStatus[]).includes(status);
  if (isPossible(transition)) return;
  const allowed = (Object.keys(transitions) as Transition[]).filter(isPossible);
  throw new Failure(
    'invalid_transition',
    `${adjectives[status]} user cannot be ${participles[transition]}`,
    { details: { status, allowed } },
  );
}
