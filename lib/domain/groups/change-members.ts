import { buildAuditEntry } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { assertUnlocked } from '../connections/managed-lock.ts';
import { Failure, type Issue, invalidInput } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { UserStore } from '../users/user-store.ts';
import { assertRemovable } from './assert-removable.ts';
import { findMember } from './find-member.ts';
import {
  maxMembers,
  maxTransactionChanges,
  type MemberName,
  type Membership,
  type MembershipStatus,
  type MemberRef,
} from './group.ts';
import { isGroupAdministrator } from './group-administrator.ts';
import { collectGroupPermissions, type GroupsById } from './group-roles.ts';
import { commitMemberJob } from './apply-member-jobs.ts';
import { isOpen, type MemberJob, type MemberJobStore } from './member-job.ts';
import type { MembershipChange, Nesting } from './group-store.ts';
import { type GroupDependencies, readGroup } from './manage-groups.ts';
import { nest } from './nesting.ts';

export interface MemberDependencies extends GroupDependencies {
  readonly memberJobs: MemberJobStore;
  readonly users: Pick<UserStore, 'get' | 'getAll' | 'getWithGroups'>;
  readonly appClients: Pick<AppClientStore, 'get'>;
  readonly tenants: Pick<TenantStore, 'findCurrent'>;
}

/** Member that a group gets or loses. */
export interface MemberChange<Member extends MemberRef | MemberName = MemberRef | MemberName> {
  readonly member: Member;
  /** Undefined to remove the member. */
  readonly status: MembershipStatus | undefined;
}

interface ChangeMembersInput {
  readonly groupId: Uuid | undefined;
  /** More than 20 can only add users with the status `member`, and remove users. */
  readonly changes: readonly MemberChange[];
  /** Issue of a member that does not exist, by its position in `changes`. */
  readonly toMissingIssue: (index: number) => Issue;
  /** True if a member that the group already has keeps its status. */
  readonly keepsStatus?: boolean | undefined;
  /** True to reject the removal of a member that the group does not have. */
  readonly requiresMembers?: boolean;
}

/**
 * Adds, updates and removes members of a group as a whole, and returns the memberships after it. A
 * member with the same status is no change. Throws `forbidden` for a permission that the caller
 * lacks, `managed_by_connection`, `not_found`, also for an unknown email or name, `invalid_input`
 * for an unknown ID or a repeated member, `invalid_nesting`, `group_limit_reached` or `unavailable`.
 */
export async function changeMembers(
  { groupId, keepsStatus, ...request }: ChangeMembersInput,
  context: RequestContext,
  deps: MemberDependencies,
): Promise<readonly Membership[]> {
  const { tenantId } = context.tenant;
  await authorizeMemberChange(groupId, context, deps);
  const group = await readGroup(groupId, context, deps);
  await assertUnlocked({ managedBy: group.managedBy, field: 'members' }, context, deps);
  const { toMissingIssue, requiresMembers = false } = request;
  const changes = await resolveMembers(request, context, deps);
  const members = changes.map(({ member }) => member);
  const isLarge = changes.length > maxTransactionChanges;
  if (isLarge) assertUsersOnly(changes, toMissingIssue);
  // A small change applies earlier jobs to its members.
  const userIds = isLarge ? [] : members.flatMap(({ kind, id }) => (kind === 'user' ? [id] : []));
  const isEarlier = (job: MemberJob): boolean => job.groupId === group.groupId && isOpen(job);
  const earlier = context.tenant.memberJobs.filter(isEarlier);
  if (userIds.length > 0) await deps.memberJobs.applyTo(earlier, userIds, context.deadline);
  for (let attempt = 0; deps.now().getTime() < context.deadline; attempt += 1) {
    // In this order: a nesting that changes after it was read makes the write stale.
    const nesting = changes.some(({ member }) => member.kind === 'group')
      ? await readNesting(context, deps)
      : undefined;
    const jobs = isLarge ? await deps.memberJobs.listOpen(tenantId, group.groupId) : [];
    const existing = await deps.memberships.getAll(tenantId, group.groupId, members, jobs);
    const joinedAt = deps.now().toISOString();
    const states = changes.map(({ member, status }, index): MembershipChange => {
      const before = existing[index];
      const after = before ?? {
        groupId: group.groupId,
        member,
        joinedAt,
        addedBy: context.principal.subject,
      };
      const nextStatus = keepsStatus && before ? before.status : status;
      return { before, after: status && nextStatus && { ...after, status: nextStatus } };
    });
    const missing = await findMissingMembers(states, context, deps);
    if (requiresMembers && (missing.length > 0 || states.some(({ before }) => !before)))
      throw memberNotFound();
    if (missing.length > 0) throw invalidInput(...missing.map(toMissingIssue));
    const effective = states.filter(({ before, after }) => before?.status !== after?.status);
    await assertRemovable(effective, context, deps);
    if (nesting) assertNestable(effective, nesting.groups);
    const audit = buildAuditEntry(context, joinedAt);
    const { deadline } = context;
    const version = group.managedBy && { at: joinedAt };
    const write = () =>
      isLarge
        ? commitMemberJob(
            { tenantId, groupId: group.groupId, audit, version, deadline },
            effective,
            deps,
          )
        : deps.memberships.write(tenantId, group.groupId, {
            changes: effective,
            audit,
            nesting,
            version,
            attempt,
            deadline,
          });
    const outcome = effective.length === 0 ? 'written' : await write();
    if (outcome === 'written') return states.flatMap(({ after }) => after ?? []);
    if (outcome === 'full') throw groupIsFull();
  }
  throw new Failure('unavailable', 'Too many concurrent changes. Try again.');
}

/**
 * Throws `forbidden` unless the caller can change the members of a group and holds the permissions
 * that they have through it.
 */
export async function authorizeMemberChange(
  groupId: Uuid | undefined,
  context: RequestContext,
  deps: Pick<GroupDependencies, 'policy' | 'memberships'>,
): Promise<void> {
  deps.policy.authorize(context, 'changeGroupMembers', {
    grantedPermissions:
      groupId === undefined ? [] : collectGroupPermissions(groupId, context.tenant),
    groupAdministrator: await isGroupAdministrator(groupId, context, deps),
  });
}

export const groupIsFull = (): Failure =>
  new Failure(
    'group_limit_reached',
    `A group can have at most ${maxMembers.toLocaleString('en')} members`,
  );

export const memberNotFound = (): Failure =>
  new Failure('not_found', 'The member does not exist in this group');

/**
 * Replaces emails and names by IDs, and leaves out unknown members to remove. Throws `not_found`
 * for other unknown ones, and `invalid_input` for a repeated member.
 */
async function resolveMembers(
  { changes, toMissingIssue, requiresMembers }: Omit<ChangeMembersInput, 'groupId'>,
  context: RequestContext,
  deps: MemberDependencies,
): Promise<readonly MemberChange<MemberRef>[]> {
  const members = await Promise.all(changes.map(({ member }) => findMember(member, context, deps)));
  const ids = members.map((member) => member && `${member.kind} ${member.id}`);
  return changes.flatMap(({ status }, index) => {
    const member = members[index];
    const { path, message } = toMissingIssue(index);
    if (member && ids.indexOf(ids[index]) < index)
      throw invalidInput({ path, message: 'must name each member once' });
    if (member) return [{ member, status }];
    if (requiresMembers) throw memberNotFound();
    if (status === undefined) return [];
    throw new Failure('not_found', `${path} ${message}`, { details: { field: path } });
  });
}

async function readNesting(
  { tenant: { tenantId } }: RequestContext,
  { groups, tenants }: MemberDependencies,
): Promise<Nesting> {
  const nestingVersion = await groups.getNestingVersion(tenantId);
  const tenant = await tenants.findCurrent(tenantId);
  return { nestingVersion, groups: tenant?.groups ?? new Map() };
}

/** Throws `invalid_input` for a change that a job cannot make. */
function assertUsersOnly(
  changes: readonly MemberChange<MemberRef>[],
  toMissingIssue: ChangeMembersInput['toMissingIssue'],
): void {
  const index = changes.findIndex(
    ({ member, status = 'member' }) => member.kind !== 'user' || status !== 'member',
  );
  if (index >= 0)
    throw invalidInput({
      path: toMissingIssue(index).path,
      message: `must be a user with the status member, because the request has more than ${maxTransactionChanges} members`,
    });
}

/**
 * Finds members with a status that do not exist in the tenant, by position. A deleted member can
 * still have its membership, which no response shows.
 */
async function findMissingMembers(
  states: readonly MembershipChange[],
  { tenant: { tenantId } }: RequestContext,
  deps: MemberDependencies,
): Promise<readonly number[]> {
  const userIds = states.flatMap(({ after }) =>
    after?.member.kind === 'user' ? [after.member.id] : [],
  );
  const users =
    userIds.length > maxTransactionChanges ? await deps.users.getAll(tenantId, userIds) : undefined;
  const isMissing = async ({ kind, id }: MemberRef): Promise<boolean> => {
    if (kind === 'user') {
      const user = users ? users.get(id) : await deps.users.get(tenantId, { userId: id }, false);
      return !user || user.status === 'deleted';
    }
    if (kind === 'appClient') {
      const appClient = await deps.appClients.get(tenantId, id);
      return !appClient || appClient.revocation !== undefined;
    }
    const group = await deps.groups.get(tenantId, id);
    return !group || group.deletion !== undefined;
  };
  const missing = await Promise.all(
    states.map(async ({ after }, index) =>
      after && (await isMissing(after.member)) ? [index] : [],
    ),
  );
  return missing.flat();
}

/** Throws `invalid_nesting` if the new nested groups close a cycle or exceed a limit. */
function assertNestable(changes: readonly MembershipChange[], groups: GroupsById): void {
  let nested = groups;
  for (const { before, after } of changes)
    if (!before && after?.member.kind === 'group')
      nested = nest(after.member.id, [after.groupId], nested);
}
