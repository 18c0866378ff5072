import { type AppClientStore, isLive } from '../app-clients.ts';
import { canonicalEmail } from '../canonical.ts';
import { limitPermissions, replaceLimits } from '../credentials/credential-limit.ts';
import { Failure } from '../failure.ts';
import {
  type ByLink,
  choosePassword,
  inspectLink,
  type LinkDependencies,
  type OpenLink,
  type PasswordLinks,
  type Presented,
  unknownLink,
} from '../links/choose-password.ts';
import { type Permission, permissionsOf } from '../roles.ts';
import type { TenantWithRoles } from '../tenants.ts';
import { subjectReference } from '../users/own-user.ts';
import type { User } from '../users/user.ts';
import { type EventSource, isEventSource, registrationOf } from './event-sources.ts';
import { type Guarantor, type Invitation, type Invited, statusOf } from './invitation.ts';

interface Dependencies extends LinkDependencies {
  readonly appClients: Pick<AppClientStore, 'get'>;
  /** The systems that may ask for invitations today. */
  readonly inviteSources: readonly EventSource[];
}

/**
 * Looks an invitation up by the token of its link, and changes nothing. Throws `not_found` for whatever is no genuine token,
 * `invitation_expired`, `invitation_used` or `invitation_revoked` for one that was, `tenant_suspended`.
 */
export async function inspectInvitation(presented: Presented, deps: Dependencies): Promise<OpenLink> {
  return inspectLink(presented, invitationLinks(deps), deps);
}

/**
 * Accepts an invitation: once, the user is active and has this password; the e-mail is verified if that is how the link came.
 * Roles that have gone, or that who gave them could not give now, are left out. Throws what inspecting throws, and `password_rejected`.
 */
export async function acceptInvitation(password: string, presented: Presented, deps: Dependencies): Promise<ByLink> {
  return choosePassword(password, presented, invitationLinks(deps), deps);
}

/** The invitation as it was when the link was found genuine. */
interface InvitationLink {
  readonly id: string;
  readonly keyId: string;
  readonly email: string;
}

const invitationLinks = (deps: Dependencies): PasswordLinks<InvitationLink, Invited> => ({
  kind: 'invitation',
  issuer: 'invitation',
  action: 'acceptInvitation',
  sentTo: async (user) => user?.invitation && { id: user.invitation.invitationId, keyId: user.invitation.keyId, email: user.email },
  holder: (user, link, version, now) => {
    if (!isSameLink(user, link)) throw unknownLink();
    assertOpen(user, version, now);
    return user;
  },
  expires: ({ invitation }) => invitation.expires,
  changes: async (user, tenant, now) => {
    const roles = await grantable(user, tenant, deps);
    const refusedRoles = user.roles.filter((slug) => !roles.includes(slug));
    const invitation: Invitation = {
      ...user.invitation,
      accepted: now.toISOString(),
      ...(refusedRoles.length > 0 && { refusedRoles }),
    };
    const { channel, limit } = user.invitation;
    const lifted = channel === 'mail' ? { password: undefined, email: undefined } : { password: limit };
    return {
      status: 'active',
      ...(channel === 'mail' && { emailVerified: true, emailVerifiedBy: 'holder' }),
      credentialLimits: replaceLimits(user.credentialLimits, lifted),
      roles,
      invitation,
    };
  },
});

const isSameLink = (user: User, { id, email }: InvitationLink): user is Invited =>
  user.invitation?.invitationId === id && canonicalEmail(user.email) === canonicalEmail(email);

function assertOpen({ status, invitation }: Invited, version: number, now: Date): void {
  const revoked = (reason: string, message: string) => new Failure('invitation_revoked', message, { details: { reason } });
  if (invitation.accepted !== undefined) throw new Failure('invitation_used', 'This invitation has been accepted already');
  if (version !== invitation.version) throw revoked('superseded', 'There is a newer link to this invitation');
  if (invitation.revoked !== undefined || status !== 'invite_pending') throw revoked('revoked', 'This invitation has been withdrawn');
  if (statusOf(invitation, now) === 'expired') {
    throw new Failure('invitation_expired', 'This invitation has expired', { details: { expired: invitation.expires } });
  }
}

/** Of the user's roles those that there are, and that who answers for them could give today. */
async function grantable({ roles, invitation }: Invited, tenant: TenantWithRoles, deps: Dependencies): Promise<readonly string[]> {
  const { guarantor } = invitation;
  const held = limitPermissions(await presentPermissions(guarantor, tenant, deps), guarantor.limit);
  const isHeld = (permission: Permission) => guarantor.systemAdministrator || held.includes(permission);
  return roles.filter((slug) => tenant.roles.has(slug) && permissionsOf([slug], tenant.roles).every(isHeld));
}

/**
 * What somebody holds by now. Throws `invitation_revoked` for a user of this directory who is active no more, an app client that
 * is nobody any more, and a system that is not registered any more.
 */
async function presentPermissions(
  guarantor: Guarantor,
  tenant: TenantWithRoles,
  { users, appClients, inviteSources, now }: Dependencies,
): Promise<readonly Permission[]> {
  if (guarantor.appClient) {
    const appClient = await appClients.get(guarantor.appClient.tenantId, guarantor.appClient.appClientId);
    if (!appClient || !isLive(appClient, now())) throw inviterGone();
    return permissionsOf(appClient.roles, tenant.roles);
  }
  // They stand above tenants, and their accounts are in none or in another.
  if (guarantor.systemAdministrator) return [];
  if (isEventSource(guarantor)) {
    const registered = registrationOf(guarantor, tenant.tenantId, inviteSources);
    if (!registered) throw inviterGone();
    return permissionsOf(registered.roles, tenant.roles);
  }
  const reference = subjectReference(guarantor);
  const user = await users.get(tenant.tenantId, reference, false);
  const isGone = user === undefined ? 'userId' in reference : user.status !== 'active';
  if (isGone) throw inviterGone();
  // Their roles, and not those that they hold: whoever has set their password since has not invited anybody by it.
  return permissionsOf('userId' in reference ? (user?.roles ?? []) : guarantor.roles, tenant.roles);
}

const inviterGone = (): Failure =>
  new Failure('invitation_revoked', 'Who sent this invitation can invite no more', { details: { reason: 'inviter_gone' } });
