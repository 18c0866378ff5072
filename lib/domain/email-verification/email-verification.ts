import type { CredentialLimit } from '../credential-limits/credential-limit.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import { createLinkToken, type LinkSigner } from '../links/link.ts';

/** Latest requested link that verifies the email of a user, or a new email that replaces it. */
export interface EmailVerification {
  /** Version of the user after the request. */
  readonly version: number;
  /** Email that replaces the current one. Absent in a link to the current one, and in a used link. */
  readonly newEmail?: string | undefined;
  /** Key that signs the link. */
  readonly keyId: string;
  readonly requestedAt: Timestamp;
  /** Limit of the credential with which the account holder requested a new email. */
  readonly limit?: CredentialLimit | undefined;
  readonly isUsed?: boolean | undefined;
}

/** Lifetime of a verification link. */
const verificationLifetimeMs: DurationMs = 24 * 60 * 60_000;

export const getVerificationEnd = ({ requestedAt }: Pick<EmailVerification, 'requestedAt'>): Date =>
  new Date(Date.parse(requestedAt) + verificationLifetimeMs);

/** Finds the new email that replaces the current one when its link is used. */
export const findPendingEmail = (
  verification: Pick<EmailVerification, 'newEmail' | 'requestedAt'> | undefined,
  now: Date,
): string | undefined =>
  verification && now < getVerificationEnd(verification) ? verification.newEmail : undefined;

/** Parts of a user that are in a link. */
interface LinkHolder {
  readonly tenantId: string;
  readonly userId: string;
  /** Absent for a user without an email who sets one. */
  readonly email?: string | undefined;
}

/** Builds the parts of the MAC that the token of a verification link does not contain. */
export const toIssuedLink = (
  { email }: Pick<LinkHolder, 'email'>,
  { newEmail = email, keyId, requestedAt }: EmailVerification,
) => ({ id: requestedAt, email: newEmail ?? '', keyId });

/** Builds the token of a verification link. */
export const buildVerificationToken = (
  user: LinkHolder,
  verification: EmailVerification,
  links: LinkSigner,
): Promise<string> => {
  const { tenantId, userId } = user;
  const { version } = verification;
  const link = { tenantId, userId, version, ...toIssuedLink(user, verification) };
  return createLinkToken('email_verification', link, links);
};
