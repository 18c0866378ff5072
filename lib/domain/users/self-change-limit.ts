import { tooManyRequests } from '../limits.ts';
import type { User } from './user.ts';

/** Changes to their own account that a user can make in a day (UTC). Each leaves a record, for as long as the user exists. */
const maxSelfChanges = 100;
const dayMs = 24 * 3600 * 1000;

/** Counts a change that users make to their own account. Throws `too_many_requests` above the daily limit. */
export function countSelfChange({ selfChanges }: User, now: Date): NonNullable<User['selfChanges']> {
  const day = now.toISOString().slice(0, 10);
  const count = selfChanges?.day === day ? selfChanges.count : 0;
  if (count >= maxSelfChanges) throw tooManyRequests('own_changes', (dayMs - (now.getTime() % dayMs)) / 1000);
  return { day, count: count + 1 };
}
