import { replaceLimits } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import {
  type ByLink,
  choosePassword,
  inspectLink,
  type LinkDependencies,
  type OpenLink,
  type PasswordLinks,
  type Presented,
} from '../links/redeem-link.ts';
import { signsInHere } from '../users/signs-in-here.ts';
import type { User } from '../users/user.ts';
import { addressHashOf, type PasswordResets, type ResetLink } from './password-reset.ts';

interface Dependencies extends LinkDependencies {
  readonly resets: PasswordResets;
}

/**
 * Looks at the link for a new password by its token, and changes nothing. Throws `not_found` for whatever is no genuine token of
 * the last link that was mailed, `password_reset_expired` after its hour, `password_reset_used` once the account has changed in any way
 * since, `tenant_suspended`.
 */
export async function inspectReset(presented: Presented, deps: Dependencies): Promise<OpenLink> {
  return inspectLink(presented, resetLinks(deps), deps);
}

/**
 * Sets the password by such a link: once, since that changes the account. It came by mail, and so proves the e-mail. Throws what
 * looking at it throws, and `password_rejected`.
 */
export async function completeReset(
  password: string,
  presented: Presented,
  deps: Dependencies,
): Promise<ByLink> {
  return choosePassword(password, presented, resetLinks(deps), deps);
}

const resetLinks = ({ resets }: Dependencies): PasswordLinks<ResetLink, User> => ({
  kind: 'password_reset',
  issuer: 'password-reset',
  action: 'resetPassword',
  sentTo: async (_user, { tenantId, email }) =>
    (await resets.get(tenantId, addressHashOf(email)))?.link,
  holder: (user, { generation, expires }, _version, now) => {
    if ((user.resetGeneration ?? 0) !== generation || !signsInHere(user)) {
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
  expires: (_user, { expires }) => expires,
  // The link proves control of the mailbox, and no more than the email carries.
  changes: ({ credentialLimits }) => ({
    emailVerified: true,
    emailVerifiedBy: 'holder',
    credentialLimits: replaceLimits(credentialLimits, { password: credentialLimits?.email }),
  }),
});
