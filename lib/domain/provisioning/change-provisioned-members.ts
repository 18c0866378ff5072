import { buildAuditEntry } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { Connection } from '../connections/connection.ts';
import type { RequestLog } from '../connections/request-log.ts';
import { commitMemberJob } from '../groups/apply-member-jobs.ts';
import { assertRemovable, groupIsFull, type MemberDependencies } from '../groups/change-members.ts';
import { type Group, maxTransactionChanges } from '../groups/group.ts';
import type { MembershipChange } from '../groups/group-store.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import { uuidPattern, type Uuid } from '../kernel/ids.ts';

/** Change of the members of a group by user IDs. Unknown IDs are skipped. */
export type MembersOperation =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] }
  | { readonly kind: 'clear' };

interface MembersChange {
  readonly group: Group;
  /** In their order. */
  readonly operations: readonly MembersOperation[];
  readonly connection: Connection | undefined;
  readonly log: RequestLog;
}

const pageSize = 5000;
const batchSize = 1000;

/**
 * Changes the users of a group as a whole. Throws `invalid_input` for a replacement by unknown users
 * only, `not_managed` for a group with other members, `forbidden`, `group_limit_reached` or
 * `unavailable`.
 */
export async function changeProvisionedMembers(
  { group, operations, connection, log }: MembersChange,
  context: RequestContext,
  deps: MemberDependencies,
): Promise<'changed' | 'unchanged'> {
  const { tenantId, groupId } = group;
  if (operations.length === 0) return 'unchanged';
  await assertUsersOnly(group, deps);
  const managedIds = await findKnownUsers(operations, { connection, log }, context, deps);
  const readsAll = operations.some(({ kind }) => kind === 'replace' || kind === 'clear');
  for (let attempt = 0; deps.now().getTime() < context.deadline; attempt += 1) {
    const { version } = await deps.memberships.getVersion(tenantId, groupId);
    const touched = new Set(
      [...managedIds, ...operations.flatMap(readIds).map((id) => id.toLowerCase())].filter(isUuid),
    );
    const current = readsAll
      ? new Set(await listUserIds(group, deps))
      : await findMembers(group, [...touched], deps);
    const next = applyOperations(operations, current, managedIds);
    const added = [...next].filter((id) => !current.has(id));
    const removed = [...current].filter((id) => !next.has(id));
    if (added.length + removed.length === 0) return 'unchanged';
    const outcome = await write(group, { added, removed }, { version, readsAll, attempt });
    if (outcome === 'written') return 'changed';
    if (outcome === 'full') throw groupIsFull();
  }
  throw new Failure('unavailable', 'Too many concurrent changes. Try again.');

  async function write(
    { tenantId, groupId }: Group,
    { added, removed }: { readonly added: readonly Uuid[]; readonly removed: readonly Uuid[] },
    options: { readonly version: number; readonly readsAll: boolean; readonly attempt: number },
  ) {
    const at = deps.now().toISOString();
    const audit = buildAuditEntry(context, at);
    const { deadline } = context;
    // A replacement depends on all members.
    const version = { at, expected: options.readsAll ? options.version : undefined };
    const ids = [...removed, ...added];
    const open = await deps.memberJobs.listOpen(tenantId, groupId);
    const isLarge = ids.length > maxTransactionChanges;
    if (!isLarge) await deps.memberJobs.applyTo(open, ids, deadline);
    const members = ids.map((id) => ({ kind: 'user' as const, id }));
    const stored = await deps.memberships.getAll(tenantId, groupId, members, isLarge ? open : []);
    const changes = stored.flatMap((before, index): readonly MembershipChange[] => {
      if (index < removed.length) return before ? [{ before, after: undefined }] : [];
      const member = members[index];
      if (before || !member) return [];
      const by = context.principal.subject;
      return [
        {
          before,
          after: { groupId, member, status: 'member', joinedAt: at, addedBy: by },
        },
      ];
    });
    if (changes.length === 0) return 'stale';
    await assertRemovable(changes, context, deps);
    return isLarge
      ? commitMemberJob({ tenantId, groupId, audit, version, deadline }, changes, deps)
      : deps.memberships.write(tenantId, groupId, {
          changes,
          audit,
          version,
          attempt: options.attempt,
          deadline,
        });
  }
}

const isUuid = (id: string): boolean => uuidPattern.test(id);

const readIds = (operation: MembersOperation): readonly string[] =>
  'ids' in operation ? operation.ids : [];

/** Throws `not_managed` for a group with members that SCIM does not show. */
async function assertUsersOnly(
  { tenantId, groupId }: Group,
  { memberships }: Pick<MemberDependencies, 'memberships'>,
): Promise<void> {
  const pages = await Promise.all(
    (['group', 'appClient'] as const).map((kind) =>
      memberships.listMembers(tenantId, groupId, { kind, after: undefined, limit: 1 }),
    ),
  );
  if (pages.some((page) => page.memberships.length > 0))
    throw new Failure('not_managed', 'Groups with app clients or groups as members are read-only');
}

/** Finds the users to add whom the connection manages. Logs the others. */
async function findKnownUsers(
  operations: readonly MembersOperation[],
  { connection, log }: Pick<MembersChange, 'connection' | 'log'>,
  { tenant: { tenantId } }: RequestContext,
  { users }: Pick<MemberDependencies, 'users'>,
): Promise<ReadonlySet<Uuid>> {
  const ids = [
    ...new Set(
      operations.flatMap((operation) =>
        operation.kind === 'add' || operation.kind === 'replace'
          ? operation.ids.map((id) => id.toLowerCase())
          : [],
      ),
    ),
  ];
  const managedIds = new Set<Uuid>();
  for (let start = 0; start < ids.length; start += batchSize) {
    const batch = ids.slice(start, start + batchSize);
    const found = await users.getAll(tenantId, batch.filter(isUuid));
    for (const id of batch) {
      const user = found.get(id);
      const isManaged = user?.managedBy?.connectionId === connection?.connectionId;
      if (user && isManaged && user.status !== 'deleted') managedIds.add(user.userId);
      else log.skip(user ? 'member not managed by the connection' : 'member unknown', { id });
    }
  }
  return managedIds;
}

/** Throws `invalid_input` for a replacement without a known user. */
function applyOperations(
  operations: readonly MembersOperation[],
  current: ReadonlySet<Uuid>,
  managedIds: ReadonlySet<Uuid>,
): ReadonlySet<Uuid> {
  let members = new Set(current);
  for (const operation of operations) {
    const ids = readIds(operation).map((id) => id.toLowerCase());
    const knownIds = ids.filter((id) => managedIds.has(id) || current.has(id));
    if (operation.kind === 'clear') members = new Set();
    else if (operation.kind === 'remove') for (const id of ids) members.delete(id);
    else if (operation.kind === 'add') for (const id of knownIds) members.add(id);
    else {
      if (ids.length > 0 && knownIds.length === 0)
        throw invalidInput({ path: 'members', message: 'must name at least one known user' });
      members = new Set(knownIds);
    }
  }
  return members;
}

/** Lists the IDs of all users of a group. */
export async function listUserIds(
  { tenantId, groupId }: Pick<Group, 'tenantId' | 'groupId'>,
  { memberships }: Pick<MemberDependencies, 'memberships'>,
): Promise<readonly Uuid[]> {
  const ids: Uuid[] = [];
  let after: string | undefined;
  do {
    const page = await memberships.listMembers(tenantId, groupId, {
      kind: 'user',
      after,
      limit: pageSize,
    });
    for (const { member } of page.memberships) ids.push(member.id);
    after = page.next;
  } while (after !== undefined);
  return ids;
}

/** Finds which users are members. */
async function findMembers(
  { tenantId, groupId }: Group,
  userIds: readonly Uuid[],
  { memberships, memberJobs }: Pick<MemberDependencies, 'memberships' | 'memberJobs'>,
): Promise<ReadonlySet<Uuid>> {
  const jobs = await memberJobs.listOpen(tenantId, groupId);
  const members = userIds.map((id) => ({ kind: 'user' as const, id }));
  const found = await memberships.getAll(tenantId, groupId, members, jobs);
  return new Set(found.flatMap((membership) => membership?.member.id ?? []));
}
