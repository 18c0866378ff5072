import type { Language } from '../mail/language.ts';
import type { Tenant } from '../tenants/tenant.ts';

/** Builds the URL of an invitation link. Pages come from the tenant, never from a request. */
export const buildInvitationUrl = (
  { acceptUrl, origin }: Pick<Tenant, 'acceptUrl' | 'origin'>,
  token: string,
  language: Language,
): string => `${acceptUrl ?? `${origin}/accept`}#token=${token}&locale=${language}`;

/** Builds the URL of a password reset link. */
export const buildResetUrl = (
  { resetUrl, origin }: Pick<Tenant, 'resetUrl' | 'origin'>,
  token: string,
  language: Language,
): string => `${resetUrl ?? `${origin}/reset`}#token=${token}&locale=${language}`;

/** Builds the URL of a link that confirms a credential. */
export const buildConfirmationUrl = (
  { confirmUrl, origin }: Pick<Tenant, 'confirmUrl' | 'origin'>,
  token: string,
  language: Language,
): string => `${confirmUrl ?? `${origin}/confirm`}#token=${token}&locale=${language}`;

/** Builds the URL of a link that verifies an email. */
export const buildVerificationUrl = (
  { verifyUrl, origin }: Pick<Tenant, 'verifyUrl' | 'origin'>,
  token: string,
  language: Language,
): string => `${verifyUrl ?? `${origin}/verify`}#token=${token}&locale=${language}`;
