import { Failure } from '../kernel/failure.ts';
import type { UserStatus } from './user.ts';

/** What can be done to a user's status, from where. Accepting an invitation is the only other way to become active. */
export const transitions = {
  suspend: ['active'],
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

/** Throws `invalid_transition` with the user's status and the possible moves (`details.allowed`). */
export function assertTransition(move: Transition, status: UserStatus): void {
  if ((transitions[move] as readonly UserStatus[]).includes(status)) return;
  const allowed = (Object.keys(transitions) as Transition[]).filter((other) =>
    (transitions[other] as readonly UserStatus[]).includes(status),
  );
  throw new Failure(
    'invalid_transition',
    `${adjectives[status]} user cannot be ${participles[move]}`,
    { details: { status, allowed } },
  );
}
