import { findMissing } from '../access/permissions.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { assertWithinCallerPermissions as assertAppClientWithinPermissions } from '../app-clients/change-app-client.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { assertWithinCallerPermissions } from '../users/change-user.ts';
import type { UserStore } from '../users/user-store.ts';
import { maxMemberChanges, maxTransactionChanges, type Membership } from './group.ts';
import { collectGroupPermissions } from './group-roles.ts';
import type { MembershipChange, MembershipStore } from './group-store.ts';
import { assertHoldsGroupPermissions } from './manage-groups.ts';
import type { MemberJobStore } from './member-job.ts';

interface RemovalDependencies {
  readonly users: Pick<UserStore, 'getAll' | 'getWithGroups'>;
  readonly appClients: Pick<AppClientStore, 'get'>;
  readonly memberships: Pick<MembershipStore, 'getAll'>;
  readonly memberJobs: Pick<MemberJobStore, 'listOpen'>;
}

/** Maximum memberships that a removal of many users reads. */
const maxMembershipReads = 50_000;
const batchSize = 1000;

/**
 * Throws `forbidden` if a member would lose permissions and has others that the caller lacks.
 * Members with more permissions are protected in the same way from changes of their roles. Throws
 * `too_many_results` for too many users to compare.
 */
export async function assertRemovable(
  changes: readonly MembershipChange[],
  context: RequestContext,
  deps: RemovalDependencies,
): Promise<void> {
  const { tenant } = context;
  const { tenantId } = tenant;
  const removed = changes.flatMap(({ before, after }) => (before && !after ? [before] : []));
  const [first] = removed;
  if (!first || collectGroupPermissions(first.groupId, tenant).length === 0) return;
  if (removed.length > maxTransactionChanges) {
    const groupIds = findGroupsAboveCaller(context);
    const isBatched = groupIds.length * removed.length <= maxMembershipReads;
    // A change of many members has only users.
    if (isBatched) return assertUsersRemovable(removed, groupIds, context, deps);
    if (removed.length > maxMemberChanges) throw tooManyUsers();
  }
  for (let start = 0; start < removed.length; start += maxTransactionChanges)
    await Promise.all(removed.slice(start, start + maxTransactionChanges).map(assertRemoval));

  async function assertRemoval({ member: { kind, id } }: Membership): Promise<void> {
    if (kind === 'user') {
      const user = await deps.users.getWithGroups(tenantId, { userId: id }, false);
      if (user) assertWithinCallerPermissions(context, user);
    } else if (kind === 'appClient') {
      const appClient = await deps.appClients.get(tenantId, id);
      if (appClient) assertAppClientWithinPermissions(context, appClient);
    } else {
      const roles = tenant.groups.get(id)?.roles ?? [];
      assertHoldsGroupPermissions({ groupId: id, roles }, context);
    }
  }
}

const tooManyUsers = (): Failure =>
  new Failure(
    'too_many_results',
    `The group has roles, so a removal compares the rights of each user. Remove up to ${maxMemberChanges.toLocaleString('en')} members per request.`,
  );

/** Finds the groups whose members have permissions that the caller lacks. */
function findGroupsAboveCaller({ tenant, principal }: RequestContext): readonly Uuid[] {
  if (principal.systemAdministrator) return [];
  const isAbove = (groupId: Uuid): boolean =>
    findMissing(collectGroupPermissions(groupId, tenant), principal.permissions).length > 0;
  return [...tenant.groups.keys()].filter(isAbove);
}

/** Compares the roles of users in batches, and their memberships in the groups above the caller. */
async function assertUsersRemovable(
  removed: readonly Membership[],
  groupIds: readonly Uuid[],
  context: RequestContext,
  { users, memberships, memberJobs }: RemovalDependencies,
): Promise<void> {
  const { tenantId } = context.tenant;
  const jobs = await Promise.all(groupIds.map((groupId) => memberJobs.listOpen(tenantId, groupId)));
  for (let start = 0; start < removed.length; start += batchSize) {
    const members = removed.slice(start, start + batchSize).map(({ member }) => member);
    const found = await users.getAll(
      tenantId,
      members.map(({ id }) => id),
    );
    for (const { roles } of found.values())
      assertWithinCallerPermissions(context, { roles, groups: [] });
    for (const [index, groupId] of groupIds.entries()) {
      const stored = await memberships.getAll(tenantId, groupId, members, jobs[index]);
      if (stored.some(Boolean))
        assertWithinCallerPermissions(context, { roles: [], groups: [groupId] });
    }
  }
}
