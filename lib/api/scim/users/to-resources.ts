import type { Connection } from '../../../domain/connections/connection.ts';
import type { GroupStore } from '../../../domain/groups/group-store.ts';
import { uuidPattern, type Uuid } from '../../../domain/kernel/ids.ts';
import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import { isVisible, type ViewedUser } from '../../../domain/provisioning/read-users.ts';
import type { UserStore } from '../../../domain/users/user-store.ts';
import { formatDisplayName, type User } from '../../../domain/users/user.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { enterpriseUserUrn } from '../schema/enterprise-user.ts';
import { toScimUser } from './user-resource.ts';

export interface ResourceDependencies {
  readonly users: UserStore;
  readonly groups: Pick<GroupStore, 'getAll'>;
}

interface ResourceOptions {
  readonly tenantId: Uuid;
  readonly connection: Connection | undefined;
  /** URL of the dialect, without a slash at the end. */
  readonly baseUrl: string;
}

/** Builds `meta` (RFC 7643 §3.1). The version is a weak ETag. */
const toMeta = (
  { version, createdAt, updatedAt }: Pick<User, 'version' | 'createdAt' | 'updatedAt'>,
  resourceType: 'User' | 'Group',
  location: string,
) => ({
  resourceType,
  created: createdAt,
  lastModified: updatedAt ?? createdAt,
  location,
  version: `W/"${version}"`,
});

/**
 * Converts users to whole resources, with the names of their groups and managers. A connection sees
 * its own groups.
 */
export async function toUserResources(
  users: readonly ViewedUser[],
  { tenantId, connection, baseUrl }: ResourceOptions,
  stores: ResourceDependencies,
): Promise<readonly ScimResource[]> {
  const resources = users.map((user) => toScimUser(user, connection));
  const [groups, foundManagers] = await Promise.all([
    stores.groups.getAll(tenantId, collectIds(users.flatMap(({ groups: ids = [] }) => ids))),
    stores.users.getAll(tenantId, collectIds(resources.flatMap((each) => readManagerId(each)))),
  ]);
  const managers = new Map(
    [...foundManagers].filter(([, manager]) => isVisible(manager, { connection })),
  );
  return users.map((user, index) => {
    const resource = resources[index] ?? {};
    const memberships = (user.groups ?? []).flatMap((groupId) => {
      const group = groups.get(groupId);
      const isShown =
        group &&
        !group.deletion &&
        (!connection || group.managedBy?.connectionId === connection.connectionId);
      if (!isShown) return [];
      const $ref = `${baseUrl}/Groups/${groupId}`;
      const display = group.displayName ?? group.name;
      return [{ value: groupId, $ref, type: 'direct', display }];
    });
    return {
      ...resource,
      ...addManager(resource, managers, baseUrl),
      ...(memberships.length > 0 && { groups: memberships }),
      meta: toMeta(user, 'User', `${baseUrl}/Users/${user.userId}`),
    };
  });
}

const collectIds = (ids: readonly string[]): readonly Uuid[] => [...new Set(ids)];

function readManager(resource: ScimResource) {
  const enterprise = resource[enterpriseUserUrn];
  const manager = isJsonObject(enterprise) ? enterprise['manager'] : undefined;
  return isJsonObject(manager) ? manager : undefined;
}

/** A manager can also be a person whom this service does not know. */
function readManagerId(resource: ScimResource): readonly Uuid[] {
  const value = readManager(resource)?.['value'];
  return typeof value === 'string' && uuidPattern.test(value) ? [value] : [];
}

/** Adds name and URL of a manager whom the caller can read. */
function addManager(
  resource: ScimResource,
  managers: ReadonlyMap<Uuid, User>,
  baseUrl: string,
): ScimResource {
  const [managerId = ''] = readManagerId(resource);
  const manager = managers.get(managerId);
  if (!manager) return {};
  const displayName =
    manager.name ?? formatDisplayName(manager) ?? manager.userName ?? manager.email;
  return {
    [enterpriseUserUrn]: {
      ...(resource[enterpriseUserUrn] as object),
      manager: {
        ...readManager(resource),
        $ref: `${baseUrl}/Users/${managerId}`,
        ...(displayName !== undefined && { displayName }),
      },
    },
  };
}
