import type { RequestContext } from '../access/request-context.ts';
import type { UserStore } from '../users/user-store.ts';
import type { MemberName, MemberRef } from './group.ts';
import type { GroupStore } from './group-store.ts';

interface Dependencies {
  readonly users: Pick<UserStore, 'get'>;
  readonly groups: Pick<GroupStore, 'findId'>;
}

/** Finds the member that a reference names. Undefined for an unknown email or name. */
export async function findMember(
  member: MemberRef | MemberName,
  { tenant: { tenantId } }: RequestContext,
  { users, groups }: Dependencies,
): Promise<MemberRef | undefined> {
  if ('id' in member) return member;
  if (member.kind === 'user') {
    const user = await users.get(tenantId, { email: member.email }, false);
    return user && { kind: 'user', id: user.userId };
  }
  const groupId = await groups.findId(tenantId, { name: member.name });
  return groupId === undefined ? undefined : { kind: 'group', id: groupId };
}
