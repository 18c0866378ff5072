import { replaceLimits } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import {
  type RedeemedLink,
  redeemLink,
  inspectLink,
  type LinkDependencies,
  type LinkDetails,
  type LinkType,
  type LinkRequest,
} from '../links/redeem-link.ts';
import { isActiveLocalUser, type User } from '../users/user.ts';
import { hashEmail, type ResetLink } from './password-reset.ts';
import type { PasswordResetStore } from './password-reset-store.ts';

export interface CompleteResetDependencies extends LinkDependencies {
  readonly resets: PasswordResetStore;
}

/**
 * Looks at the link for a new password by its token, and changes nothing. Throws `not_found` for whatever is no genuine token of
 * the last link that was mailed, `password_reset_expired` after its hour, `password_reset_used` once the account has changed in any way
 * since, `tenant_suspended`.
 */
export async function inspectReset(
  request: LinkRequest,
  deps: CompleteResetDependencies,
): Promise<LinkDetails> {
  return inspectLink(request, createResetLinkType(deps), deps);
}

/**
 * Sets the password by such a link: once, since that changes the account. It came by mail, and so proves the e-mail. Throws what
 * looking at it throws, and `password_rejected`.
 */
export async function completeReset(
  password: string,
  request: LinkRequest,
  deps: CompleteResetDependencies,
): Promise<RedeemedLink> {
  return redeemLink(password, request, createResetLinkType(deps), deps);
}

const createResetLinkType = ({ resets }: CompleteResetDependencies): LinkType<ResetLink, User> => ({
  kind: 'password_reset',
  issuer: 'password-reset',
  action: 'resetPassword',
  findIssuedLink: async (_user, { tenantId, email }) =>
    (await resets.get(tenantId, hashEmail(email)))?.link,
  assertUsable: (user, { generation, expiresAt: expires }, _version, now) => {
    if ((user.resetGeneration ?? 0) !== generation || !isActiveLocalUser(user)) {
      throw new Failure(
        'password_reset_used',
        'The link was used, or the address, password, status or identity changed after it was sent',
      );
    }
    if (now.getTime() >= Date.parse(expires)) {
      throw new Failure('password_reset_expired', 'This link has expired', {
        details: { expired: expires },
      });
    }
    return user;
  },
  getExpiresAt: (_user, { expiresAt: expires }) => expires,
  // The link proves control of the mailbox, and no more than the email carries.
  buildChanges: ({ credentialLimits }) => ({
    emailVerified: true,
    emailVerifiedBy: 'holder',
    credentialLimits: replaceLimits(credentialLimits, { password: credentialLimits?.email }),
  }),
});
