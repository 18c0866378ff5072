import type { RequestContext } from '../access/request-context.ts';
import type { CanonicalEmail } from '../kernel/canonical.ts';
import {
  listUsers,
  type ListUsersDependencies,
  type UserQuery,
} from '../users/lists/list-users.ts';
import { createUserMatcher } from '../users/lists/user-filter.ts';
import type { UserStore } from '../users/user-store.ts';
import type { InvitedUser } from '../users/user.ts';
import type { DeliveryStore } from './delivery-store.ts';
import type { InvitationWithDelivery } from './manage-invitations.ts';

export interface ListInvitationsDependencies extends ListUsersDependencies {
  readonly users: Pick<UserStore, 'get' | 'getAll'>;
  readonly deliveries: Pick<DeliveryStore, 'getAll'>;
}

export interface InvitationPage {
  readonly invitations: readonly InvitationWithDelivery[];
  /** Email after which the next page starts. Undefined on the last page. */
  readonly next: CanonicalEmail | undefined;
}

/** Lists invitations like users, with a filter that matches invited users only. */
export async function listInvitations(
  query: UserQuery,
  context: RequestContext,
  deps: ListInvitationsDependencies,
): Promise<InvitationPage> {
  const { tenantId } = context.tenant;
  const { users: listedUsers, next } = await listUsers(query, context, deps);
  const userIds = listedUsers.map(({ userId }) => userId);
  const [users, deliveries] = await Promise.all([
    deps.users.getAll(tenantId, userIds),
    deps.deliveries.getAll(tenantId, userIds),
  ]);
  const isMatch = createUserMatcher(query.filter, deps.now);
  const invitations = userIds.flatMap((userId) => {
    const user = users.get(userId);
    // The user may have changed after the list was read.
    if (!user || !isMatch(user)) return [];
    return [{ user: user as InvitedUser, delivery: deliveries.get(userId) }];
  });
  return { invitations, next };
}
