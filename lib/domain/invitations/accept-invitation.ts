import { canonicalizeEmail } from '../kernel/canonical.ts';
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
import { linkNotFound, type LinkRequest } from '../links/verify-link.ts';
import { hasEmail, type InvitedUser, type User } from '../users/user.ts';
import { type GrantDependencies, selectGrantableRoles } from './grantable-roles.ts';
import { getInvitationStatus, type Invitation } from './invitation.ts';

export type AcceptInvitationDependencies = LinkDependencies & GrantDependencies;

/**
 * Verifies an invitation link without changing anything. Throws `not_found`, `tenant_suspended`,
 * `invitation_expired`, `invitation_used` or `invitation_revoked`.
 */
export async function inspectInvitation(
  request: LinkRequest,
  deps: AcceptInvitationDependencies,
): Promise<LinkDetails> {
  return inspectLink(request, createInvitationLinkType(deps), deps);
}

/**
 * Accepts an invitation: sets the password, activates the user, and verifies the email if the link
 * was mailed. Omits deleted roles and roles that the inviter can no longer grant. Throws like
 * `inspectInvitation`, and `password_rejected`.
 */
export async function acceptInvitation(
  input: { readonly password: string; readonly request: LinkRequest },
  deps: AcceptInvitationDependencies,
): Promise<RedeemedLink> {
  return redeemLink(input, createInvitationLinkType(deps), deps);
}

/** State of the invitation when its link was verified. */
interface InvitationLink {
  readonly id: string;
  readonly keyId: string;
  readonly email: string;
}

const createInvitationLinkType = (
  deps: AcceptInvitationDependencies,
): LinkType<InvitationLink, InvitedUser> => ({
  kind: 'invitation',
  issuer: 'invitation',
  action: 'acceptInvitation',
  findIssuedLink: async (user) =>
    user?.invitation && hasEmail(user)
      ? {
          id: user.invitation.invitationId,
          keyId: user.invitation.keyId,
          email: user.email,
        }
      : undefined,
  assertUsable: ({ user, link, version }, now) => {
    if (!isSameInvitation(user, link)) throw linkNotFound();
    assertPending(user, version, now);
    return user;
  },
  getExpiresAt: ({ invitation }) => invitation.expiresAt,
  buildChanges: async (user, tenant, now) => {
    const roles = await selectGrantableRoles(user, tenant, deps);
    const refusedRoles = user.roles.filter((slug) => !roles.includes(slug));
    const invitation: Invitation = {
      ...user.invitation,
      acceptedAt: now.toISOString(),
      ...(refusedRoles.length > 0 && { refusedRoles }),
    };
    const { channel, limit } = user.invitation;
    const limits =
      channel === 'mail' ? { password: undefined, email: undefined } : { password: limit };
    return {
      status: 'active',
      ...(channel === 'mail' && { emailVerified: true, emailVerifiedBy: 'holder' }),
      credentialLimits: replaceLimits(user.credentialLimits, limits),
      roles,
      invitation,
    };
  },
});

const isSameInvitation = (user: User, { id, email }: InvitationLink): user is InvitedUser =>
  user.invitation?.invitationId === id &&
  user.email !== undefined &&
  canonicalizeEmail(user.email) === canonicalizeEmail(email);

function assertPending({ status, invitation }: InvitedUser, version: number, now: Date): void {
  const invitationRevoked = (reason: string, message: string) =>
    new Failure('invitation_revoked', message, { details: { reason } });
  if (invitation.acceptedAt !== undefined)
    throw new Failure('invitation_used', 'This invitation is already accepted');
  if (version !== invitation.version)
    throw invitationRevoked('superseded', 'A newer link replaced this invitation link');
  if (invitation.revocation !== undefined || status !== 'invite_pending')
    throw invitationRevoked('revoked', 'This invitation was revoked');
  if (getInvitationStatus(invitation, now) === 'expired') {
    throw new Failure('invitation_expired', 'This invitation has expired', {
      details: { expired: invitation.expiresAt },
    });
  }
}
