import { randomUUID } from 'node:crypto';
import {
  assertIfMatch,
  buildChangeRecord,
  buildInitialVersion,
  changeEntity,
} from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { Connection } from '../connections/connection.ts';
import type { Group } from '../groups/group.ts';
import { collectGroupPermissions } from '../groups/group-roles.ts';
import type { MembersVersion } from '../groups/members-version.ts';
import {
  assertHoldsGroupPermissions,
  assertNameFits,
  type GroupDependencies,
  groupNotFound,
  writeGroup,
} from '../groups/manage-groups.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';

/** State of a group that an identity provider wants, apart from the members. */
export interface ProvisionedGroup {
  readonly displayName: string;
  /** ID in the identity provider. */
  readonly externalId?: string | undefined;
}

export interface GroupRequest {
  readonly groupId: Uuid | undefined;
  readonly connection: Connection | undefined;
  readonly ifMatch?: IfMatch | undefined;
}

/** Maximum names that a group tries. */
export const maxNames = 20;

/**
 * Throws `forbidden` unless the caller can write groups, and holds the permissions of a group whose
 * members change.
 */
export function authorizeGroup(
  groupId: Uuid | undefined,
  context: RequestContext,
  { policy }: Pick<GroupDependencies, 'policy'>,
): void {
  const grantedPermissions =
    groupId === undefined ? [] : collectGroupPermissions(groupId, context.tenant);
  policy.authorize(context, 'writeGroup', { grantedPermissions });
}

/** Creates a group of a connection. Throws `invalid_input`, `group_exists` or `group_limit_reached`. */
export async function provisionGroup(
  {
    input,
    connection,
  }: {
    readonly input: ProvisionedGroup;
    readonly connection: Connection | undefined;
  },
  context: RequestContext,
  deps: GroupDependencies,
): Promise<Group> {
  const group: Omit<Group, 'name'> = {
    ...toFields(input, connection),
    roles: [],
    tenantId: context.tenant.tenantId,
    groupId: randomUUID(),
    ...buildInitialVersion(context, deps.now()),
  };
  for (let takenNames = 0; ; takenNames += 1) {
    // A group that was created meanwhile has its name in the connection, too.
    await assertDisplayNameFree(input, connection, context, deps);
    const after = { ...group, name: formatName(input, connection, takenNames) };
    const record = buildChangeRecord({ action: 'create', after }, context);
    const change = { before: undefined, after, record, deadline: context.deadline };
    try {
      await writeGroup(change, deps);
      return after;
    } catch (error) {
      const isTaken = error instanceof Failure && error.code === 'group_exists';
      if (!isTaken || !connection || takenNames === maxNames) throw error;
    }
  }
}

/** Deletes a group of a connection. Throws `forbidden`, `not_found` or `precondition_failed`. */
export async function deprovisionGroup(
  { groupId, connection, ifMatch }: GroupRequest,
  context: RequestContext,
  deps: GroupDependencies,
): Promise<void> {
  await changeEntity(
    {
      action: 'delete',
      read: async () => {
        const group = await readWritableGroup(groupId, connection, context, deps);
        await assertVersion(group, ifMatch, deps);
        return group;
      },
      change: (each) => {
        assertHoldsGroupPermissions(each, context);
        return { deletion: { at: deps.now().toISOString(), by: context.principal.subject } };
      },
      write: (change) => writeGroup(change, deps),
    },
    context,
    deps.now,
  );
}

/** Reads a group of a connection. Throws `not_found`, also for groups of others. */
export async function readManagedGroup(
  groupId: Uuid | undefined,
  connection: Pick<Connection, 'connectionId'> | undefined,
  { tenant: { tenantId } }: RequestContext,
  { groups }: Pick<GroupDependencies, 'groups'>,
): Promise<Group> {
  const group = groupId === undefined ? undefined : await groups.get(tenantId, groupId);
  if (!group || group.deletion || !isVisible(group, connection)) throw groupNotFound();
  return group;
}

/** Reads a group that the caller can change. Also throws `not_managed`. */
export async function readWritableGroup(
  groupId: Uuid | undefined,
  connection: Connection | undefined,
  context: RequestContext,
  deps: Pick<GroupDependencies, 'groups'>,
): Promise<Group> {
  const group = await readManagedGroup(groupId, connection, context, deps);
  if (group.managedBy && !connection)
    throw new Failure('not_managed', 'The group is managed by a SCIM connection');
  return group;
}

/**
 * Throws `precondition_failed` if `ifMatch` rejects the version of a group with its members. Returns
 * the version of the members.
 */
export async function assertVersion(
  group: Group,
  ifMatch: IfMatch | undefined,
  { memberships }: Pick<GroupDependencies, 'memberships'>,
): Promise<number> {
  const members = await memberships.getVersion(group.tenantId, group.groupId);
  assertIfMatch({ ...group, version: addVersions(group, members) }, ifMatch);
  return members.version;
}

/** A connection sees its own groups, and other callers see all. */
export const isVisible = (
  { managedBy }: Pick<Group, 'managedBy'>,
  connection: Pick<Connection, 'connectionId'> | undefined,
): boolean => !connection || managedBy?.connectionId === connection.connectionId;

/** Version of a group with its members, for ETags. */
export const addVersions = (group: Pick<Group, 'version'>, members: MembersVersion): number =>
  group.version + members.version;

export const toFields = (
  { displayName, externalId }: ProvisionedGroup,
  connection: Connection | undefined,
) => ({
  displayName,
  ...(connection && {
    managedBy: {
      connectionId: connection.connectionId,
      ...(externalId !== undefined && { externalId }),
    },
  }),
});

/** Throws `group_exists` if another group of the connection has the name. */
export async function assertDisplayNameFree(
  { displayName, groupId }: ProvisionedGroup & { readonly groupId?: Uuid | undefined },
  connection: Connection | undefined,
  { tenant: { tenantId } }: RequestContext,
  { groups }: Pick<GroupDependencies, 'groups'>,
): Promise<void> {
  assertNameFits(displayName);
  if (!connection || connection.groupNames === 'duplicates') return;
  const ids = await groups.findByScimName(tenantId, connection.connectionId, displayName);
  if (ids.some((id) => id !== groupId))
    throw new Failure('group_exists', 'Another group of the connection has this displayName', {
      details: { field: 'displayName' },
    });
}

/** Formats the name of a group, with a suffix if other groups have the previous names. */
export function formatName(
  { displayName }: ProvisionedGroup,
  connection: Connection | undefined,
  takenNames: number,
): string {
  if (takenNames === 0 || !connection) return displayName;
  const name = `${displayName} (${connection.name})`;
  return takenNames === 1 ? name : `${name} ${takenNames}`;
}
