import type { RequestContext } from '../access/request-context.ts';
import { getInvitationStatus, type Invitation } from '../invitations/invitation.ts';
import {
  buildInvitation,
  type InvitationSettings,
  needsInvitationMail,
  toInviter,
} from '../invitations/invite.ts';
import { isSameAddress } from '../kernel/canonical.ts';
import type { Slug } from '../kernel/ids.ts';
import { isOwner } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { isAwaitingAcceptance, type UpdateUserInput, type User } from './user.ts';

/**
 * Returns the fields of an invited user who got a password: active, unless suspended, with a revoked
 * invitation.
 */
export function getActivationFields(
  { status, suspendedFrom, invitation }: User,
  { principal }: RequestContext,
  now: Date,
): Partial<User> {
  if (!isAwaitingAcceptance({ status, suspendedFrom })) return {};
  const revocation = { at: now.toISOString(), by: principal.subject };
  return {
    ...(status === 'invite_pending' && { status: 'active' }),
    ...(invitation && { invitation: { ...invitation, revocation } }),
  };
}

interface RoleChange {
  readonly user: User;
  readonly roles: readonly Slug[];
}

interface RoleDependencies {
  readonly tenants: TenantStore;
  readonly now: () => Date;
}

/**
 * Returns the invitation of a pending user after a change of roles. A caller who changes the roles
 * becomes the inviter, but only system administrators can become the inviter of an owner.
 */
export async function getInviterFields(
  { user, roles }: RoleChange,
  context: RequestContext,
  { tenants, now }: RoleDependencies,
): Promise<{ readonly invitation?: Invitation }> {
  const { invitation } = user;
  if (!invitation || !isAwaitingAcceptance(user)) return {};
  const changesRoles = new Set(roles).symmetricDifference(new Set(user.roles)).size > 0;
  const becomesInviter =
    changesRoles &&
    (context.principal.systemAdministrator || !(await isOwner(user, context, { tenants })));
  if (!becomesInviter) return { invitation };
  const inviter = { ...toInviter(context), grantedAt: now().toISOString() };
  return { invitation: { ...invitation, inviter } };
}

interface Reinvitation {
  readonly user: User;
  readonly input: UpdateUserInput;
}

/**
 * Returns the invitation of a pending user after an update. A new email invalidates the link and is
 * invited again, except after a copied link.
 */
export async function getReinvitationFields(
  { user, input: { email = user.email, roles = user.roles } }: Reinvitation,
  context: RequestContext,
  deps: RoleDependencies & InvitationSettings,
): Promise<Partial<User>> {
  const { invitation } = await getInviterFields({ user, roles }, context, deps);
  if (!invitation) return {};
  const isPending = getInvitationStatus(invitation, deps.now()) === 'pending';
  if (isSameAddress(email, user.email) || !isPending) return { invitation };
  const { inviter } = invitation;
  const nextInvitation = needsInvitationMail(user)
    ? buildInvitation(context, deps, { earlier: invitation })
    : { ...invitation, version: invitation.version + 1 };
  const grantedAt = inviter.grantedAt ?? invitation.invitedAt;
  return { invitation: { ...nextInvitation, inviter: { ...inviter, grantedAt } } };
}
