import type { Timestamp } from '../kernel/time.ts';
import type { Principal } from '../access/principal.ts';
import type { CredentialLimit } from '../credential-limits/credential-limit.ts';

/**
 * Caller who granted the roles of an invitation. False flags are absent, because the item of an
 * invited user is close to 1 KiB.
 */
export type Inviter = (AppClientInviter | SubjectInviter) & {
  readonly systemAdministrator?: true;
  /** Time of the grant, if it differs from the time of the invitation. */
  readonly grantedAt?: Timestamp;
};

type AppClientInviter = Required<Pick<Principal, 'appClient'>>;

interface SubjectInviter extends Pick<Principal, 'issuer' | 'subject' | 'roles'> {
  readonly appClient?: undefined;
  readonly subjectIsUser?: true;
}

/** Invitation of a user. A field of the user, so one write creates both. */
export interface Invitation {
  readonly invitationId: string;
  /** Starts at 1. Each new link increments it and invalidates earlier links. */
  readonly version: number;
  /** Key that signs the link of this version. */
  readonly keyId: string;
  /** Only a mailed link verifies the email. */
  readonly channel: 'mail' | 'copy';
  /** Limit of a password set by a copied link, which the caller has seen. */
  readonly limit?: CredentialLimit | undefined;
  readonly invitedAt: Timestamp;
  /** `sub` of the caller who created this version. */
  readonly invitedBy: string;
  readonly expiresAt: Timestamp;
  readonly inviter: Inviter;
  readonly acceptedAt?: Timestamp | undefined;
  /** Roles that were deleted, or that the inviter could no longer grant, at acceptance. */
  readonly refusedRoles?: readonly string[] | undefined;
  readonly revocation?: { readonly at: Timestamp; readonly by: string } | undefined;
}

export const invitationStatuses = ['pending', 'accepted', 'expired', 'revoked'] as const;
export type InvitationStatus = (typeof invitationStatuses)[number];

export function getInvitationStatus(
  {
    acceptedAt,
    revocation,
    expiresAt,
  }: Pick<Invitation, 'acceptedAt' | 'expiresAt'> & { readonly revocation?: object | undefined },
  now: Date,
): InvitationStatus {
  if (acceptedAt !== undefined) return 'accepted';
  if (revocation !== undefined) return 'revoked';
  return now.getTime() < Date.parse(expiresAt) ? 'pending' : 'expired';
}
