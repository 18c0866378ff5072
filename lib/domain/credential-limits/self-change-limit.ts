import { tooManyRequests } from '../kernel/limits.ts';
import type { User } from '../users/user.ts';

/**
 * Maximum changes of the own account and of the own password per day (UTC). Each leaves a permanent
 * record.
 */
const maxSelfChanges = 100;
const dayMs = 24 * 3600 * 1000;

/**
 * Counts a change of the own account or password. Throws `too_many_requests` above the daily limit.
 */
export function countSelfChange(
  { selfChanges }: User,
  kind: 'profile' | 'password',
  now: Date,
): NonNullable<User['selfChanges']> {
  const day = now.toISOString().slice(0, 10);
  const { count, passwords = 0 } = selfChanges?.day === day ? selfChanges : { count: 0 };
  if ((kind === 'password' ? passwords : count) >= maxSelfChanges) {
    const limit = kind === 'password' ? 'own_passwords' : 'own_changes';
    throw tooManyRequests(limit, (dayMs - (now.getTime() % dayMs)) / 1000);
  }
  return kind === 'password'
    ? { day, count, passwords: passwords + 1 }
    : { day, count: count + 1, ...(passwords > 0 && { passwords }) };
}
