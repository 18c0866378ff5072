import type { RequestContext } from '../access/request-context.ts';
import type { Group, MemberName } from '../groups/group.ts';
import type { GroupDependencies } from '../groups/manage-groups.ts';
import { Failure } from '../kernel/failure.ts';
import { findLevel } from '../roles/level.ts';
import type { UserLists, UserStore } from '../users/user-store.ts';
import type { ListedUser } from '../users/user.ts';

/** A user or group that has a level. */
export type LevelHolder = ListedUser | Group;

interface Dependencies extends Pick<GroupDependencies, 'policy' | 'groups'> {
  readonly users: Pick<UserStore, 'get'>;
  readonly userLists: Pick<UserLists, 'list'>;
}

/** Maximum users of a tenant in a list without pages. */
const maxListedUsers = 5000;
const pageSize = 1000;
const maxReadUnitsPerPage = 300;

/**
 * Lists the groups and users of the tenant that have a level. Throws `forbidden`, or
 * `too_many_results` in a tenant with more than 5,000 users.
 */
export async function listLevels(
  context: RequestContext,
  deps: Dependencies,
): Promise<readonly LevelHolder[]> {
  deps.policy.authorize(context, 'readLevel', {});
  const { tenantId } = context.tenant;
  const [groups, users] = await Promise.all([
    listAllGroups(tenantId, deps),
    listAllUsers(tenantId, deps),
  ]);
  return [...groups, ...users].filter(({ roles }) => findLevel(roles) !== undefined);
}

/** Gets a user or group that has a level. Throws `forbidden` or `not_found`. */
export async function getLevel(
  holder: MemberName | undefined,
  context: RequestContext,
  deps: Dependencies,
): Promise<LevelHolder> {
  deps.policy.authorize(context, 'readLevel', {});
  const found = holder && (await findHolder(holder, context, deps));
  if (!found || findLevel(found.roles) === undefined) throw levelNotFound();
  return found;
}

export const levelNotFound = (): Failure =>
  new Failure('not_found', 'The user or group does not exist in this tenant, or has no level');

async function findHolder(
  holder: MemberName,
  { tenant: { tenantId } }: RequestContext,
  { users, groups }: Dependencies,
): Promise<LevelHolder | undefined> {
  if (holder.kind === 'user') {
    const user = await users.get(tenantId, { email: holder.email }, false);
    return user?.status === 'deleted' ? undefined : user;
  }
  const groupId = await groups.findId(tenantId, { name: holder.name });
  const group = groupId === undefined ? undefined : await groups.get(tenantId, groupId);
  return group?.deletion ? undefined : group;
}

async function listAllGroups(tenantId: string, { groups: store }: Dependencies): Promise<Group[]> {
  const groups: Group[] = [];
  let after: string | undefined;
  do {
    const page = await store.list(tenantId, { after, limit: 100 });
    groups.push(...page.groups);
    after = page.next;
  } while (after !== undefined);
  return groups;
}

async function listAllUsers(tenantId: string, { userLists }: Dependencies): Promise<ListedUser[]> {
  const users = new Map<string, ListedUser>();
  let after: string | undefined;
  for (;;) {
    const { entries, hasMore } = await userLists.list(tenantId, {
      isDeleted: false,
      prefix: '',
      after,
      limit: pageSize,
      maxReadUnits: maxReadUnitsPerPage,
    });
    for (const { user } of entries)
      if (user && user.status !== 'deleted') users.set(user.userId, user);
    if (users.size > maxListedUsers)
      throw new Failure(
        'too_many_results',
        `This list has no pages and serves tenants of up to ${maxListedUsers.toLocaleString('en')} users. Use GET /v1/users.`,
      );
    if (!hasMore) return [...users.values()];
    after = entries.at(-1)?.position ?? after;
  }
}
