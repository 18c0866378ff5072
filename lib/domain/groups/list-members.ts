import type { RequestContext } from '../access/request-context.ts';
import type { AppClient } from '../app-clients/app-client.ts';
import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { userNotFound } from '../users/change-user.ts';
import { getCallerAccount } from '../users/self.ts';
import type { UserRef, UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import { type Group, maxListedMembers, type Membership, type MemberRef } from './group.ts';
import { isGroupAdministrator } from './group-administrator.ts';
import type { ListedMembership, MemberPosition } from './group-store.ts';
import { type GroupDependencies, readGroup } from './manage-groups.ts';

export interface ListMembersDependencies extends GroupDependencies {
  readonly users: Pick<UserStore, 'get' | 'getAll' | 'getWithGroups'>;
  readonly appClients: Pick<AppClientStore, 'getAll'>;
}

/** A membership with the member. */
export type Member<M extends Membership = Membership> = M &
  ({ readonly user: User } | { readonly appClient: AppClient } | { readonly group: Group });

interface MemberPage {
  readonly members: readonly Member<ListedMembership>[];
  /** Position after which the next page starts. Undefined on the last page. */
  readonly next: MemberPosition | undefined;
}

interface MemberQuery {
  readonly groupId: Uuid | undefined;
  readonly kind?: MemberRef['kind'] | undefined;
  readonly after: MemberPosition | undefined;
  readonly limit: number;
}

/**
 * Lists the direct members of a group: app clients, groups, users. Deleted members are left out, so
 * a page can be short and still have a next page. Throws `forbidden` or `not_found`.
 */
export async function listMembers(
  { groupId, ...page }: MemberQuery,
  context: RequestContext,
  deps: ListMembersDependencies,
): Promise<MemberPage> {
  deps.policy.authorize(context, 'readGroup', {
    groupAdministrator: await isGroupAdministrator(groupId, context, deps),
  });
  const group = await readGroup(groupId, context, deps);
  const { tenantId } = context.tenant;
  const { memberships, next } = await deps.memberships.listMembers(tenantId, group.groupId, page);
  return { members: await loadMembers(memberships, context, deps), next };
}

/**
 * Lists all direct members of some kinds. Throws `forbidden`, `not_found`, or `too_many_results`
 * for more than 1,000.
 */
export async function listAllMembers(
  {
    groupId,
    kinds,
  }: { readonly groupId: Uuid | undefined; readonly kinds: readonly MemberRef['kind'][] },
  context: RequestContext,
  deps: ListMembersDependencies,
): Promise<readonly Member[]> {
  deps.policy.authorize(context, 'readGroup', {
    groupAdministrator: await isGroupAdministrator(groupId, context, deps),
  });
  const group = await readGroup(groupId, context, deps);
  const page = { after: undefined, limit: maxListedMembers + 1 };
  const pages = await Promise.all(
    kinds.map((kind) =>
      deps.memberships.listMembers(context.tenant.tenantId, group.groupId, { kind, ...page }),
    ),
  );
  const memberships = pages.flatMap((each) => each.memberships);
  if (memberships.length > maxListedMembers) throw tooManyMembers();
  return loadMembers(memberships, context, deps);
}

export const tooManyMembers = (): Failure =>
  new Failure(
    'too_many_results',
    `This list has no pages and serves groups of up to ${maxListedMembers.toLocaleString('en')} members. Use GET /v1/groups/{groupId}/members.`,
  );

/** Adds the members to memberships. Leaves out deleted members. */
export async function loadMembers<M extends Membership>(
  memberships: readonly M[],
  { tenant: { tenantId } }: RequestContext,
  deps: Pick<ListMembersDependencies, 'users' | 'appClients' | 'groups'>,
): Promise<readonly Member<M>[]> {
  const selectIds = (kind: MemberRef['kind']) =>
    memberships.filter(({ member }) => member.kind === kind).map(({ member: { id } }) => id);
  const [users, appClients, groups] = await Promise.all([
    deps.users.getAll(tenantId, selectIds('user')),
    deps.appClients.getAll(tenantId, selectIds('appClient')),
    deps.groups.getAll(tenantId, selectIds('group')),
  ]);
  return memberships.flatMap((membership): Member<M>[] => {
    const { kind, id } = membership.member;
    if (kind === 'user') {
      const user = users.get(id);
      return user && user.status !== 'deleted' ? [{ ...membership, user }] : [];
    }
    if (kind === 'appClient') {
      const appClient = appClients.get(id);
      return appClient && !appClient.revocation ? [{ ...membership, appClient }] : [];
    }
    const group = groups.get(id);
    return group && !group.deletion ? [{ ...membership, group }] : [];
  });
}

export interface UserGroupPage {
  readonly groups: readonly (Membership & { readonly group: Group })[];
  /** Group ID after which the next page starts. Undefined on the last page. */
  readonly next: Uuid | undefined;
}

interface GroupPageRequest {
  readonly after: Uuid | undefined;
  readonly limit: number;
}

/**
 * Lists the groups that a user is a direct member of, in the order of their IDs. Throws `forbidden`
 * or `not_found`.
 */
export async function listUserGroups(
  { ref, ...page }: GroupPageRequest & { readonly ref: UserRef | undefined },
  context: RequestContext,
  deps: ListMembersDependencies,
): Promise<UserGroupPage> {
  deps.policy.authorize(context, 'readGroup', { groupAdministrator: false });
  const user = ref && (await deps.users.get(context.tenant.tenantId, ref, false));
  if (!user || user.status === 'deleted') throw userNotFound();
  return readGroupPage(user, page, deps);
}

/** Lists the groups of the caller. Throws like `getCallerAccount`. */
export async function listOwnGroups(
  page: GroupPageRequest,
  context: RequestContext,
  deps: ListMembersDependencies,
): Promise<UserGroupPage> {
  const { user } = await getCallerAccount(context, deps, false);
  return readGroupPage(user, page, deps);
}

async function readGroupPage(
  { tenantId, userId }: User,
  page: GroupPageRequest,
  { memberships: store, groups: groupStore }: ListMembersDependencies,
): Promise<UserGroupPage> {
  const { memberships, next } = await store.listGroups(
    tenantId,
    { kind: 'user', id: userId },
    page,
  );
  const byId = await groupStore.getAll(
    tenantId,
    memberships.map(({ groupId }) => groupId),
  );
  const groups = memberships.flatMap((membership) => {
    const group = byId.get(membership.groupId);
    return group && !group.deletion ? [{ ...membership, group }] : [];
  });
  return { groups, next };
}
