import { Failure } from './failure.ts';

/** Limits that answer `too_many_requests`, by the names in `details.limit`: the limit, and the remedy if there is one. */
const limits = {
  tenant_requests: 'The tenant has sent as many requests as it may within 10 seconds.',
  tenant_units: 'The requests of the tenant have consumed as many read and write units as they may within 10 seconds.',
  caller_requests: 'You have sent as many requests as one caller of the tenant may within 10 seconds.',
  caller_units: 'Your requests have consumed as many read and write units as those of one caller may within 10 seconds.',
  tenant_mails:
    'The tenant has sent as many invitations by mail as it may within an hour. Creating a user with a password, a password hash or sendInvitation: false still works.',
  resend_interval: 'A user can be invited again once a minute.',
  confirmation_interval: 'A confirmation link can be requested once a minute.',
  sign_in_attempts: 'There were too many sign-ins to this account from your network. Resetting the password still works.',
  network_sign_ins: 'There were too many failed sign-ins from your network.',
  password_attempts: 'The current password was wrong too often.',
  link_attempts: 'The link was used too often from your network.',
  network_links: 'There were too many requests with links from your network.',
  reset_requests: 'A reset link for this account was requested too often from your network. The one in the latest mail still works.',
  own_changes: 'You have changed your account as often as you may within a day. An administrator can still change it.',
} as const;

export type Limit = keyof typeof limits;

export const limitNames = Object.keys(limits) as readonly Limit[];

/** Refuses for a number of seconds, by the limit that is reached. */
export function tooManyRequests(limit: Limit, seconds: number): Failure {
  const retryAfter = Math.max(1, Math.ceil(seconds));
  return new Failure('too_many_requests', `${limits[limit]} Try again in ${formatWait(retryAfter)}.`, { details: { limit, retryAfter } });
}

function formatWait(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3600)} h`;
}
