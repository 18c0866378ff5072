import type { HttpDeps } from '../../deps/http-deps.ts';
import { cradlTenant } from './cradl.ts';
import { cradlRole } from '../roles/cradl.ts';
import { jitsudoTenant } from './jitsudo.ts';
import { nativeRole } from '../roles/native.ts';
import { nativeTenant, transferOwnershipInput } from './native.ts';
import { parse } from '../parse.ts';
import { type RoleCodec, parseRoleSlug } from '../roles/role-codec.ts';
import type { TenantCodec } from './tenant-codec.ts';
import type { Reply } from '../users/user-codec.ts';
import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  createRole,
  deleteRole,
  getRole,
  listRoles,
  type RoleView,
  updateRole,
} from '../../domain/roles/manage-roles.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import { createTenant } from '../../domain/tenants/create-tenant.ts';
import { getTenant, listCallerTenant, listTenants } from '../../domain/tenants/read-tenants.ts';
import {
  setTenantStatus,
  transferOwnership,
  updateTenant,
} from '../../domain/tenants/update-tenant.ts';
import { createAuthenticator } from '../auth/resolve-tenant.ts';
import { authenticatedApi, type Request } from '../http/pipeline.ts';
import { parseIfMatch } from '../http/if-match.ts';
import { parseListQuery, type PageRequest, listPage } from '../http/list-page.ts';
import { readPathTenant } from '../auth/path-tenant.ts';
import type { DialectName } from '../routes.ts';

/** Credible's organizations are not here. */
const tenantCodecs: Readonly<Record<DialectName, TenantCodec>> = {
  native: nativeTenant,
  cradl: cradlTenant,
  jitsudo: jitsudoTenant,
  credible: nativeTenant,
};

const roleCodecs: Readonly<Partial<Record<DialectName, RoleCodec>>> = {
  native: nativeRole,
  cradl: cradlRole,
};

type TenantRequest = Request<RequestContext>;

const parsePathTenant = ({ parameters }: TenantRequest) => readPathTenant(parameters);
const readIfMatch = ({ event }: TenantRequest) => parseIfMatch(event.headers['if-match']);

const getRoleCodec = ({ dialect }: TenantRequest) => roleCodecs[dialect] ?? nativeRole;
const parseRole = ({ parameters }: TenantRequest) => parseRoleSlug(parameters['roleId'] ?? '');

/** Tenants and their roles: it touches the directory table, and no secret but the deployment's key. */
export const tenantsApi = (deps: HttpDeps) => {
  const toResponses = async (
    tenants: readonly Tenant[],
    { dialect }: TenantRequest,
  ): Promise<Reply[]> => {
    const { toResponse: view, includesOwner: showsOwner } = tenantCodecs[dialect];
    const owners = showsOwner ? await deps.tenantAdminStore.getOwnerEmails(tenants) : undefined;
    return tenants.map((tenant) =>
      view(tenant, { idPrefix: deps.idPrefix, ownerEmail: owners?.get(tenant.tenantId) }),
    );
  };
  const toResponse = async (tenant: Tenant, request: TenantRequest): Promise<Reply> => {
    const [reply] = await toResponses([tenant], request);
    return reply ?? { body: undefined };
  };

  const toRoleResponse = (role: RoleView, request: TenantRequest): Reply =>
    getRoleCodec(request).toResponse(role, deps.idPrefix);

  return authenticatedApi(
    {
      createTenant: async (request) => {
        const {
          createInput: draft = nativeTenant.createInput,
          toResponse: view,
          getLocation: location,
        } = tenantCodecs[request.dialect];
        const { tenant, owner } = await createTenant(
          parse(draft, request.body),
          request.context,
          deps,
        );
        const { body, headers } = view(tenant, {
          idPrefix: deps.idPrefix,
          ownerEmail: owner.email,
        });
        return { body, headers: { ...headers, ...(location && { location: location(tenant) }) } };
      },
      listTenants: (request) => {
        const { dialect, context: call } = request;
        const { list } = tenantCodecs[dialect];
        const listsAll =
          list.scope === 'all' ||
          (list.scope === 'all-or-own' && call.principal.systemAdministrator);
        const read = async (page: PageRequest) => {
          const { tenants, next } = listsAll
            ? await listTenants(page, call, deps)
            : await listCallerTenant(call, deps);
          const replies = await toResponses(tenants, request);
          return {
            items: tenants.map(({ slug }, index) => ({
              body: replies[index]?.body,
              position: slug,
            })),
            next,
          };
        };
        // It is the same list in whichever tenant a system administrator stands.
        return listPage(list, parseListQuery(list, request), ['*', dialect, 'tenants'], read, deps);
      },
      getTenant: async (request) =>
        toResponse(await getTenant(parsePathTenant(request), request.context, deps), request),
      updateTenant: async (request) => {
        const patch = parse(tenantCodecs[request.dialect].updateInput, request.body);
        return toResponse(
          await updateTenant(
            parsePathTenant(request),
            patch,
            readIfMatch(request),
            request.context,
            deps,
          ),
          request,
        );
      },
      suspendTenant: async (request) =>
        toResponse(
          await setTenantStatus(
            parsePathTenant(request),
            'suspended',
            readIfMatch(request),
            request.context,
            deps,
          ),
          request,
        ),
      resumeTenant: async (request) =>
        toResponse(
          await setTenantStatus(
            parsePathTenant(request),
            'active',
            readIfMatch(request),
            request.context,
            deps,
          ),
          request,
        ),
      transferOwnership: async (request) => {
        const { userId } = parse(transferOwnershipInput, request.body);
        return toResponse(
          await transferOwnership(
            parsePathTenant(request),
            userId,
            readIfMatch(request),
            request.context,
            deps,
          ),
          request,
        );
      },

      createRole: async (request) => {
        const { createInput: draft, getLocation: location } = getRoleCodec(request);
        const role = await createRole(parse(draft, request.body), request.context, deps);
        const { headers, body } = toRoleResponse(role, request);
        return {
          body,
          headers: { ...headers, ...(location && { location: location(role, deps.idPrefix) }) },
        };
      },
      listRoles: (request) => {
        const { dialect, context: call } = request;
        const { list } = getRoleCodec(request);
        const read = async (page: PageRequest) => {
          const { roles, next } = await listRoles(page, call, deps);
          return {
            items: roles.map((role) => ({
              body: toRoleResponse(role, request).body,
              position: role.slug,
            })),
            next,
          };
        };
        return listPage(
          list,
          parseListQuery(list, request),
          [call.tenant.tenantId, dialect, 'roles'],
          read,
          deps,
        );
      },
      getRole: async (request) =>
        toRoleResponse(await getRole(parseRole(request), request.context, deps), request),
      updateRole: async (request) => {
        const { updateInput: schema, replacesMetadata } = getRoleCodec(request);
        const patch = parse(schema, request.body);
        const options = { ifMatch: readIfMatch(request), replacesMetadata };
        return toRoleResponse(
          await updateRole(parseRole(request), patch, options, request.context, deps),
          request,
        );
      },
      deleteRole: async (request) => {
        const role = await deleteRole(
          parseRole(request),
          readIfMatch(request),
          request.context,
          deps,
        );
        return getRoleCodec(request).returnsDeleted
          ? toRoleResponse(role, request)
          : { body: undefined };
      },
    },
    createAuthenticator(deps),
  );
};
