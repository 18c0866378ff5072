import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  createRole,
  getRole,
  listDeclaredPermissions,
  listRoles,
  type RoleDependencies,
  type RoleView,
} from '../../domain/roles/manage-roles.ts';
import { deleteRole, updateRole } from '../../domain/roles/update-role.ts';
import { type IdPrefixes, noContent, type Reply, selectIdPrefix } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { permissionListCodecs, roleCodecs } from './codecs.ts';
import { assertKnownPermissions } from './permissions.ts';
import { getPathRole, type RoleCodec, type RoleOperation } from './role-codec.ts';

type Dependencies = RoleDependencies & ListPageDependencies & IdPrefixes;

type RoleRequest = AuthenticatedRequest<RoleOperation>;

const toRoleTarget = (request: RoleRequest) => ({
  slug: getPathRole(request),
  ifMatch: readIfMatch(request),
});

export const roleHandlers = (deps: Dependencies) => {
  const toResponse = (role: RoleView, { dialect, context }: RoleRequest): Reply =>
    roleCodecs[dialect].toResponse(role, {
      idPrefix: selectIdPrefix(dialect, deps),
      declaredPermissions: context.tenant.declaredPermissions,
    });

  return {
    createRole: async (request) => {
      const { createInput, getLocation } = roleCodecs[request.dialect];
      const input = parse(createInput(), request.body);
      assertKnownPermissions(input.permissions, request.context.tenant.declaredPermissions);
      const role = await createRole(input, request.context, deps);
      const { headers, body } = toResponse(role, request);
      const location = getLocation?.(role, selectIdPrefix(request.dialect, deps));
      return { body, headers: { ...headers, ...(location !== undefined && { location }) } };
    },

    listRoles: (request) => {
      const { dialect, context } = request;
      const { list } = roleCodecs[dialect];
      const read = async (page: PageRequest): Promise<PageItems> => {
        const { roles, next } = await listRoles(page, context, deps);
        const items = roles.map((role) => ({
          body: toResponse(role, request).body,
          position: role.slug,
        }));
        return { items, next };
      };
      const query = parseListQuery(list, request);
      const scope = [context.tenant.tenantId, dialect, 'roles'] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    getRole: async (request) =>
      toResponse(await getRole(getPathRole(request), request.context, deps), request),

    updateRole: async (request) => {
      const { updateInput, replacesMetadata, keepsDeclaredPermissions }: RoleCodec =
        roleCodecs[request.dialect];
      const input = parse(updateInput(), request.body);
      assertKnownPermissions(input.permissions ?? [], request.context.tenant.declaredPermissions);
      const options = { replacesMetadata, keepsDeclaredPermissions };
      const update = { ...toRoleTarget(request), input, ...options };
      const role = await updateRole(update, request.context, deps);
      return toResponse(role, request);
    },

    deleteRole: async (request) => {
      const role = await deleteRole(toRoleTarget(request), request.context, deps);
      return roleCodecs[request.dialect].returnsDeleted ? toResponse(role, request) : noContent;
    },

    listPermissions: async ({ dialect, context }) =>
      permissionListCodecs[dialect].toResponse(listDeclaredPermissions(context, deps)),
  } satisfies Operations<RequestContext>;
};
