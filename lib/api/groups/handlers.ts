import type { RequestContext } from '../../domain/access/request-context.ts';
import { deleteGroup, restoreGroup } from '../../domain/groups/delete-group.ts';
import type { Group } from '../../domain/groups/group.ts';
import {
  createGroup,
  getGroup,
  type GroupDependencies,
  listGroups,
  updateGroup,
} from '../../domain/groups/manage-groups.ts';
import { canonicalizeGroupName } from '../../domain/kernel/canonical.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { DurationMs } from '../../domain/kernel/time.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import { noContent, type Reply } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { groupCodecs } from './codecs.ts';
import { findGroupId } from './find-group.ts';
import type { GroupOperation } from './group-codec.ts';

type Dependencies = GroupDependencies &
  ListPageDependencies & {
    readonly tenants: Pick<TenantStore, 'findCurrent'>;
    readonly restoreWindowMs: DurationMs;
    readonly idPrefix: IdPrefix;
  };

type GroupRequest = AuthenticatedRequest<GroupOperation>;

export const groupHandlers = (deps: Dependencies) => {
  const toResponse = (group: Group, { dialect }: Pick<GroupRequest, 'dialect'>): Reply =>
    groupCodecs[dialect].toResponse(group, deps.idPrefix);
  const toTarget = async (request: GroupRequest) => {
    const { parseGroupRef, parameter } = groupCodecs[request.dialect];
    const ref = parseGroupRef(request.parameters[parameter.name] ?? '');
    return {
      groupId: await findGroupId(ref, request.context, deps),
      ifMatch: readIfMatch(request),
    };
  };

  return {
    createGroup: async (request) => {
      const { createInput, getLocation } = groupCodecs[request.dialect];
      const group = await createGroup(parse(createInput(), request.body), request.context, deps);
      const { headers, body } = toResponse(group, request);
      const location = getLocation?.(group, deps.idPrefix);
      return { body, headers: { ...headers, ...(location !== undefined && { location }) } };
    },

    listGroups: (request) => {
      const { dialect, context } = request;
      const { list } = groupCodecs[dialect];
      const query = parseListQuery(list, request);
      const filter = list.toFilter(query);
      const read = async (page: PageRequest): Promise<PageItems> => {
        const { groups, next } = await listGroups({ ...page, filter }, context, deps);
        const items = groups.map((group) => ({
          body: toResponse(group, request).body,
          position: canonicalizeGroupName(group.name),
        }));
        return { items, next };
      };
      const scope = [context.tenant.tenantId, dialect, ['groups', filter]] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    getGroup: async (request) => {
      const { groupId } = await toTarget(request);
      return toResponse(await getGroup(groupId, request.context, deps), request);
    },

    updateGroup: async (request) => {
      const input = parse(groupCodecs[request.dialect].updateInput(), request.body);
      const target = await toTarget(request);
      return toResponse(await updateGroup({ ...target, input }, request.context, deps), request);
    },

    deleteGroup: async (request) => {
      await deleteGroup(await toTarget(request), request.context, deps);
      return noContent;
    },

    restoreGroup: async (request) =>
      toResponse(await restoreGroup(await toTarget(request), request.context, deps), request),
  } satisfies Operations<RequestContext>;
};
