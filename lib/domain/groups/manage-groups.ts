import { randomUUID } from 'node:crypto';
import { buildChangeRecord, buildInitialVersion, changeEntity } from '../access/change-entity.ts';
import { assertHoldsPermissions } from '../access/assert-holds-permissions.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { assertUnlocked, type LockDependencies } from '../connections/managed-lock.ts';
import { canonicalizeGroupName } from '../kernel/canonical.ts';
import type { EntityChange, IfMatch } from '../kernel/entity.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import { toChangedFields } from '../kernel/json-merge-patch.ts';
import { assertRoles } from '../roles/assert-roles.ts';
import { findCallerLevel } from '../roles/level.ts';
import { collectPermissions } from '../roles/role.ts';
import { type Group, maxGroups, maxGroupsWithDeleted } from './group.ts';
import { isGroupAdministrator } from './group-administrator.ts';
import { collectGroupPermissions } from './group-roles.ts';
import type { GroupPage, GroupStore, MembershipStore } from './group-store.ts';

export interface CreateGroupInput {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly externalId?: string | undefined;
  readonly roles: readonly Slug[];
}

/** Changes of a group as a merge patch (RFC 7396). Null clears a field. */
export interface UpdateGroupInput {
  readonly name?: string | undefined;
  readonly displayName?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly externalId?: string | null | undefined;
  readonly roles?: readonly Slug[] | undefined;
}

export interface GroupDependencies extends LockDependencies {
  readonly policy: Policy;
  readonly groups: GroupStore;
  readonly memberships: MembershipStore;
  readonly now: () => Date;
}

/** Group that an operation changes. An undefined ID matches no group. */
export interface GroupTarget {
  readonly groupId: Uuid | undefined;
  readonly ifMatch?: IfMatch;
}

/** Longest canonical name in bytes. A sort key of DynamoDB has 1,024. */
const maxCanonicalNameBytes = 1000;

/**
 * Creates a group without members. Throws `forbidden`, also for a permission that the caller lacks,
 * `invalid_roles`, `invalid_input`, `group_exists` or `group_limit_reached`.
 */
export async function createGroup(
  input: CreateGroupInput,
  context: RequestContext,
  deps: GroupDependencies,
): Promise<Group> {
  deps.policy.authorize(context, 'writeGroup', {
    grantedPermissions: collectPermissions(input.roles, context.tenant.roles),
  });
  assertRoles(input.roles, context.tenant);
  assertNameFits(input.name);
  const group: Group = {
    ...input,
    roles: [...new Set(input.roles)],
    tenantId: context.tenant.tenantId,
    groupId: randomUUID(),
    ...buildInitialVersion(context, deps.now()),
  };
  const record = buildChangeRecord({ action: 'create', after: group }, context);
  const change = { before: undefined, after: group, record, deadline: context.deadline };
  // A new ID cannot conflict.
  if ((await writeGroup(change, deps)) === 'stale')
    throw new Error('The ID of a new group is in use');
  return group;
}

/** Conditions that listed groups meet. All must hold. */
export interface GroupFilter {
  readonly name?: string | undefined;
  readonly externalId?: string | undefined;
}

interface GroupQuery {
  readonly filter: GroupFilter;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Lists the groups of the tenant in the order of their names. Throws `forbidden`. */
export async function listGroups(
  { filter: { name, externalId }, ...page }: GroupQuery,
  context: RequestContext,
  deps: GroupDependencies,
): Promise<GroupPage> {
  deps.policy.authorize(context, 'readGroup', { groupAdministrator: false });
  const { tenantId } = context.tenant;
  if (name === undefined && externalId === undefined) return deps.groups.list(tenantId, page);
  const groupId = await deps.groups.findId(
    tenantId,
    name === undefined ? { externalId: externalId ?? '' } : { name },
  );
  const group = groupId === undefined ? undefined : await deps.groups.get(tenantId, groupId);
  const isMatch =
    group &&
    !group.deletion &&
    (externalId === undefined || group.externalId === externalId) &&
    (name === undefined || canonicalizeGroupName(group.name) === canonicalizeGroupName(name));
  return { groups: isMatch ? [group] : [], next: undefined };
}

/** Gets a group. Throws `forbidden` or `not_found`. */
export async function getGroup(
  groupId: Uuid | undefined,
  context: RequestContext,
  deps: GroupDependencies,
): Promise<Group> {
  deps.policy.authorize(context, 'readGroup', {
    groupAdministrator: await isGroupAdministrator(groupId, context, deps),
  });
  return readGroup(groupId, context, deps);
}

/**
 * Updates a group. Administrators of the group can change the display name and the description, as
 * can modelers in Credible's API. Throws like `createGroup`, and `not_found`,
 * `managed_by_connection` or `precondition_failed`.
 */
export async function updateGroup(
  { groupId, ifMatch, input }: GroupTarget & { readonly input: UpdateGroupInput },
  context: RequestContext,
  deps: GroupDependencies,
): Promise<Group> {
  const { roles, name, externalId, ...description } = input;
  const isDescribing = roles === undefined && name === undefined && externalId === undefined;
  if (isDescribing) {
    deps.policy.authorize(context, 'describeGroup', {
      groupAdministrator: await isGroupAdministrator(groupId, context, deps),
      modeler: context.dialect === 'credible' && findCallerLevel(context) === 'modeler',
    });
  } else {
    deps.policy.authorize(context, 'writeGroup', {
      grantedPermissions: collectPermissions(roles ?? [], context.tenant.roles),
    });
  }
  if (name !== undefined) assertNameFits(name);
  const change = async (group: Group): Promise<Partial<Group>> => {
    const field = (['name', 'displayName', 'externalId'] as const).find(
      (name) => input[name] !== undefined && (input[name] ?? undefined) !== group[name],
    );
    await assertUnlocked({ managedBy: group.managedBy, field }, context, deps);
    assertRoles(roles ?? [], context.tenant, group.roles);
    if (!isDescribing) assertHoldsGroupPermissions(group, context);
    return {
      ...toChangedFields({ name, externalId, ...description }),
      ...(roles !== undefined && { roles: [...new Set(roles)] }),
    };
  };
  return changeEntity(
    {
      action: 'update',
      read: () => readGroup(groupId, context, deps),
      ifMatch,
      change,
      write: (entityChange) => writeGroup(entityChange, deps),
    },
    context,
    deps.now,
  );
}

/** Reads a group. Throws `not_found`, also for a deleted group and one of another tenant. */
export async function readGroup(
  groupId: Uuid | undefined,
  { tenant }: RequestContext,
  { groups }: Pick<GroupDependencies, 'groups'>,
): Promise<Group> {
  const group = groupId === undefined ? undefined : await groups.get(tenant.tenantId, groupId);
  if (!group || group.deletion) throw groupNotFound();
  return group;
}

export const groupNotFound = (): Failure =>
  new Failure('not_found', 'The group does not exist in this tenant');

/**
 * Throws `forbidden` if members have permissions through the group that the caller lacks. `roles`
 * are those of the group as it was last read, because the roles in the context can be older.
 */
export function assertHoldsGroupPermissions(
  { groupId, roles }: Pick<Group, 'groupId' | 'roles'>,
  context: RequestContext,
): void {
  const { tenant } = context;
  const parents = tenant.groups.get(groupId)?.parents ?? [];
  const groups = new Map(tenant.groups).set(groupId, { roles, parents });
  assertHoldsPermissions(collectGroupPermissions(groupId, { ...tenant, groups }), context, {
    subject: 'The group',
    action: 'change only groups',
  });
}

const format = (count: number): string => count.toLocaleString('en');

/** Writes a change of a group. Throws `group_exists` or `group_limit_reached`. */
export async function writeGroup(
  change: EntityChange<Group>,
  { groups }: Pick<GroupDependencies, 'groups'>,
  restored?: Parameters<GroupStore['write']>[1],
): Promise<'written' | 'stale'> {
  const outcome = await groups.write(change, restored);
  if (outcome === 'written' || outcome === 'stale') return outcome;
  if (outcome === 'full')
    throw new Failure(
      'group_limit_reached',
      `A tenant can have at most ${format(maxGroups)} groups, and ${format(maxGroupsWithDeleted)} including deleted ones that still have members`,
    );
  throw groupExists(outcome);
}

export const groupExists = (field: 'name' | 'externalId'): Failure =>
  new Failure(
    'group_exists',
    `A group with this ${field === 'name' ? 'name' : 'external ID'} already exists`,
    { details: { field } },
  );

export function assertNameFits(name: string): void {
  if (Buffer.byteLength(canonicalizeGroupName(name)) > maxCanonicalNameBytes)
    throw invalidInput({
      path: 'name',
      message: `is too long: without case and compatibility forms, it has more than ${maxCanonicalNameBytes} bytes`,
    });
}
