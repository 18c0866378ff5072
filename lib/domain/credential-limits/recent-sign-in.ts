import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';

/** Maximum age of a sign-in that allows changes of the own credentials, and the deletion. */
const maxSignInAgeSeconds = 300;
/** Tolerated clock difference of a token issuer. */
const maxClockSkewSeconds = 60;

/**
 * Throws `insufficient_user_authentication` (RFC 9470) unless the account holder signed in within
 * the last 5 minutes. A stolen access token must not suffice to take over the account.
 */
export function assertRecentSignIn({ principal: { authTime } }: RequestContext, now: Date): void {
  const age = authTime === undefined ? undefined : Math.floor(now.getTime() / 1000) - authTime;
  if (age !== undefined && age <= maxSignInAgeSeconds && age >= -maxClockSkewSeconds) return;
  throw new Failure(
    'insufficient_user_authentication',
    'Sign in again to change your email, username, identity or password, or to delete your account',
    { details: { maxAge: maxSignInAgeSeconds } },
  );
}
