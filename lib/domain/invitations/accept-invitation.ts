import { type AppClientStore, isLive } from '../app-clients.ts';
import type { Call } from '../call.ts';
import { canonicalEmail } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { hexOf, idOf, type IdPrefix } from '../ids.ts';
import { linkMessage, type LinkVerifier, parseLinkToken } from '../links.ts';
import type { HashingCost } from '../passwords.ts';
import { type Permission, permissionsOf } from '../roles.ts';
import type { TenantStore, TenantWithRoles } from '../tenants.ts';
import { type ChangeDependencies, changeUser } from '../users/change-user.ts';
import { wordsAround } from '../users/create-user.ts';
import { subjectReference } from '../users/own-user.ts';
import { newHash } from '../users/update-user.ts';
import type { User } from '../users/user.ts';
import { type EventSource, isEventSource, registrationOf } from './event-sources.ts';
import { type Guarantor, type Invitation, type Invited, statusOf } from './invitation.ts';

interface Dependencies extends ChangeDependencies {
  readonly tenants: TenantStore;
  readonly appClients: Pick<AppClientStore, 'get'>;
  readonly links: LinkVerifier;
  /** The key that new links are made with. */
  readonly linkKeyId: string;
  readonly idPrefix: IdPrefix;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
  /** The systems that may ask for invitations today. */
  readonly inviteSources: readonly EventSource[];
}

/** What is presented, and by which request. */
export interface Presented {
  readonly token: string;
  /** The tenant that the request names besides, by its host or a header; the token has to be of the same. */
  readonly named: { readonly slug?: string | undefined; readonly tenantId?: string | undefined };
  readonly requestId: string;
  readonly dialect: string;
  /** Epoch milliseconds. */
  readonly deadline: number;
}

/** An invitation that can be accepted, as the person is shown it. */
export interface Open {
  readonly user: Invited;
  readonly tenant: TenantWithRoles;
  /** What the password must not be built around. */
  readonly words: readonly string[];
}

/**
 * Looks an invitation up by the token of its link, and changes nothing. Throws `not_found` for whatever is no genuine token,
 * `invitation_expired`, `invitation_used` or `invitation_revoked` for one that was, `forbidden` while the tenant is suspended.
 */
export async function inspectInvitation(presented: Presented, deps: Dependencies): Promise<Open> {
  const { user, tenant, version } = await genuine(presented, deps);
  assertOpen(user, version, deps.now());
  // Nobody is asked for a password that would not be taken.
  await presentPermissions(user.invitation.guarantor, tenant, deps);
  const words = wordsAround(user, { tenant } as Call).filter((word) => word !== undefined);
  return { user, tenant, words };
}

/**
 * Accepts an invitation: once, the user is active and has this password; the e-mail is verified if that is how the link came.
 * Roles that have gone, or that who gave them could not give now, are left out. Throws what inspecting throws, and `password_rejected`.
 */
export async function acceptInvitation(password: string, presented: Presented, deps: Dependencies): Promise<Open> {
  const { user, tenant, version } = await genuine(presented, deps);
  const call: Call = {
    principal: {
      // Whoever has the link is the person that it invites.
      issuer: `invitation:${user.invitation.invitationId}`,
      subject: idOf(deps.idPrefix, 'user', hexOf(user.userId)),
      subjectIsUser: true,
      tenantId: tenant.tenantId,
      systemAdministrator: false,
      roles: [],
      permissions: [],
    },
    tenant,
    dialect: presented.dialect,
    requestId: presented.requestId,
    deadline: presented.deadline,
    decisions: [],
  };
  const change = async (now: User) => {
    if (!isSameLink(now, user)) throw unknownLink();
    assertOpen(now, version, deps.now());
    const roles = await grantable(now, tenant, deps);
    const refusedRoles = now.roles.filter((slug) => !roles.includes(slug));
    const passwordHash = await newHash(password, now, call, deps);
    const accepted = deps.now();
    // Hashing takes its time.
    assertOpen(now, version, accepted);
    const invitation: Invitation = {
      ...now.invitation,
      accepted: accepted.toISOString(),
      ...(refusedRoles.length > 0 && { refusedRoles }),
    };
    const emailVerified = now.emailVerified || now.invitation.channel === 'mail';
    return { fields: { status: 'active', emailVerified, roles, invitation } as const, passwordHash };
  };
  const accepted = await changeUser({ action: 'acceptInvitation', reference: { userId: user.userId }, self: true, change }, call, deps);
  return { user: accepted as Invited, tenant, words: [] };
}

const unknownLink = (): Failure => new Failure('not_found', 'This link is not one of ours');

interface Genuine {
  readonly user: Invited;
  readonly tenant: TenantWithRoles;
  /** Of the link, which may be an older one than the last that was made. */
  readonly version: number;
}

/** In place of a user that there is not: what is not genuine takes the same steps as what is. */
const nobody = { email: 'nobody@example.com', invitation: { invitationId: '', keyId: undefined } };

async function genuine({ token, named }: Presented, deps: Dependencies): Promise<Genuine> {
  const link = parseLinkToken(token);
  if (!link) throw unknownLink();
  const { tenantId, userId, version, mac } = link;
  const [tenant, found] = await Promise.all([deps.tenants.find(tenantId), deps.users.get(tenantId, { userId }, false)]);
  const { invitation, email } = found && isInvited(found) ? found : nobody;
  const message = linkMessage('invitation', { tenantId, userId, id: invitation.invitationId, email, version });
  const isGenuine = await deps.links.verify(invitation.keyId ?? deps.linkKeyId, message, mac);
  const isNamed = (named.slug ?? tenant?.slug) === tenant?.slug && (named.tenantId ?? tenantId) === tenantId;
  if (!isGenuine || !isNamed || !tenant || !found || !isInvited(found)) throw unknownLink();
  if (tenant.status !== 'active') throw new Failure('forbidden', 'This tenant is suspended');
  return { user: found, tenant, version };
}

/** A deleted user is nobody. */
const isInvited = (user: User): user is Invited => user.invitation !== undefined && user.status !== 'deleted';

const isSameLink = (user: User, verified: Invited): user is Invited =>
  isInvited(user) &&
  user.invitation.invitationId === verified.invitation.invitationId &&
  canonicalEmail(user.email) === canonicalEmail(verified.email);

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
  const held = await presentPermissions(guarantor, tenant, deps);
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
  return permissionsOf('userId' in reference ? (user?.roles ?? []) : guarantor.roles, tenant.roles);
}

const inviterGone = (): Failure =>
  new Failure('invitation_revoked', 'Who sent this invitation can invite no more', { details: { reason: 'inviter_gone' } });
