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
import type { EntityChange, IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';

/** State of a group that an identity provider wants, apart from the members. */
export interface ProvisionedGroup {
  readonly displayName: string;
  /** ID in the identity provider. */
  readonly externalId?: string | undefined;
}

interface GroupRequest {
  readonly groupId: Uuid | undefined;
  readonly connection: Connection | undefined;
  readonly ifMatch?: IfMatch | undefined;
}

/** Maximum names that a group tries. */
const maxNames = 20;

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
  await assertDisplayNameFree(input, connection, { context, deps });
  const group: Omit<Group, 'name'> = {
    ...toFields(input, connection),
    roles: [],
    tenantId: context.tenant.tenantId,
    groupId: randomUUID(),
    ...buildInitialVersion(context, deps.now()),
  };
  return writeWithFreeName(input, connection, async (name) => {
    const after = { ...group, name };
    const record = buildChangeRecord({ action: 'create', after }, context);
    const change = { before: undefined, after, record, deadline: context.deadline };
    await writeGroup(change, deps);
    return after;
  });
}

/**
 * Changes a group of a connection. Throws `forbidden`, `not_found`, `group_exists`,
 * `precondition_failed` or `unavailable`.
 */
export async function changeProvisionedGroup(
  {
    groupId,
    connection,
    ifMatch,
    apply,
  }: GroupRequest & { readonly apply: (group: Group) => ProvisionedGroup },
  context: RequestContext,
  deps: GroupDependencies,
): Promise<Group> {
  const before = await readWritableGroup(groupId, connection, context, deps);
  const { version } = await deps.memberships.getVersion(before.tenantId, before.groupId);
  assertIfMatch({ ...before, version: before.version + version }, ifMatch);
  const target = apply(before);
  const isRenamed = target.displayName !== before.displayName;
  if (!isRenamed && target.externalId === before.managedBy?.externalId) return before;
  if (isRenamed) await assertDisplayNameFree(target, connection, { context, deps });
  return writeWithFreeName(target, connection, (name) =>
    changeEntity(
      {
        action: 'update',
        read: () => readWritableGroup(groupId, connection, context, deps),
        change: (group) => {
          assertHoldsGroupPermissions(group, context);
          return { ...toFields(apply(group), connection), ...(isRenamed && { name }) };
        },
        write: (change: EntityChange<Group>) => writeGroup(change, deps),
      },
      context,
      deps.now,
    ),
  );
}

/** Deletes a group of a connection. Throws `forbidden`, `not_found` or `precondition_failed`. */
export async function deprovisionGroup(
  { groupId, connection, ifMatch }: GroupRequest,
  context: RequestContext,
  deps: GroupDependencies,
): Promise<void> {
  const group = await readWritableGroup(groupId, connection, context, deps);
  const { version } = await deps.memberships.getVersion(group.tenantId, group.groupId);
  assertIfMatch({ ...group, version: group.version + version }, ifMatch);
  await changeEntity(
    {
      action: 'delete',
      read: () => readWritableGroup(groupId, connection, context, deps),
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
async function readWritableGroup(
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

/** A connection sees its own groups, and other callers see all. */
export const isVisible = (
  { managedBy }: Pick<Group, 'managedBy'>,
  connection: Pick<Connection, 'connectionId'> | undefined,
): boolean => !connection || managedBy?.connectionId === connection.connectionId;

/** Version of a group with its members, for ETags. */
export const addVersions = (group: Pick<Group, 'version'>, members: MembersVersion): number =>
  group.version + members.version;

const toFields = (
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
async function assertDisplayNameFree(
  { displayName }: ProvisionedGroup,
  connection: Connection | undefined,
  { context, deps }: { readonly context: RequestContext; readonly deps: GroupDependencies },
): Promise<void> {
  assertNameFits(displayName);
  if (!connection || connection.groupNames === 'duplicates') return;
  const { tenantId } = context.tenant;
  const ids = await deps.groups.findByScimName(tenantId, connection.connectionId, displayName);
  if (ids.length > 0)
    throw new Failure('group_exists', 'Another group of the connection has this displayName', {
      details: { field: 'displayName' },
    });
}

/** Writes a group with its display name, or with a suffix if another group has the name. */
async function writeWithFreeName<T>(
  { displayName }: ProvisionedGroup,
  connection: Connection | undefined,
  write: (name: string) => Promise<T>,
): Promise<T> {
  const withConnection = `${displayName} (${connection?.name})`;
  for (let attempt = 0; ; attempt += 1) {
    const names = [displayName, withConnection];
    try {
      return await write(names[attempt] ?? `${withConnection} ${attempt}`);
    } catch (error) {
      const isTaken = error instanceof Failure && error.code === 'group_exists';
      if (!isTaken || !connection || attempt === maxNames) throw error;
    }
  }
}
