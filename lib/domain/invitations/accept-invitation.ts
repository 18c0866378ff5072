import {
  type AppClientStore,
  findLiveSecret,
  isLive,
  liveSecrets,
} from '../app-clients/app-client.ts';
import { canonicalEmail } from '../kernel/canonical.ts';
import { limitPermissions, replaceLimits } from '../credential-limits/credential-limit.ts';
import { Failure } from '../kernel/failure.ts';
import {
  type ByLink,
  choosePassword,
  inspectLink,
  type LinkDependencies,
  type OpenLink,
  type PasswordLinks,
  type Presented,
  unknownLink,
} from '../links/redeem-link.ts';
import { type Permission, permissionsOf } from '../roles/role.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { needsOwnPassword } from '../credential-limits/inactive-permissions.ts';
import { subjectReference } from '../users/find-caller-user.ts';
import type { User } from '../users/user.ts';
import { type EventSource, isEventSource, registrationOf } from './invite-sources.ts';
import { type Invitation, type Invited, statusOf } from './invitation.ts';

interface Dependencies extends LinkDependencies {
  readonly appClients: Pick<AppClientStore, 'get'>;
  /** The systems that may ask for invitations today. */
  readonly inviteSources: readonly EventSource[];
}

/**
 * Looks an invitation up by the token of its link, and changes nothing. Throws `not_found` for whatever is no genuine token,
 * `invitation_expired`, `invitation_used` or `invitation_revoked` for one that was, `tenant_suspended`.
 */
export async function inspectInvitation(
  presented: Presented,
  deps: Dependencies,
): Promise<OpenLink> {
  return inspectLink(presented, invitationLinks(deps), deps);
}

/**
 * Accepts an invitation: once, the user is active and has this password; the e-mail is verified if that is how the link came.
 * Roles that have gone, or that who gave them could not give now, are left out. Throws what inspecting throws, and `password_rejected`.
 */
export async function acceptInvitation(
  password: string,
  presented: Presented,
  deps: Dependencies,
): Promise<ByLink> {
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
  sentTo: async (user) =>
    user?.invitation && {
      id: user.invitation.invitationId,
      keyId: user.invitation.keyId,
      email: user.email,
    },
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

const isSameLink = (user: User, { id, email }: InvitationLink): user is Invited =>
  user.invitation?.invitationId === id && canonicalEmail(user.email) === canonicalEmail(email);

function assertOpen({ status, invitation }: Invited, version: number, now: Date): void {
  const revoked = (reason: string, message: string) =>
    new Failure('invitation_revoked', message, { details: { reason } });
  if (invitation.accepted !== undefined)
    throw new Failure('invitation_used', 'This invitation is already accepted');
  if (version !== invitation.version)
    throw revoked('superseded', 'A newer link replaced this invitation link');
  if (invitation.revoked !== undefined || status !== 'invite_pending')
    throw revoked('revoked', 'This invitation was revoked');
  if (statusOf(invitation, now) === 'expired') {
    throw new Failure('invitation_expired', 'This invitation has expired', {
      details: { expired: invitation.expires },
    });
  }
}

/**
 * The user's roles that still exist and that the inviter could give now. The owner keeps all of them: an inviter who lost rights must not
 * be able to take them from the owner.
 */
async function grantable(
  { userId, roles, invitation }: Invited,
  tenant: TenantWithRoles,
  deps: Dependencies,
): Promise<readonly string[]> {
  const { guarantor } = invitation;
  const held = await presentPermissions(invitation, tenant, deps);
  const isUnlimited = guarantor.systemAdministrator === true || tenant.ownerUserId === userId;
  const isHeld = (permissions: readonly Permission[]) =>
    held.some((set) => permissions.every((permission) => set.includes(permission)));
  return roles.filter(
    (slug) =>
      tenant.roles.has(slug) && (isUnlimited || isHeld(permissionsOf([slug], tenant.roles))),
  );
}

/**
 * Permissions of the inviter as they are now, a set for each credential that could give them. Throws `invitation_revoked` for a user
 * who is no longer active or no longer has the identity, an app client that is revoked or expired, and a system that is no longer
 * registered.
 */
async function presentPermissions(
  { guarantor, time }: Invitation,
  tenant: TenantWithRoles,
  { users, appClients, inviteSources, now }: Dependencies,
): Promise<readonly (readonly Permission[])[]> {
  if (guarantor.appClient) {
    const { tenantId, appClientId, secretId } = guarantor.appClient;
    const appClient = await appClients.get(tenantId, appClientId);
    if (!appClient || !isLive(appClient, now())) throw inviterGone();
    const used = findLiveSecret(appClient, secretId, now());
    // A rotated secret leaves the invitation to its successors.
    const secrets = used ? [used] : liveSecrets(appClient, now());
    return secrets.map(({ limit }) =>
      limitPermissions(permissionsOf(appClient.roles, tenant.roles), limit),
    );
  }
  // Their accounts are in no tenant, or in another.
  if (guarantor.systemAdministrator) return [];
  if (isEventSource(guarantor)) {
    const registered = registrationOf(guarantor, tenant.tenantId, inviteSources);
    if (!registered) throw inviterGone();
    return [permissionsOf(registered.roles, tenant.roles)];
  }
  const reference = subjectReference({
    ...guarantor,
    subjectIsUser: guarantor.subjectIsUser === true,
  });
  const user = await users.get(tenant.tenantId, reference, false);
  if ('userId' in reference) {
    if (user?.status !== 'active') throw inviterGone();
    const assigned = permissionsOf(user.roles, tenant.roles);
    return [
      needsOwnPassword(user, tenant)
        ? []
        : limitPermissions(assigned, user.credentialLimits?.password),
    ];
  }
  if (user && user.status !== 'active') throw inviterGone();
  const former = await users.findFormerIdentity(tenant.tenantId, reference.identity);
  // The inviter had an account, and has lost it or its identity since.
  if (former && !(user && former.isOf(user)) && former.endedTime >= (guarantor.time ?? time))
    throw inviterGone();
  // The roles in the claims of the token: users of other issuers have their rights from there.
  return [permissionsOf(guarantor.roles, tenant.roles)];
}

const inviterGone = (): Failure =>
  new Failure('invitation_revoked', 'The inviter can no longer invite users', {
    details: { reason: 'inviter_gone' },
  });
