import type { RequestContext } from '../../../domain/access/request-context.ts';
import type { Connection } from '../../../domain/connections/connection.ts';
import type { MemberDependencies } from '../../../domain/groups/change-members.ts';
import { type Group, maxGroups, maxListedMembers } from '../../../domain/groups/group.ts';
import type { Uuid } from '../../../domain/kernel/ids.ts';
import { listUserIds } from '../../../domain/provisioning/provisioned-members.ts';
import { isVisible } from '../../../domain/provisioning/provision-group.ts';
import type { KeyLookup } from '../filter/key-lookup.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { toScimGroup } from './group-resource.ts';

export interface GroupViewDependencies extends MemberDependencies {
  /** URL of the dialect, without a slash at the end. */
  readonly baseUrl: string;
}

interface ReadGroup {
  readonly resource: ScimResource;
  readonly memberCount: number;
}

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

/** Adds the users, without deleted ones, to up to 1,000 IDs. */
async function loadMembers(
  tenantId: Uuid,
  ids: readonly Uuid[],
  { users }: Pick<MemberDependencies, 'users'>,
) {
  if (ids.length >= maxListedMembers) return ids.map((id) => ({ id }));
  const found = await users.getAll(tenantId, ids);
  return ids.flatMap((id) => {
    const user = found.get(id);
    return user && user.status !== 'deleted' ? [{ id, user }] : [];
  });
}

/** Finds the groups that a filter can select, in the order of their names. */
export async function findGroups(
  lookup: KeyLookup | undefined,
  connection: Connection | undefined,
  { tenant: { tenantId } }: RequestContext,
  deps: GroupViewDependencies,
): Promise<readonly Group[]> {
  const ids = lookup && (await findIds(lookup, { tenantId, connection }, deps));
  const groups = ids
    ? [...(await deps.groups.getAll(tenantId, ids)).values()]
    : await listAll(tenantId, deps);
  return groups
    .filter((group) => !group.deletion && isVisible(group, connection))
    .toSorted((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()));
}

const compare = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/** IDs of groups with a key. Undefined for a key that needs all groups. */
async function findIds(
  { by, value }: KeyLookup,
  {
    tenantId,
    connection,
  }: { readonly tenantId: Uuid; readonly connection: Connection | undefined },
  { groups, memberships }: GroupViewDependencies,
): Promise<readonly Uuid[] | undefined> {
  switch (by) {
    case 'id':
      return [value.toLowerCase()];
    case 'externalId':
      return connection && groups.findByScimId(tenantId, connection.connectionId, value);
    case 'displayName':
      return connection && groups.findByScimName(tenantId, connection.connectionId, value);
    case 'member': {
      const member = { kind: 'user' as const, id: value.toLowerCase() };
      const page = await memberships.listGroups(tenantId, member, {
        after: undefined,
        limit: maxGroups,
      });
      return page.memberships.map(({ groupId }) => groupId);
    }
    default:
      return undefined;
  }
}

async function listAll(
  tenantId: Uuid,
  { groups }: Pick<GroupViewDependencies, 'groups'>,
): Promise<readonly Group[]> {
  const { groups: all } = await groups.list(tenantId, { after: undefined, limit: maxGroups });
  return all;
}
