import { Failure } from '../failure.ts';
import type { Status } from './user.ts';

/** What can be done to a user's status, from where. Accepting an invitation is the only other way to become active. */
export const moves = {
  suspend: ['active'],
  reactivate: ['inactive'],
  delete: ['invite_pending', 'active', 'inactive'],
  restore: ['deleted'],
} as const satisfies Readonly<Record<string, readonly Status[]>>;

export type Move = keyof typeof moves;

/** Throws `conflict`, with the moves that there are instead (`details.allowed`). */
export function assertMove(move: Move, status: Status): void {
  if ((moves[move] as readonly Status[]).includes(status)) return;
  const allowed = (Object.keys(moves) as Move[]).filter((other) => (moves[other] as readonly Status[]).includes(status));
  throw new Failure('conflict', `A user that is ${status} cannot be taken through ${move}`, { details: { status, allowed } });
}
