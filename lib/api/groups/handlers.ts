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
import { invalidInput } from '../../domain/kernel/failure.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { DurationMs } from '../../domain/kernel/time.ts';
import { assignGroupRole } from '../../domain/roles/assign-role.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import { noContent, type Reply, withErrorMapping } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { getPathRole } from '../roles/role-codec.ts';
import { groupCodecs } from './codecs.ts';
import { findGroupId } from './find-group.ts';
import type { GroupCodec, GroupOperation } from './group-codec.ts';

type Dependencies = GroupDependencies &
  ListPageDependencies & {
    readonly tenants: Pick<TenantStore, 'findCurrent'>;
    readonly restoreWindowMs: DurationMs;
    readonly idPrefix: IdPrefix;
  };

type GroupRequest = AuthenticatedRequest<GroupOperation>;

export const groupHandlers = (deps: Dependencies) => {
  const toResponse = (
    group: Group,
    { dialect, context }: Pick<GroupRequest, 'dialect' | 'context'>,
  ): Reply => groupCodecs[dialect].toResponse(group, deps.idPrefix, context.tenant.slug);
  const toTarget = async (request: GroupRequest) => ({
    groupId: await findGroupId(groupCodecs[request.dialect], request, deps),
    ifMatch: readIfMatch(request),
  });

  const assignRole = async (isAssigned: boolean, request: GroupRequest): Promise<Reply> => {
    const assignment = { slug: getPathRole(request), isAssigned };
    const change = { ...(await toTarget(request)), assignment };
    return toResponse(await assignGroupRole(change, request.context, deps), request);
  };

  return {
    createGroup: async (request) => {
      const { createInput, mapCreateError, getLocation }: GroupCodec = groupCodecs[request.dialect];
      const { organizationName, ...input } = parse(createInput(), request.body);
      assertSameOrganization(organizationName, request.context);
      const group = await withErrorMapping(mapCreateError, () =>
        createGroup(input, request.context, deps),
      );
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

    assignGroupRole: (request) => assignRole(true, request),
    removeGroupRole: (request) => assignRole(false, request),

    deleteGroup: async (request) => {
      await deleteGroup(await toTarget(request), request.context, deps);
      return noContent;
    },

    restoreGroup: async (request) =>
      toResponse(await restoreGroup(await toTarget(request), request.context, deps), request),
  } satisfies Operations<RequestContext>;
};

/** Throws `invalid_input` if the body names another organization than the path. */
function assertSameOrganization(
  organizationName: string | undefined,
  { tenant }: RequestContext,
): void {
  if (organizationName !== undefined && organizationName.toLowerCase() !== tenant.slug)
    throw invalidInput({
      path: 'organizationName',
      message: 'must be the organization in the path',
    });
}
