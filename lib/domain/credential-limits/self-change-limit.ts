import { tooManyRequests } from '../kernel/limits.ts';
import type { SelfChanges, User } from '../users/user.ts';

/** Maximum per day (UTC), because each leaves a permanent record. */
const selfChangeLimits = {
  profile: { counter: 'count', limit: 'own_changes', max: 100 },
  password: { counter: 'passwords', limit: 'own_passwords', max: 100 },
  signOut: { counter: 'signOuts', limit: 'own_sign_outs', max: 100 },
  verification: { counter: 'verifications', limit: 'verification_requests', max: 10 },
  accessRequest: { counter: 'accessRequests', limit: 'access_requests', max: 10 },
} as const;
const dayMs = 24 * 3600 * 1000;

/**
 * Counts a change of the own account or password, a sign-out, or a request for a link or a level.
 * Throws `too_many_requests` above the daily limit.
 */
export function countSelfChange(
  { selfChanges }: User,
  kind: keyof typeof selfChangeLimits,
  now: Date,
): SelfChanges {
  const day = now.toISOString().slice(0, 10);
  const counts: SelfChanges = selfChanges?.day === day ? selfChanges : { day, count: 0 };
  const { counter, limit, max } = selfChangeLimits[kind];
  const count = counts[counter] ?? 0;
  if (count >= max) throw tooManyRequests(limit, (dayMs - (now.getTime() % dayMs)) / 1000);
  return { ...counts, [counter]: count + 1 };
}
