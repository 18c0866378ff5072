import type { MemberDependencies } from '../../../domain/groups/change-members.ts';
import { type Group, maxListedMembers } from '../../../domain/groups/group.ts';
import type { Uuid } from '../../../domain/kernel/ids.ts';
import { listUserIds } from '../../../domain/provisioning/provisioned-members.ts';
import type { UserLists } from '../../../domain/users/user-store.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { toScimGroup } from './group-resource.ts';

export interface GroupViewDependencies extends MemberDependencies {
  /** URL of the dialect, without a slash at the end. */
  readonly baseUrl: string;
  readonly userLists: Pick<UserLists, 'listIds'>;
}

interface ReadGroup {
  readonly resource: ScimResource;
  readonly memberCount: number;
}

const pageSize = 5000;
/** Tries to read members while they change. */
const maxTries = 3;

/** Reads the resource of a group. A large group has the IDs of its members only. */
export async function readGroupResource(
  group: Group,
  withMembers: boolean,
  deps: GroupViewDependencies,
): Promise<ReadGroup> {
  const { tenantId, groupId } = group;
  const readVersion = () => deps.memberships.getVersion(tenantId, groupId);
  let version = await readVersion();
  if (!withMembers)
    return { resource: toScimGroup({ group, version }, deps.baseUrl), memberCount: 0 };
  for (let tries = 1; ; tries += 1) {
    const ids = await listUserIds(group, deps);
    const later = await readVersion();
    const isConsistent = later.version === version.version || tries === maxTries;
    version = later;
    if (!isConsistent) continue;
    const members = await loadMembers(tenantId, ids, deps);
    const resource = toScimGroup({ group, version, members }, deps.baseUrl);
    return { resource, memberCount: members.length };
  }
}

/** Leaves out deleted users, and adds the others to up to 1,000 IDs. */
async function loadMembers(
  tenantId: Uuid,
  ids: readonly Uuid[],
  { users, userLists }: Pick<GroupViewDependencies, 'users' | 'userLists'>,
) {
  if (ids.length >= maxListedMembers) {
    const deletedIds = await listDeletedIds(tenantId, { userLists });
    return ids.flatMap((id) => (deletedIds.has(id) ? [] : [{ id }]));
  }
  const found = await users.getAll(tenantId, ids);
  return ids.flatMap((id) => {
    const user = found.get(id);
    return user && user.status !== 'deleted' ? [{ id, user }] : [];
  });
}

/** Lists the deleted users of a tenant. An entry is smaller than a user. */
async function listDeletedIds(
  tenantId: Uuid,
  { userLists }: Pick<GroupViewDependencies, 'userLists'>,
): Promise<ReadonlySet<Uuid>> {
  const ids = new Set<Uuid>();
  let after: string | undefined;
  do {
    const page = { isDeleted: true, isDescending: false, after, limit: pageSize };
    const { entries, next } = await userLists.listIds(tenantId, page);
    for (const { userId } of entries) ids.add(userId);
    after = next;
  } while (after !== undefined);
  return ids;
}
