import type { RequestContext } from '../access/request-context.ts';
import type { Connection } from '../connections/connection.ts';
import type { RequestLog } from '../connections/request-log.ts';
import type { MemberDependencies } from '../groups/change-members.ts';
import type { Group } from '../groups/group.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import { uuidPattern, type Uuid } from '../kernel/ids.ts';

/** Change of the members of a group by user IDs. Unknown IDs are skipped. */
export type MembersOperation =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] }
  | { readonly kind: 'clear' };

/** Operations in their order, with the users to add whom the connection manages. */
export interface MembersRequest {
  readonly operations: readonly MembersOperation[];
  readonly managedIds: ReadonlySet<Uuid>;
}

/** Users that a group gets and loses. */
export interface MembersPlan {
  readonly added: readonly Uuid[];
  readonly removed: readonly Uuid[];
  /** True if the plan depends on all members. */
  readonly readsAll: boolean;
}

const pageSize = 5000;
const batchSize = 1000;

/**
 * Reads the users to add, and logs those that the connection does not manage. Throws `not_managed`
 * for a group with members that SCIM does not show.
 */
export async function prepareMembers(
  {
    group,
    operations,
    ...request
  }: {
    readonly group: Group;
    readonly operations: readonly MembersOperation[];
    readonly connection: Connection | undefined;
    readonly log: Pick<RequestLog, 'skip'>;
  },
  context: RequestContext,
  deps: MemberDependencies,
): Promise<MembersRequest> {
  if (operations.length > 0) await assertUsersOnly(group, deps);
  return { operations, managedIds: await findKnownUsers(operations, request, context, deps) };
}

/** Compares the target members with the current ones. Throws `invalid_input` like a replacement. */
export async function planMembers(
  group: Group,
  { operations, managedIds }: MembersRequest,
  deps: MemberDependencies,
): Promise<MembersPlan> {
  const readsAll = operations.some(({ kind }) => kind === 'replace' || kind === 'clear');
  if (operations.length === 0) return { added: [], removed: [], readsAll };
  const ids = operations.flatMap(readIds).map((id) => id.toLowerCase());
  const touchedIds = new Set([...managedIds, ...ids].filter(isUuid));
  const current = readsAll
    ? new Set(await listUserIds(group, deps))
    : await findMembers(group, [...touchedIds], deps);
  const next = applyOperations(operations, current, managedIds);
  return {
    added: [...next].filter((id) => !current.has(id)),
    removed: [...current].filter((id) => !next.has(id)),
    readsAll,
  };
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
  {
    connection,
    log,
  }: { readonly connection: Connection | undefined; readonly log: Pick<RequestLog, 'skip'> },
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
