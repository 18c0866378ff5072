import type { RequestContext } from '../access/request-context.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { Failure } from '../kernel/failure.ts';
import { tooManyRequests } from '../kernel/limits.ts';
import { type ChangeDependencies, changeUser, type UserTarget } from '../users/change-user.ts';
import { assertMayChangeCredentials } from '../tenants/ownership.ts';
import { hasEmail, type InvitedUser, type User, type UserWithEmail } from '../users/user.ts';
import { assertMailQuota, buildInvitation, type InvitationSettings } from './invite.ts';

const resendIntervalMs = 60_000;

/** Invites a user again with a new link, for an authorized caller, who becomes the inviter. */
export async function reinvite(
  target: UserTarget,
  context: RequestContext,
  deps: ChangeDependencies & InvitationSettings & { readonly tenants: TenantStore },
): Promise<InvitedUser> {
  const change = async (user: User) => {
    await assertMayChangeCredentials(user, context, deps);
    assertInvitable(user);
    assertMailQuota(context.tenant, deps.now());
    const remainingMs =
      user.invitation === undefined
        ? 0
        : Date.parse(user.invitation.invitedAt) + resendIntervalMs - deps.now().getTime();
    if (remainingMs > 0) throw tooManyRequests('resend_interval', remainingMs / 1000);
    return { fields: { invitation: buildInvitation(context, deps, { earlier: user.invitation }) } };
  };
  return (await changeUser({ action: 'invite', ...target, change }, context, deps)) as InvitedUser;
}

/** Throws `not_invitable` unless the user is local, has no password yet and has an email. */
export function assertInvitable(user: User): asserts user is UserWithEmail {
  const { status, authProvider, invitation } = user;
  if (status === 'invite_pending' && authProvider === 'local') {
    if (hasEmail(user)) return;
    throw new Failure('not_invitable', 'A user without an email cannot be invited', {
      details: { status },
    });
  }
  throw new Failure('not_invitable', 'Only a local user without a password can be invited', {
    details: { status: invitation?.acceptedAt === undefined ? status : 'accepted' },
  });
}
