import type { Call } from '../access/request-context.ts';
import type { IfMatch } from '../access/change-entity.ts';
import { Failure } from '../kernel/failure.ts';
import { tooManyRequests } from '../kernel/limits.ts';
import { type ChangeDependencies, changeUser } from '../users/change-user.ts';
import { assertOwnWayIn } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant.ts';
import type { User, UserReference } from '../users/user.ts';
import {
  assertMayMail,
  type InvitationSettings,
  invitationBy,
  type Invited,
} from './invitation.ts';

/** Milliseconds between one mail to a user and the next. */
const pause = 60_000;

/** Invites a user again, for a call that has been allowed to: with a new link, for the full time, and by the caller. */
export async function inviteAgain(
  reference: UserReference | undefined,
  ifMatch: IfMatch,
  call: Call,
  deps: ChangeDependencies & InvitationSettings & { readonly tenants: TenantStore },
): Promise<Invited> {
  const change = async (user: User) => {
    await assertOwnWayIn(user, call, deps);
    assertInvitable(user);
    assertMayMail(call.tenant, deps.now());
    const left =
      user.invitation === undefined
        ? 0
        : Date.parse(user.invitation.time) + pause - deps.now().getTime();
    if (left > 0) throw tooManyRequests('resend_interval', left / 1000);
    return { fields: { invitation: invitationBy(call, deps, { earlier: user.invitation }) } };
  };
  return (await changeUser(
    { action: 'invite', reference, ifMatch, change },
    call,
    deps,
  )) as Invited;
}

/** Throws `not_invitable` for a user who does not wait for an invitation. */
export function assertInvitable({ status, authProvider, invitation }: User): void {
  if (status === 'invite_pending' && authProvider === 'local') return;
  throw new Failure('not_invitable', 'Only a local user without a password can be invited', {
    details: { status: invitation?.accepted === undefined ? status : 'accepted' },
  });
}
