import type { CredentialLimit } from '../credential-limits/credential-limit.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import { createLinkToken, type LinkSigner } from '../links/link.ts';

/** Latest requested link that verifies the email of a user, or a new email that replaces it. */
export interface EmailVerification {
  /** Version of the user after the request. */
  readonly version: number;
  /** Address that receives the link. */
  readonly email: string;
  /** Key that signs the link. */
  readonly keyId: string;
  readonly requestedAt: Timestamp;
  /** Limit of the credential with which the account holder requested a new email. */
  readonly limit?: CredentialLimit | undefined;
  /** Absent until the link is used. */
  readonly usedAt?: Timestamp | undefined;
}

/** Lifetime of a verification link. */
const verificationLifetimeMs: DurationMs = 24 * 60 * 60_000;

export const getVerificationEnd = ({ requestedAt }: Pick<EmailVerification, 'requestedAt'>): Date =>
  new Date(Date.parse(requestedAt) + verificationLifetimeMs);

interface VerifyingUser {
  readonly email: string;
  readonly emailVerification?:
    | Pick<EmailVerification, 'email' | 'requestedAt' | 'usedAt'>
    | undefined;
}

/** True if an unused link would replace the email of the user. */
export const hasNewEmail = ({ email, emailVerification }: VerifyingUser): boolean =>
  emailVerification !== undefined &&
  emailVerification.usedAt === undefined &&
  emailVerification.email !== email;

/** Finds the new email that replaces the current one when its link is used. */
export const findPendingEmail = (user: VerifyingUser, now: Date): string | undefined =>
  user.emailVerification && hasNewEmail(user) && now < getVerificationEnd(user.emailVerification)
    ? user.emailVerification.email
    : undefined;

/** Builds the parts of the MAC that the token of a verification link does not contain. */
export const toIssuedLink = ({ email, keyId, requestedAt }: EmailVerification) => ({
  id: requestedAt,
  email,
  keyId,
});

/** Builds the token of a verification link. */
export const buildVerificationToken = (
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  verification: EmailVerification,
  links: LinkSigner,
): Promise<string> =>
  createLinkToken(
    'email_verification',
    { tenantId, userId, version: verification.version, ...toIssuedLink(verification) },
    links,
  );
