import type { RequestContext } from '../access/request-context.ts';
import type { Uuid } from '../kernel/ids.ts';
import { toSubjectRef } from '../users/caller-account.ts';
import type { MemberRef } from './group.ts';
import type { MembershipStore } from './group-store.ts';

/**
 * True if the caller is an administrator of the group. Not read for a caller with `groups:write`,
 * who needs no status, and for callers outside of the group. A credential that another principal
 * set does not carry the status, unless that principal could change groups.
 */
export async function isGroupAdministrator(
  groupId: Uuid | undefined,
  { principal, tenant }: RequestContext,
  { memberships }: { readonly memberships: Pick<MembershipStore, 'get'> },
): Promise<boolean> {
  const { permissions, systemAdministrator, limit } = principal;
  if (systemAdministrator || permissions.includes('groups:write') || groupId === undefined)
    return false;
  // Suspended users, and users who must change their password, have no groups.
  if (!principal.groups.includes(groupId)) return false;
  if (limit && !limit.permissions.split(' ').includes('groups:write')) return false;
  const member = toMemberRef(principal);
  const membership = member && (await memberships.get(tenant.tenantId, groupId, member));
  return membership?.status === 'admin';
}

/** Converts the caller to a member. Undefined for a token that names no user of the directory. */
function toMemberRef(principal: RequestContext['principal']): MemberRef | undefined {
  if (principal.appClient) return { kind: 'appClient', id: principal.appClient.appClientId };
  const ref = toSubjectRef(principal);
  return 'userId' in ref ? { kind: 'user', id: ref.userId } : undefined;
}
