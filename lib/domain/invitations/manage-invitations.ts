import type { RequestContext } from '../access/request-context.ts';
import type { IfMatch } from '../kernel/entity.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { UserRef, UserStore } from '../users/user-store.ts';
import { Failure } from '../kernel/failure.ts';
import { type LinkSigner, createLinkToken } from '../links/link.ts';
import type { Policy } from '../access/policy.ts';
import { assertMayChangeCredentials } from '../tenants/ownership.ts';
import { type ChangeDependencies, changeUser, userNotFound } from '../users/change-user.ts';
import type { InvitedUser, User } from '../users/user.ts';
import type { Delivery } from './delivery.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { assertInvitable, reinvite } from './reinvite.ts';
import { getInvitationStatus } from './invitation.ts';
import { buildInvitation, type InvitationSettings } from './invite.ts';

export interface InvitationDependencies extends ChangeDependencies, InvitationSettings {
  readonly policy: Policy;
  readonly tenants: TenantStore;
}

/** An invited user, and how the mail fares; undefined before anybody has tried to send one. */
export interface InvitationWithDelivery {
  readonly user: InvitedUser;
  readonly delivery: Delivery | undefined;
}

/** Throws `not_found` for a user who was never invited. */
export async function getInvitation(
  reference: UserRef | undefined,
  call: RequestContext,
  deps: { readonly policy: Policy; readonly users: UserStore; readonly deliveries: DeliveryStore },
): Promise<InvitationWithDelivery> {
  deps.policy.authorize(call, 'getUser', {});
  const user = reference && (await deps.users.get(call.tenant.tenantId, reference, false));
  if (!user || user.status === 'deleted') throw userNotFound();
  if (!user.invitation) throw invitationNotFound(user);
  return {
    user: user as InvitedUser,
    delivery: await deps.deliveries.get(user.tenantId, user.userId),
  };
}

/**
 * Invites a user again: mails a new link with a full lifetime and invalidates earlier links. Throws `not_invitable` for a user who does not
 * wait for an invitation, and `too_many_requests` within a minute of the last mail.
 */
export async function resendInvitation(
  reference: UserRef | undefined,
  ifMatch: IfMatch,
  call: RequestContext,
  deps: InvitationDependencies,
): Promise<InvitedUser> {
  deps.policy.authorize(call, 'inviteUser', {});
  return reinvite(reference, ifMatch, call, deps);
}

/** Makes every link of an invitation worthless. The user waits, until invited again or deleted. Throws `invalid_transition`. */
export async function revokeInvitation(
  reference: UserRef | undefined,
  ifMatch: IfMatch,
  call: RequestContext,
  deps: InvitationDependencies,
): Promise<InvitedUser> {
  deps.policy.authorize(call, 'inviteUser', {});
  const change = async (user: User) => {
    const { invitation } = user;
    if (!invitation) throw invitationNotFound(user);
    await assertMayChangeCredentials(user, call, deps);
    const status = getInvitationStatus(invitation, deps.now());
    if (status === 'accepted' || status === 'revoked') throw notRevocable(status);
    return {
      fields: {
        invitation: {
          ...invitation,
          revocation: { at: deps.now().toISOString(), by: call.principal.subject },
        },
      },
    };
  };
  return (await changeUser(
    { action: 'revokeInvitation', ref: reference, ifMatch, change },
    call,
    deps,
  )) as InvitedUser;
}

/**
 * Makes a new link, for the caller to hand over: it is shown this once, and the links before it are dead. Since no mailbox has
 * proved anything, accepting by it leaves the e-mail unverified.
 */
export async function copyInvitationLink(
  reference: UserRef | undefined,
  ifMatch: IfMatch,
  call: RequestContext,
  deps: InvitationDependencies & { readonly links: LinkSigner },
): Promise<{ readonly user: InvitedUser; readonly token: string }> {
  deps.policy.authorize(call, 'copyInvitationLink', {});
  let token = '';
  const change = async (user: User) => {
    assertInvitable(user);
    await assertMayChangeCredentials(user, call, deps);
    const invitation = buildInvitation(call, deps, { earlier: user.invitation, channel: 'copy' });
    const { invitationId: id, version, keyId } = invitation;
    // Before anything is written: while there is no making a link, the one before it stays good.
    token = await createLinkToken('invitation', { ...user, id, version }, keyId, deps.links);
    return { fields: { invitation } };
  };
  const user = (await changeUser(
    { action: 'copyInvitationLink', ref: reference, ifMatch, change },
    call,
    deps,
  )) as InvitedUser;
  return { user, token };
}

/** `allowed` names operations on the invitation. */
const notRevocable = (status: 'accepted' | 'revoked'): Failure =>
  new Failure(
    'invalid_transition',
    `${status === 'accepted' ? 'An accepted' : 'A revoked'} invitation cannot be revoked`,
    {
      details: { status, allowed: status === 'revoked' ? ['resend'] : [] },
    },
  );

const invitationNotFound = ({ status }: User): Failure =>
  new Failure(
    'not_found',
    status === 'invite_pending'
      ? 'This user has not been invited yet'
      : 'This user was never invited',
  );
