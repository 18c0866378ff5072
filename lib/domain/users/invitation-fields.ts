import type { RequestContext } from '../access/request-context.ts';
import { getInvitationStatus } from '../invitations/invitation.ts';
import {
  buildInvitation,
  type InvitationSettings,
  needsInvitationMail,
  toInviter,
} from '../invitations/invite.ts';
import { isSameAddress } from '../kernel/canonical.ts';
import { isOwner } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { UpdateUserInput, User } from './user.ts';

/** Returns the fields that activate an invited user who got a password. Revokes the invitation. */
export function getActivationFields(
  { status, invitation }: User,
  { principal }: RequestContext,
  now: Date,
): Partial<User> {
  if (status !== 'invite_pending') return {};
  const revocation = { at: now.toISOString(), by: principal.subject };
  return { status: 'active', ...(invitation && { invitation: { ...invitation, revocation } }) };
}

interface Reinvitation {
  readonly user: User;
  readonly input: UpdateUserInput;
}

interface Dependencies extends InvitationSettings {
  readonly tenants: TenantStore;
}

/**
 * Returns the invitation of a pending user after an update. A new email invalidates the link and is
 * invited again, except after a copied link. A caller who changes the roles becomes the inviter,
 * but only system administrators can become the inviter of an owner.
 */
export async function getReinvitationFields(
  { user, input }: Reinvitation,
  context: RequestContext,
  deps: Dependencies,
): Promise<Partial<User>> {
  const { invitation } = user;
  if (!invitation || user.status !== 'invite_pending') return {};
  const { email = user.email, roles = user.roles } = input;
  const changesRoles = new Set(roles).symmetricDifference(new Set(user.roles)).size > 0;
  const becomesInviter =
    changesRoles &&
    (context.principal.systemAdministrator || !(await isOwner(user, context, deps)));
  const inviter = becomesInviter
    ? { ...toInviter(context), grantedAt: deps.now().toISOString() }
    : invitation.inviter;
  const isPending = getInvitationStatus(invitation, deps.now()) === 'pending';
  if (isSameAddress(email, user.email) || !isPending)
    return { invitation: { ...invitation, inviter } };
  const nextInvitation = needsInvitationMail(user)
    ? buildInvitation(context, deps, { earlier: invitation })
    : { ...invitation, version: invitation.version + 1 };
  const grantedAt = inviter.grantedAt ?? invitation.invitedAt;
  return { invitation: { ...nextInvitation, inviter: { ...inviter, grantedAt } } };
}
