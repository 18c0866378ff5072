import { buildAuditEntry, buildChangeRecord, buildNextVersion } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { RequestLog } from '../connections/request-log.ts';
import { commitMemberJob } from '../groups/apply-member-jobs.ts';
import { assertRemovable } from '../groups/assert-removable.ts';
import { groupIsFull, type MemberDependencies } from '../groups/change-members.ts';
import { type Group, maxTransactionChanges } from '../groups/group.ts';
import type { MembershipChange } from '../groups/group-store.ts';
import type { GroupWrite, MembersOutcome } from '../groups/members-version.ts';
import { assertHoldsGroupPermissions, groupExists } from '../groups/manage-groups.ts';
import { Failure } from '../kernel/failure.ts';
import {
  assertDisplayNameFree,
  assertVersion,
  formatName,
  type GroupRequest,
  maxNames,
  type ProvisionedGroup,
  readWritableGroup,
  toFields,
} from './provision-group.ts';
import {
  type MembersOperation,
  type MembersPlan,
  planMembers,
  prepareMembers,
} from './provisioned-members.ts';

interface GroupChangeRequest extends GroupRequest {
  /** Returns the target state. Runs again after a concurrent change. */
  readonly apply: (group: Group) => ProvisionedGroup;
  /** Changes of the members, in their order. */
  readonly operations: readonly MembersOperation[];
  readonly log: RequestLog;
}

interface ChangedGroup {
  readonly group: Group;
  /** Names of the attributes that changed. */
  readonly changed: readonly string[];
}

const silentLog = { skip: () => undefined };

/**
 * Changes a group of a connection and its members as a whole. Throws `invalid_input` for a
 * replacement by unknown users only, `not_managed` for a group with other members, `forbidden`,
 * `not_found`, `group_exists`, `group_limit_reached`, `precondition_failed` or `unavailable`.
 */
export async function changeProvisionedGroup(
  { groupId, connection, ifMatch, apply, operations, log }: GroupChangeRequest,
  context: RequestContext,
  deps: MemberDependencies,
): Promise<ChangedGroup> {
  const read = () => readWritableGroup(groupId, connection, context, deps);
  let group = await read();
  let members = await prepareMembers({ group, operations, connection, log }, context, deps);
  let takenNames = 0;
  for (let attempt = 0; deps.now().getTime() < context.deadline; attempt += 1) {
    if (attempt > 0) {
      group = await read();
      // A user to add can have been deleted.
      const again = { group, operations, connection, log: silentLog };
      members = await prepareMembers(again, context, deps);
    }
    const version = await assertVersion(group, ifMatch, deps);
    const after = await buildGroup(group);
    const plan = await planMembers(group, members, deps);
    const changesMembers = plan.added.length + plan.removed.length > 0;
    if (!after && !changesMembers) return { group, changed: [] };
    const expected = ifMatch || plan.readsAll ? version : undefined;
    const outcome = await write({ before: group, after }, plan, { expected, attempt });
    if (outcome === 'written') {
      const attributes = after ? listChanges(group, after) : [];
      const changed = [...attributes, ...(changesMembers ? ['members'] : [])];
      return { group: after ?? group, changed };
    }
    if (outcome === 'full') throw groupIsFull();
    if (outcome === 'stale') continue;
    takenNames += 1;
    if (outcome === 'externalId' || !connection || takenNames > maxNames)
      throw groupExists(outcome);
  }
  throw new Failure('unavailable', 'Too many concurrent changes. Try again.');

  /** Builds the group after the change. Undefined if it stays. */
  async function buildGroup(before: Group): Promise<Group | undefined> {
    const target = apply(before);
    const isRenamed = target.displayName !== before.displayName;
    if (!isRenamed && target.externalId === before.managedBy?.externalId) return undefined;
    assertHoldsGroupPermissions(before, context);
    if (isRenamed) await assertDisplayNameFree({ ...target, groupId }, connection, context, deps);
    return {
      ...before,
      ...toFields(target, connection),
      ...(isRenamed && { name: formatName(target, connection, takenNames) }),
      ...buildNextVersion(before, context, deps.now()),
    };
  }

  async function write(
    { before, after }: { readonly before: Group; readonly after: Group | undefined },
    plan: MembersPlan,
    { expected, attempt }: { readonly expected: number | undefined; readonly attempt: number },
  ): Promise<MembersOutcome> {
    const { tenantId, groupId: id } = before;
    const { deadline } = context;
    const at = deps.now().toISOString();
    const isLarge = plan.added.length + plan.removed.length > maxTransactionChanges;
    const changes = await readChanges(before, plan, { at, isLarge });
    if (!changes) return 'stale';
    await assertRemovable(changes, context, deps);
    const options = {
      audit: buildAuditEntry(context, at),
      group: toGroupWrite(before, after),
      ...((changes.length > 0 || expected !== undefined) && { version: { at, expected } }),
      deadline,
    };
    return isLarge
      ? commitMemberJob({ ...options, tenantId, groupId: id }, changes, deps)
      : deps.memberships.write(tenantId, id, { ...options, changes, attempt });
  }

  function toGroupWrite(before: Group, after: Group | undefined): GroupWrite | undefined {
    if (!after) return ifMatch && { unchanged: before };
    const record = buildChangeRecord({ action: 'update', before, after }, context);
    return { change: { before, after, record, deadline: context.deadline } };
  }

  /** Reads the memberships that change. Undefined if one has changed meanwhile. */
  async function readChanges(
    { tenantId, groupId: id }: Group,
    { added, removed }: MembersPlan,
    { at, isLarge }: { readonly at: string; readonly isLarge: boolean },
  ): Promise<readonly MembershipChange[] | undefined> {
    const userIds = [...removed, ...added];
    if (userIds.length === 0) return [];
    const open = await deps.memberJobs.listOpen(tenantId, id);
    if (!isLarge) await deps.memberJobs.applyTo(open, userIds, context.deadline);
    const users = userIds.map((userId) => ({ kind: 'user' as const, id: userId }));
    const stored = await deps.memberships.getAll(tenantId, id, users, isLarge ? open : []);
    const isStale = stored.some((before, index) => index < removed.length === !before);
    if (isStale) return undefined;
    return users.map((member, index): MembershipChange => {
      const before = stored[index];
      if (before) return { before, after: undefined };
      const addedBy = context.principal.subject;
      return {
        before,
        after: { groupId: id, member, status: 'member', joinedAt: at, addedBy },
      };
    });
  }
}

const listChanges = (before: Group, after: Group): readonly string[] => [
  ...(before.displayName === after.displayName ? [] : ['displayName']),
  ...(before.managedBy?.externalId === after.managedBy?.externalId ? [] : ['externalId']),
];
