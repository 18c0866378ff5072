import type { Principal } from '../access/principal.ts';
import type { CredentialLimit } from '../credential-limits/credential-limit.ts';

/** Caller who gave the roles of an invitation. Flags are absent if false, because the item of an invited user is close to 1 KiB. */
export type Inviter = (AppClientInviter | SubjectInviter) & {
  readonly systemAdministrator?: true;
  /** Time of the grant, if it differs from the time of the invitation. */
  readonly grantedAt?: string;
};

type AppClientInviter = Required<Pick<Principal, 'appClient'>>;

interface SubjectInviter extends Pick<Principal, 'issuer' | 'subject' | 'roles'> {
  readonly appClient?: undefined;
  readonly subjectIsUser?: true;
}

/** What asks a person to make an account their own. A field of the user, so that inviting is one with creating. */
export interface Invitation {
  /** Lower-case UUID. */
  readonly invitationId: string;
  /** Counts the links that were made, from 1: each kills the one before. */
  readonly version: number;
  /** The key that this version's link is made with. */
  readonly keyId: string;
  /** How the link gets to the person. Only one that came by mail proves whose mailbox it is. */
  readonly channel: 'mail' | 'copy';
  /** Limit of the password chosen by a copied link: the caller who copied it has seen the link. */
  readonly limit?: CredentialLimit | undefined;
  /** When, and by whom (the `sub` of the token), this version was made. ISO 8601. */
  readonly invitedAt: string;
  readonly invitedBy: string;
  /** ISO 8601; the first moment at which it cannot be accepted any more. */
  readonly expiresAt: string;
  readonly inviter: Inviter;
  readonly acceptedAt?: string | undefined;
  /** Roles that had gone, or outgrown the inviter, when it was accepted. */
  readonly refusedRoles?: readonly string[] | undefined;
  readonly revocation?: { readonly at: string; readonly by: string } | undefined;
}

export const invitationStatuses = ['pending', 'accepted', 'expired', 'revoked'] as const;
export type InvitationStatus = (typeof invitationStatuses)[number];

/** What became of an invitation by now. The stored time decides, to the millisecond. */
export function getInvitationStatus(
  { acceptedAt: accepted, revocation: revoked, expiresAt: expires }: Invitation,
  now: Date,
): InvitationStatus {
  if (accepted !== undefined) return 'accepted';
  if (revoked !== undefined) return 'revoked';
  return now.getTime() < Date.parse(expires) ? 'pending' : 'expired';
}
