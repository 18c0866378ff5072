import { Failure } from '../kernel/failure.ts';
import type { Status } from './user.ts';

/** What can be done to a user's status, from where. Accepting an invitation is the only other way to become active. */
export const moves = {
  suspend: ['active'],
  reactivate: ['inactive'],
  delete: ['invite_pending', 'active', 'inactive'],
  restore: ['deleted'],
} as const satisfies Readonly<Record<string, readonly Status[]>>;

export type Move = keyof typeof moves;

const participles: Readonly<Record<Move, string>> = {
  suspend: 'suspended',
  reactivate: 'reactivated',
  delete: 'deleted',
  restore: 'restored',
};

const adjectives: Readonly<Record<Status, string>> = {
  invite_pending: 'An invited',
  active: 'An active',
  inactive: 'An inactive',
  deleted: 'A deleted',
};

/** Throws `invalid_transition` with the user's status and the possible moves (`details.allowed`). */
export function assertMove(move: Move, status: Status): void {
  if ((moves[move] as readonly Status[]).includes(status)) return;
  const allowed = (Object.keys(moves) as Move[]).filter((other) =>
    (moves[other] as readonly Status[]).includes(status),
  );
  throw new Failure(
    'invalid_transition',
    `${adjectives[status]} user cannot be ${participles[move]}`,
    { details: { status, allowed } },
  );
}
