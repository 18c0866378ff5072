import type { Deps } from '../../deps/http-deps.ts';
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
import { admission } from '../auth/resolve-tenant.ts';
import { endpoint, type Request } from '../http/pipeline.ts';
import { ifMatch } from '../http/if-match.ts';
import { asked, type Page, paged } from '../http/list-page.ts';
import { pathTenant } from '../auth/path-tenant.ts';
import type { DialectName } from '../routes.ts';

/** Credible's organizations are not here. */
const tenantWires: Readonly<Record<DialectName, TenantCodec>> = {
  native: nativeTenant,
  cradl: cradlTenant,
  jitsudo: jitsudoTenant,
  credible: nativeTenant,
};

const roleWires: Readonly<Partial<Record<DialectName, RoleCodec>>> = {
  native: nativeRole,
  cradl: cradlRole,
};

type TenantRequest = Request<RequestContext>;

const named = ({ parameters }: TenantRequest) => pathTenant(parameters);
const match = ({ event }: TenantRequest) => ifMatch(event.headers['if-match']);

const roleWire = ({ dialect }: TenantRequest) => roleWires[dialect] ?? nativeRole;
const namedRole = ({ parameters }: TenantRequest) => parseRoleSlug(parameters['roleId'] ?? '');

/** Tenants and their roles: it touches the directory table, and no secret but the deployment's key. */
export const tenantsApi = (deps: Deps) => {
  const shown = async (
    tenants: readonly Tenant[],
    { dialect }: TenantRequest,
  ): Promise<Reply[]> => {
    const { toResponse: view, includesOwner: showsOwner } = tenantWires[dialect];
    const owners = showsOwner ? await deps.tenantRegister.getOwnerEmails(tenants) : undefined;
    return tenants.map((tenant) =>
      view(tenant, { idPrefix: deps.idPrefix, ownerEmail: owners?.get(tenant.tenantId) }),
    );
  };
  const shownOne = async (tenant: Tenant, request: TenantRequest): Promise<Reply> => {
    const [reply] = await shown([tenant], request);
    return reply ?? { body: undefined };
  };

  const shownRole = (role: RoleView, request: TenantRequest): Reply =>
    roleWire(request).toResponse(role, deps.idPrefix);

  return endpoint(
    {
      createTenant: async (request) => {
        const {
          createInput: draft = nativeTenant.createInput,
          toResponse: view,
          getLocation: location,
        } = tenantWires[request.dialect];
        const { tenant, owner } = await createTenant(
          parse(draft, request.body),
          request.call,
          deps,
        );
        const { body, headers } = view(tenant, {
          idPrefix: deps.idPrefix,
          ownerEmail: owner.email,
        });
        return { body, headers: { ...headers, ...(location && { location: location(tenant) }) } };
      },
      listTenants: (request) => {
        const { dialect, call } = request;
        const { list } = tenantWires[dialect];
        const listsAll =
          list.scope === 'all' ||
          (list.scope === 'all-or-own' && call.principal.systemAdministrator);
        const read = async (page: Page) => {
          const { tenants, next } = listsAll
            ? await listTenants(page, call, deps)
            : await listCallerTenant(call, deps);
          const replies = await shown(tenants, request);
          return {
            items: tenants.map(({ slug }, index) => ({
              body: replies[index]?.body,
              position: slug,
            })),
            next,
          };
        };
        // It is the same list in whichever tenant a system administrator stands.
        return paged(list, asked(list, request), ['*', dialect, 'tenants'], read, deps);
      },
      getTenant: async (request) =>
        shownOne(await getTenant(named(request), request.call, deps), request),
      updateTenant: async (request) => {
        const patch = parse(tenantWires[request.dialect].updateInput, request.body);
        return shownOne(
          await updateTenant(named(request), patch, match(request), request.call, deps),
          request,
        );
      },
      suspendTenant: async (request) =>
        shownOne(
          await setTenantStatus(named(request), 'suspended', match(request), request.call, deps),
          request,
        ),
      resumeTenant: async (request) =>
        shownOne(
          await setTenantStatus(named(request), 'active', match(request), request.call, deps),
          request,
        ),
      transferOwnership: async (request) => {
        const { userId } = parse(transferOwnershipInput, request.body);
        return shownOne(
          await transferOwnership(named(request), userId, match(request), request.call, deps),
          request,
        );
      },

      createRole: async (request) => {
        const { createInput: draft, getLocation: location } = roleWire(request);
        const role = await createRole(parse(draft, request.body), request.call, deps);
        const { headers, body } = shownRole(role, request);
        return {
          body,
          headers: { ...headers, ...(location && { location: location(role, deps.idPrefix) }) },
        };
      },
      listRoles: (request) => {
        const { dialect, call } = request;
        const { list } = roleWire(request);
        const read = async (page: Page) => {
          const { roles, next } = await listRoles(page, call, deps);
          return {
            items: roles.map((role) => ({
              body: shownRole(role, request).body,
              position: role.slug,
            })),
            next,
          };
        };
        return paged(
          list,
          asked(list, request),
          [call.tenant.tenantId, dialect, 'roles'],
          read,
          deps,
        );
      },
      getRole: async (request) =>
        shownRole(await getRole(namedRole(request), request.call, deps), request),
      updateRole: async (request) => {
        const { updateInput: schema, replacesMetadata } = roleWire(request);
        const patch = parse(schema, request.body);
        const options = { ifMatch: match(request), replacesMetadata };
        return shownRole(
          await updateRole(namedRole(request), patch, options, request.call, deps),
          request,
        );
      },
      deleteRole: async (request) => {
        const role = await deleteRole(namedRole(request), match(request), request.call, deps);
        return roleWire(request).returnsDeleted ? shownRole(role, request) : { body: undefined };
      },
    },
    admission(deps),
  );
};
