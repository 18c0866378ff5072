import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type ChangeDependencies, changeUser, noFieldChanges } from '../users/change-user.ts';
import { getCallerAccount, getOwnAccount } from '../users/self.ts';
import type { UserRef } from '../users/user-store.ts';
import type { UserWithGroups } from '../users/user.ts';

interface Dependencies extends ChangeDependencies {
  readonly policy: Policy;
}

const endTokens = { fields: {}, endsTokens: true } as const;

/** Ends the access tokens that Roster issued to a user. Throws `forbidden` or `not_found`. */
export async function signOutUser(
  ref: UserRef | undefined,
  context: RequestContext,
  deps: Dependencies,
): Promise<void> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  await changeUser({ action: 'signOut', ref, change: () => endTokens }, context, deps);
}

/**
 * Ends the access tokens that Roster issued to the caller. Returns false if the caller used a token
 * of another issuer, which remains valid. Throws like `getCallerAccount`, and `too_many_requests`.
 */
export async function signOutSelf(
  context: RequestContext,
  deps: Dependencies & { readonly ownIssuer: { readonly issuer: string } },
): Promise<boolean> {
  const { user } = await getCallerAccount(context, deps, false);
  const change = (current: UserWithGroups) => {
    getOwnAccount(current, context);
    return endTokens;
  };
  await changeUser(
    { action: 'signOut', ref: { userId: user.userId }, self: true, change },
    context,
    deps,
  );
  return context.principal.issuer === deps.ownIssuer.issuer;
}
