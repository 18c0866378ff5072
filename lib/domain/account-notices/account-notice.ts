import { isDeepStrictEqual } from 'node:util';
import { isSameAddress } from '../kernel/canonical.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { collectInactivePermissions } from '../credential-limits/inactive-permissions.ts';
import { isAwaitingAcceptance, type User } from '../users/user.ts';
import type { PendingMail } from '../mail/pending-mail.ts';

/**
 * Changes that users are notified about (OWASP ASVS 5.0, 6.3.7). The owner of the tenant is
 * notified about a request for a level.
 */
export type AccountDetail =
  | 'account'
  | 'password'
  | 'email'
  | 'identity'
  | 'permissions'
  | 'confirmation'
  | 'emailVerification'
  | 'accessRequest';

/**
 * Notice of one change of an account. It goes to the previous email, because an attacker may have
 * changed the email. A verification link goes to the email that it verifies.
 */
export interface AccountNotice extends PendingMail {
  readonly userId: string;
  /** Version of the user after the change. */
  readonly version: number;
  /** Not empty. */
  readonly details: readonly AccountDetail[];
  readonly changedAt: Timestamp;
}

/** A notice is abandoned after this time. */
export const noticeLifetimeMs = 3 * 24 * 60 * 60 * 1000;

interface AccountChange {
  readonly before: User;
  readonly after: User;
  readonly hasNewPassword: boolean;
}

/**
 * Returns the details of a change to notify the user about. An invited user has no account yet, and
 * a new email gets a new invitation. Users of external identity providers are notified about a new
 * email, too, because it receives the next notices.
 */
export function diffAccountDetails(
  { before, after, hasNewPassword }: AccountChange,
  tenant: TenantWithRoles,
): AccountDetail[] {
  const hasAccount = !isAwaitingAcceptance(after);
  const isAccepted = isAwaitingAcceptance(before) && hasAccount;
  const hasNewIdentity =
    !isDeepStrictEqual(before.identity, after.identity) ||
    (isAccepted && after.identity !== undefined);
  const emailChanged = !isSameAddress(before.email, after.email);
  return [
    ...(hasNewPassword ? (['password'] as const) : []),
    ...(hasAccount && emailChanged ? (['email'] as const) : []),
    ...(hasAccount && hasNewIdentity ? (['identity'] as const) : []),
    ...(after.confirmation &&
    after.confirmation.confirmationId !== before.confirmation?.confirmationId
      ? (['confirmation'] as const)
      : []),
    ...(requestsVerification(before, after) ? (['emailVerification'] as const) : []),
    ...(after.accessRequest && after.accessRequest.version !== before.accessRequest?.version
      ? (['accessRequest'] as const)
      : []),
    ...(hasAccount && gainsInactivePermissions(before, after, tenant)
      ? (['permissions'] as const)
      : []),
  ];
}

/** Returns the details to notify a new user about, whose password the creator knows. */
export const collectCreationDetails = ({ identity }: User): AccountDetail[] => [
  'account',
  ...(identity ? (['identity'] as const) : []),
];

const requestsVerification = (before: User, { emailVerification }: User): boolean =>
  emailVerification !== undefined &&
  !emailVerification.isUsed &&
  emailVerification.version !== before.emailVerification?.version;

/** True if new roles have permissions that are inactive for the user's password. */
function gainsInactivePermissions(before: User, after: User, tenant: TenantWithRoles): boolean {
  if (isDeepStrictEqual(before.roles, after.roles)) return false;
  const earlier = collectInactivePermissions(before, tenant);
  return collectInactivePermissions(after, tenant).some(
    (permission) => !earlier.includes(permission),
  );
}
