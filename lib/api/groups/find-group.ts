import type { RequestContext } from '../../domain/access/request-context.ts';
import type { GroupStore } from '../../domain/groups/group-store.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import type { GroupRef } from './group-codec.ts';

/** Finds the ID of a group. Undefined for an unknown group. Reveals nothing before the decision. */
export const findGroupId = async (
  ref: GroupRef | undefined,
  { tenant }: RequestContext,
  { groups }: { readonly groups: Pick<GroupStore, 'findId'> },
): Promise<Uuid | undefined> => {
  if (ref === undefined) return undefined;
  return 'groupId' in ref ? ref.groupId : groups.findId(tenant.tenantId, ref);
};
