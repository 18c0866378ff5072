import { replaceLimits } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import {
  type RedeemedLink,
  redeemLink,
  inspectLink,
  type LinkDependencies,
  type LinkDetails,
  type LinkType,
} from '../links/redeem-link.ts';
import type { LinkRequest } from '../links/verify-link.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { isActiveLocalUser, type User } from '../users/user.ts';
import {
  hashEmail,
  type ResetAccount,
  type ResetLink,
  toCanonicalAccount,
} from './password-reset.ts';
import type { PasswordResetStore } from './password-reset-store.ts';

export interface CompleteResetDependencies extends LinkDependencies {
  readonly resets: PasswordResetStore;
}

/**
 * Saves a request to reset the password of an account. The mailer finds the user, so requests for
 * known and unknown accounts take the same time. Does nothing for an unknown or suspended tenant.
 */
export async function requestReset(
  account: ResetAccount,
  tenant: Tenant | undefined,
  { resets, now }: { readonly resets: PasswordResetStore; readonly now: () => Date },
): Promise<void> {
  if (tenant?.status === 'active')
    await resets.request(tenant.tenantId, toCanonicalAccount(account), now());
}

/**
 * Verifies a reset link without changing anything. Throws `not_found` unless it is the last mailed
 * link, `tenant_suspended`, `password_reset_expired`, and `password_reset_used` after a change of
 * the account.
 */
export async function inspectReset(
  request: LinkRequest,
  deps: CompleteResetDependencies,
): Promise<LinkDetails> {
  return inspectLink(request, createResetLinkType(deps), deps);
}

/**
 * Sets the password by a reset link, once, and verifies the email. Throws like `inspectReset`, and
 * `password_rejected`.
 */
export async function completeReset(
  input: { readonly password: string; readonly request: LinkRequest },
  deps: CompleteResetDependencies,
): Promise<RedeemedLink> {
  return redeemLink(input, createResetLinkType(deps), deps);
}

const createResetLinkType = ({ resets }: CompleteResetDependencies): LinkType<ResetLink, User> => ({
  kind: 'password_reset',
  issuer: 'password-reset',
  action: 'resetPassword',
  findIssuedLink: async (_user, { tenantId, email }) =>
    (await resets.get(tenantId, hashEmail(email)))?.link,
  assertUsable: ({ user, link: { generation, expiresAt } }, now) => {
    if ((user.resetGeneration ?? 0) !== generation || !isActiveLocalUser(user)) {
      throw new Failure(
        'password_reset_used',
        'The link was used, or the address, password, status or identity changed after it was sent',
      );
    }
    if (now.getTime() >= Date.parse(expiresAt)) {
      throw new Failure('password_reset_expired', 'This link has expired', {
        details: { expired: expiresAt },
      });
    }
    return user;
  },
  getExpiresAt: (_user, { expiresAt }) => expiresAt,
  // The link proves control of the mailbox, and no more than the email carries.
  buildChanges: ({ credentialLimits }) => ({
    emailVerified: true,
    emailVerifiedBy: 'holder',
    credentialLimits: replaceLimits(credentialLimits, { password: credentialLimits?.email }),
  }),
});
