import { replaceLimits } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { RedeemedLink } from '../links/redeem-link.ts';
import {
  changeByLink,
  type IssuedLink,
  type IssuedLinkType,
  linkNotFound,
  type LinkRequest,
  type VerifyLinkDependencies,
  verifyLink,
} from '../links/verify-link.ts';
import { assertMayChangeCredentials } from '../tenants/ownership.ts';
import type { User } from '../users/user.ts';
import { type EmailVerification, getVerificationEnd, toIssuedLink } from './email-verification.ts';

/** Open verification link, for the page that shows it. */
export interface VerificationDetails extends RedeemedLink {
  /** Address that the link verifies. */
  readonly email: string;
  readonly expiresAt: Timestamp;
}

type VerificationLink = IssuedLink & Pick<EmailVerification, 'limit'>;

const verificationLinkType: IssuedLinkType<VerificationLink> = {
  kind: 'email_verification',
  findIssuedLink: async (user) =>
    user?.emailVerification && {
      ...toIssuedLink(user, user.emailVerification),
      limit: user.emailVerification.limit,
    },
};

/**
 * Verifies a link without changing anything. Throws `not_found` unless it is the latest link of the
 * user, `tenant_suspended`, `email_verification_expired` and `email_verification_used`.
 */
export async function inspectVerification(
  request: LinkRequest,
  deps: VerifyLinkDependencies,
): Promise<VerificationDetails> {
  const { tenant, user, version } = await verifyLink(request, verificationLinkType, deps);
  const verification = getOpenVerification(user, version, deps.now());
  const expiresAt = getVerificationEnd(verification).toISOString();
  return { user, tenant, email: verification.newEmail ?? user.email ?? '', expiresAt };
}

/**
 * Marks the email of a link as verified by its holder, once. A new email replaces the current one
 * and takes the limit of the credential that requested it. Throws like `inspectVerification`,
 * `user_exists` if another user has the new email, or `forbidden`.
 */
export async function completeVerification(
  request: LinkRequest,
  deps: VerifyLinkDependencies,
): Promise<RedeemedLink> {
  const { tenant, user, link, version } = await verifyLink(request, verificationLinkType, deps);
  const updatedUser = await changeByLink(
    {
      action: 'verifyEmail',
      issuer: `email-verification:${version}`,
      user,
      tenant,
      request,
      limit: link.limit,
      change: async (current, context) => {
        const verification = getOpenVerification(current, version, deps.now());
        if (verification.newEmail !== undefined)
          await assertMayChangeCredentials(current, context, deps);
        return { fields: buildVerifiedFields(current, verification) };
      },
    },
    deps,
  );
  return { user: updatedUser, tenant };
}

/** Returns the verification of a link. Throws unless the link is open. */
function getOpenVerification(
  { emailVerification }: User,
  version: number,
  now: Date,
): EmailVerification {
  if (emailVerification?.version !== version) throw linkNotFound();
  if (emailVerification.isUsed)
    throw new Failure('email_verification_used', 'This link was already used');
  const end = getVerificationEnd(emailVerification);
  if (now >= end) {
    throw new Failure('email_verification_expired', 'This link has expired', {
      details: { expired: end.toISOString() },
    });
  }
  return emailVerification;
}

function buildVerifiedFields(
  { credentialLimits }: User,
  { newEmail, limit, ...verification }: EmailVerification,
): Partial<User> {
  return {
    emailVerified: true,
    emailVerifiedBy: 'holder',
    emailVerification: { ...verification, isUsed: true },
    ...(newEmail !== undefined && {
      email: newEmail,
      credentialLimits: replaceLimits(credentialLimits, { email: limit }),
    }),
  };
}
