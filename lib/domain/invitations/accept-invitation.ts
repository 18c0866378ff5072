import { findActiveSecret, isActive, selectActiveSecrets } from '../app-clients/app-client.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { canonicalizeEmail } from '../kernel/canonical.ts';
import { limitPermissions, replaceLimits } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import {
  type RedeemedLink,
  redeemLink,
  inspectLink,
  type LinkDependencies,
  type LinkDetails,
  type LinkType,
  type LinkRequest,
  linkNotFound,
} from '../links/redeem-link.ts';
import { collectPermissions } from '../roles/role.ts';
import type { Permission } from '../access/permissions.ts';
import { toSubjectRef } from '../users/caller-account.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { needsOwnPassword } from '../credential-limits/inactive-permissions.ts';
import type { InvitedUser, User } from '../users/user.ts';
import { type InviteSource, isInviteSource, findInviteSource } from './invite-sources.ts';
import { getInvitationStatus, type Invitation } from './invitation.ts';

export interface AcceptInvitationDependencies extends LinkDependencies {
  readonly appClients: Pick<AppClientStore, 'get'>;
  /** The systems that may ask for invitations today. */
  readonly inviteSources: readonly InviteSource[];
}

/**
 * Looks an invitation up by the token of its link, and changes nothing. Throws `not_found` for whatever is no genuine token,
 * `invitation_expired`, `invitation_used` or `invitation_revoked` for one that was, `tenant_suspended`.
 */
export async function inspectInvitation(
  request: LinkRequest,
  deps: AcceptInvitationDependencies,
): Promise<LinkDetails> {
  return inspectLink(request, createInvitationLinkType(deps), deps);
}

/**
 * Accepts an invitation: once, the user is active and has this password; the e-mail is verified if that is how the link came.
 * Roles that have gone, or that who gave them could not give now, are left out. Throws what inspecting throws, and `password_rejected`.
 */
export async function acceptInvitation(
  password: string,
  request: LinkRequest,
  deps: AcceptInvitationDependencies,
): Promise<RedeemedLink> {
  return redeemLink(password, request, createInvitationLinkType(deps), deps);
}

/** The invitation as it was when the link was found genuine. */
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
    user?.invitation && {
      id: user.invitation.invitationId,
      keyId: user.invitation.keyId,
      email: user.email,
    },
  assertUsable: (user, link, version, now) => {
    if (!isSameLink(user, link)) throw linkNotFound();
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
    const lifted =
      channel === 'mail' ? { password: undefined, email: undefined } : { password: limit };
    return {
      status: 'active',
      ...(channel === 'mail' && { emailVerified: true, emailVerifiedBy: 'holder' }),
      credentialLimits: replaceLimits(user.credentialLimits, lifted),
      roles,
      invitation,
    };
  },
});

const isSameLink = (user: User, { id, email }: InvitationLink): user is InvitedUser =>
  user.invitation?.invitationId === id &&
  canonicalizeEmail(user.email) === canonicalizeEmail(email);

function assertPending({ status, invitation }: InvitedUser, version: number, now: Date): void {
  const revoked = (reason: string, message: string) =>
    new Failure('invitation_revoked', message, { details: { reason } });
  if (invitation.acceptedAt !== undefined)
    throw new Failure('invitation_used', 'This invitation is already accepted');
  if (version !== invitation.version)
    throw revoked('superseded', 'A newer link replaced this invitation link');
  if (invitation.revocation !== undefined || status !== 'invite_pending')
    throw revoked('revoked', 'This invitation was revoked');
  if (getInvitationStatus(invitation, now) === 'expired') {
    throw new Failure('invitation_expired', 'This invitation has expired', {
      details: { expired: invitation.expiresAt },
    });
  }
}

/**
 * The user's roles that still exist and that the inviter could give now. The owner keeps all of them: an inviter who lost rights must not
 * be able to take them from the owner.
 */
async function selectGrantableRoles(
  { userId, roles, invitation }: InvitedUser,
  tenant: TenantWithRoles,
  deps: AcceptInvitationDependencies,
): Promise<readonly string[]> {
  const { inviter } = invitation;
  const held = await resolveInviterPermissions(invitation, tenant, deps);
  const isUnlimited = inviter.systemAdministrator === true || tenant.ownerUserId === userId;
  const isHeld = (permissions: readonly Permission[]) =>
    held.some((set) => permissions.every((permission) => set.includes(permission)));
  return roles.filter(
    (slug) =>
      tenant.roles.has(slug) && (isUnlimited || isHeld(collectPermissions([slug], tenant.roles))),
  );
}

/**
 * Permissions of the inviter as they are now, a set for each credential that could give them. Throws `invitation_revoked` for a user
 * who is no longer active or no longer has the identity, an app client that is revoked or expired, and a system that is no longer
 * registered.
 */
async function resolveInviterPermissions(
  { inviter, invitedAt }: Invitation,
  tenant: TenantWithRoles,
  { users, appClients, inviteSources, now }: AcceptInvitationDependencies,
): Promise<readonly (readonly Permission[])[]> {
  if (inviter.appClient) {
    const { tenantId, appClientId, secretId } = inviter.appClient;
    const appClient = await appClients.get(tenantId, appClientId);
    if (!appClient || !isActive(appClient, now())) throw inviterNotAllowed();
    const used = findActiveSecret(appClient, secretId, now());
    // A rotated secret leaves the invitation to its successors.
    const secrets = used ? [used] : selectActiveSecrets(appClient, now());
    return secrets.map(({ limit }) =>
      limitPermissions(collectPermissions(appClient.roles, tenant.roles), limit),
    );
  }
  // Their accounts are in no tenant, or in another.
  if (inviter.systemAdministrator) return [];
  if (isInviteSource(inviter)) {
    const registered = findInviteSource(inviter, tenant.tenantId, inviteSources);
    if (!registered) throw inviterNotAllowed();
    return [collectPermissions(registered.roles, tenant.roles)];
  }
  const reference = toSubjectRef({
    ...inviter,
    subjectIsUser: inviter.subjectIsUser === true,
  });
  const user = await users.get(tenant.tenantId, reference, false);
  if ('userId' in reference) {
    if (user?.status !== 'active') throw inviterNotAllowed();
    const assigned = collectPermissions(user.roles, tenant.roles);
    return [
      needsOwnPassword(user, tenant)
        ? []
        : limitPermissions(assigned, user.credentialLimits?.password),
    ];
  }
  if (user && user.status !== 'active') throw inviterNotAllowed();
  const former = await users.findFormerIdentity(tenant.tenantId, reference.identity);
  // The inviter had an account, and has lost it or its identity since.
  if (former && !(user && former.isOf(user)) && former.endedAt >= (inviter.grantedAt ?? invitedAt))
    throw inviterNotAllowed();
  // The roles in the claims of the token: users of other issuers have their rights from there.
  return [collectPermissions(inviter.roles, tenant.roles)];
}

const inviterNotAllowed = (): Failure =>
  new Failure('invitation_revoked', 'The inviter can no longer invite users', {
    details: { reason: 'inviter_gone' },
  });
