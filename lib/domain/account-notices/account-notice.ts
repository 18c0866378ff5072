import { isDeepStrictEqual } from 'node:util';
import { isSameAddress } from '../kernel/canonical.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { collectInactivePermissions } from '../credential-limits/inactive-permissions.ts';
import type { User } from '../users/user.ts';
import type { PendingMail } from '../mail/pending-mail.ts';

/** What makes somebody the user of an account, and so what they are told of when it changes (OWASP ASVS 5.0, 6.3.7). */
export type AccountDetail =
  | 'account'
  | 'password'
  | 'email'
  | 'identity'
  | 'permissions'
  | 'confirmation';

/**
 * That such details of a user have been changed, of which they are owed a mail: at the address that they had before, since whoever has
 * changed that with it, or would next, would be told alone. One for each change, so that none is lost to a later one.
 */
export interface AccountNotice extends PendingMail {
  readonly userId: string;
  /** Of the user after the change. */
  readonly version: number;
  /** What was changed; not empty. */
  readonly details: readonly AccountDetail[];
  /** When it was changed, ISO 8601. */
  readonly changedAt: string;
}

/** For how long such a mail may be owed. Milliseconds. */
export const noticeLifetimeMs = 3 * 24 * 60 * 60 * 1000;

/**
 * Details of a change that its user is notified about. An invited user has no account yet, and another email is invited anew. Users who
 * sign in elsewhere are notified about their email too, because the next notices go to the new one.
 */
export function diffAccountDetails(
  before: User,
  after: User,
  hasNewPassword: boolean,
  tenant: TenantWithRoles,
): AccountDetail[] {
  const hasAccount = after.status !== 'invite_pending';
  const isAccepted = before.status === 'invite_pending' && hasAccount;
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
    ...(hasAccount && gainsInactivePermissions(before, after, tenant)
      ? (['permissions'] as const)
      : []),
  ];
}

/** Details to notify a new user about: someone else knows their password. */
export const collectCreationDetails = ({ identity }: User): AccountDetail[] => [
  'account',
  ...(identity ? (['identity'] as const) : []),
];

/** True if new roles bring permissions that the user's password does not carry. */
function gainsInactivePermissions(before: User, after: User, tenant: TenantWithRoles): boolean {
  if (isDeepStrictEqual(before.roles, after.roles)) return false;
  const earlier = collectInactivePermissions(before, tenant);
  return collectInactivePermissions(after, tenant).some(
    (permission) => !earlier.includes(permission),
  );
}
