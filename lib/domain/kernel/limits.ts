import { Failure } from './failure.ts';

/** Messages of `too_many_requests` by `details.limit`. */
const limitMessages = {
  tenant_requests: 'The tenant has reached its limit of requests in 10 seconds.',
  tenant_units: 'The tenant has reached its limit of read and write units in 10 seconds.',
  caller_requests: 'You have reached the limit of requests for one caller in 10 seconds.',
  caller_units: 'You have reached the limit of read and write units for one caller in 10 seconds.',
  tenant_mails:
    'The tenant has reached its limit of invitation emails per hour. You can still create users with a password, a password hash or sendInvitation: false.',
  resend_interval: 'A user can be invited again once a minute.',
  confirmation_interval: 'A confirmation link can be requested once a minute.',
  verification_interval: 'A verification link can be requested once a minute.',
  verification_requests: 'The account has reached its daily limit of verification links.',
  sign_in_attempts:
    'There were too many sign-ins to this account from your network. You can still reset the password.',
  network_sign_ins: 'There were too many failed sign-ins from your network.',
  sign_in_lookups:
    'There were too many requests for unknown domains and tenants from your network.',
  password_attempts: 'The current password was wrong too often.',
  link_attempts: 'This link was used too often from your network.',
  network_links: 'There were too many requests with links from your network.',
  reset_requests:
    'Too many reset links for this account were requested from your network. The link in the latest email still works.',
  own_passwords:
    'You have reached the daily limit of new passwords. You can still reset the password.',
  own_changes:
    'You have reached the daily limit of changes to your account. An administrator can still change it.',
  own_sign_outs: 'You have reached the daily limit of sign-outs.',
  access_requests: 'You have reached the daily limit of requests for a level.',
  webhook_tests: 'The tenant has reached its limit of test events per minute.',
} as const;

export type Limit = keyof typeof limitMessages;

export const limitNames = Object.keys(limitMessages) as readonly Limit[];

/** `too_many_requests` for a reached limit. */
export function tooManyRequests(limit: Limit, seconds: number): Failure {
  const retryAfter = Math.max(1, Math.ceil(seconds));
  return new Failure(
    'too_many_requests',
    `${limitMessages[limit]} Try again in ${formatWait(retryAfter)}.`,
    { details: { limit, retryAfter } },
  );
}

function formatWait(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
