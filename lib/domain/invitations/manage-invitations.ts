import type { RequestContext } from '../access/request-context.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { UserRef, UserStore } from '../users/user-store.ts';
import { Failure } from '../kernel/failure.ts';
import { type LinkSigner, createLinkToken } from '../links/link.ts';
import type { Policy } from '../access/policy.ts';
import { assertMayChangeCredentials } from '../tenants/ownership.ts';
import {
  type ChangeDependencies,
  changeUser,
  userNotFound,
  type UserTarget,
} from '../users/change-user.ts';
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

export interface InvitationWithDelivery {
  readonly user: InvitedUser;
  /** Undefined before the first attempt. */
  readonly delivery: Delivery | undefined;
}

/** Gets an invitation. Throws `forbidden`, or `not_found` for a user without an invitation. */
export async function getInvitation(
  ref: UserRef | undefined,
  context: RequestContext,
  deps: { readonly policy: Policy; readonly users: UserStore; readonly deliveries: DeliveryStore },
): Promise<InvitationWithDelivery> {
  deps.policy.authorize(context, 'getUser', { self: false });
  const user = ref && (await deps.users.get(context.tenant.tenantId, ref, false));
  if (!user || user.status === 'deleted') throw userNotFound();
  if (!user.invitation) throw invitationNotFound(user);
  return {
    user: user as InvitedUser,
    delivery: await deps.deliveries.get(user.tenantId, user.userId),
  };
}

/**
 * Mails a new link with a full lifetime and invalidates earlier links. Throws `not_invitable`, and
 * `too_many_requests` within a minute of the last mail.
 */
export async function resendInvitation(
  target: UserTarget,
  context: RequestContext,
  deps: InvitationDependencies,
): Promise<InvitedUser> {
  deps.policy.authorize(context, 'inviteUser', {});
  return reinvite(target, context, deps);
}

/**
 * Invalidates all links of an invitation until the user is invited again. Throws
 * `invalid_transition`.
 */
export async function revokeInvitation(
  target: UserTarget,
  context: RequestContext,
  deps: InvitationDependencies,
): Promise<InvitedUser> {
  deps.policy.authorize(context, 'inviteUser', {});
  const change = async (user: User) => {
    const { invitation } = user;
    if (!invitation) throw invitationNotFound(user);
    await assertMayChangeCredentials(user, context, deps);
    const status = getInvitationStatus(invitation, deps.now());
    if (status === 'accepted' || status === 'revoked') throw notRevocable(status);
    return {
      fields: {
        invitation: {
          ...invitation,
          revocation: { at: deps.now().toISOString(), by: context.principal.subject },
        },
      },
    };
  };
  return (await changeUser(
    { action: 'revokeInvitation', ...target, change },
    context,
    deps,
  )) as InvitedUser;
}

/**
 * Creates a new link for the caller to hand over, and invalidates earlier links. Accepting it
 * leaves the email unverified. Throws `not_invitable`.
 */
export async function copyInvitationLink(
  target: UserTarget,
  context: RequestContext,
  deps: InvitationDependencies & { readonly links: LinkSigner },
): Promise<{ readonly user: InvitedUser; readonly token: string }> {
  deps.policy.authorize(context, 'copyInvitationLink', {});
  let token = '';
  const change = async (user: User) => {
    assertInvitable(user);
    const { email } = user;
    await assertMayChangeCredentials(user, context, deps);
    const invitation = buildInvitation(context, deps, {
      earlier: user.invitation,
      channel: 'copy',
    });
    const { invitationId: id, version, keyId } = invitation;
    // Before the write, so the previous link keeps working if the key is unavailable.
    const subject = { ...user, email, id, version, keyId };
    token = await createLinkToken('invitation', subject, deps.links);
    return { fields: { invitation } };
  };
  const user = (await changeUser(
    { action: 'copyInvitationLink', ...target, change },
    context,
    deps,
  )) as InvitedUser;
  return { user, token };
}

/** `allowed` lists operations on the invitation. */
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
