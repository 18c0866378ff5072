import { createDeps, type Deps } from '../lib/deps/http-deps.ts';
import { cradlOrganization } from '../lib/dialects/cradl/organization.ts';
import { cradlRole } from '../lib/dialects/cradl/role.ts';
import { jitsudoTenant } from '../lib/dialects/jitsudo/tenant.ts';
import { nativeRole } from '../lib/dialects/native/role.ts';
import { nativeTenant, newOwner } from '../lib/dialects/native/tenant.ts';
import { parse } from '../lib/dialects/parse.ts';
import { type RoleWire, slugOf } from '../lib/dialects/role-wire.ts';
import type { TenantWire } from '../lib/dialects/tenant-wire.ts';
import type { Reply } from '../lib/dialects/user-wire.ts';
import type { Call } from '../lib/domain/access/request-context.ts';
import { createRole, deleteRole, getRole, listRoles, type ShownRole, updateRole } from '../lib/domain/roles/manage-roles.ts';
import type { Tenant } from '../lib/domain/tenants/tenant.ts';
import { createTenant } from '../lib/domain/tenants/create-tenant.ts';
import { getTenant, listOwnTenant, listTenants } from '../lib/domain/tenants/read-tenants.ts';
import { setTenantStatus, transferOwnership, updateTenant } from '../lib/domain/tenants/update-tenant.ts';
import { admission } from '../lib/http/admit.ts';
import { endpoint, type Request } from '../lib/http/endpoint.ts';
import { ifMatch } from '../lib/http/if-match.ts';
import { asked, type Page, paged } from '../lib/http/paged.ts';
import { pathTenant } from '../lib/http/path-tenant.ts';
import type { DialectName } from '../lib/http/routes.ts';

/** Credible's organizations are not here. */
const tenantWires: Readonly<Record<DialectName, TenantWire>> = {
  native: nativeTenant,
  cradl: cradlOrganization,
  jitsudo: jitsudoTenant,
  credible: nativeTenant,
};

const roleWires: Readonly<Partial<Record<DialectName, RoleWire>>> = { native: nativeRole, cradl: cradlRole };

type TenantRequest = Request<Call>;

const named = ({ parameters }: TenantRequest) => pathTenant(parameters);
const match = ({ event }: TenantRequest) => ifMatch(event.headers['if-match']);

const roleWire = ({ dialect }: TenantRequest) => roleWires[dialect] ?? nativeRole;
const namedRole = ({ parameters }: TenantRequest) => slugOf(parameters['roleId'] ?? '');

/** Tenants and their roles: it touches the directory table, and no secret but the deployment's key. */
export const tenantsHandler = (deps: Deps) => {
  const shown = async (tenants: readonly Tenant[], { dialect }: TenantRequest): Promise<Reply[]> => {
    const { view, showsOwner } = tenantWires[dialect];
    const owners = showsOwner ? await deps.tenantRegister.ownersOf(tenants) : undefined;
    return tenants.map((tenant) => view(tenant, { idPrefix: deps.idPrefix, ownerEmail: owners?.get(tenant.tenantId) }));
  };
  const shownOne = async (tenant: Tenant, request: TenantRequest): Promise<Reply> => {
    const [reply] = await shown([tenant], request);
    return reply ?? { body: undefined };
  };

  const shownRole = (role: ShownRole, request: TenantRequest): Reply => roleWire(request).view(role, deps.idPrefix);

  return endpoint(
    {
      createTenant: async (request) => {
        const { draft = nativeTenant.draft, view, location } = tenantWires[request.dialect];
        const { tenant, owner } = await createTenant(parse(draft, request.body), request.call, deps);
        const { body, headers } = view(tenant, { idPrefix: deps.idPrefix, ownerEmail: owner.email });
        return { body, headers: { ...headers, ...(location && { location: location(tenant) }) } };
      },
      listTenants: (request) => {
        const { dialect, call } = request;
        const { list } = tenantWires[dialect];
        const listsAll = list.covers === 'all' || (list.covers === 'all-or-own' && call.principal.systemAdministrator);
        const read = async (page: Page) => {
          const { tenants, next } = listsAll ? await listTenants(page, call, deps) : await listOwnTenant(call, deps);
          const replies = await shown(tenants, request);
          return { items: tenants.map(({ slug }, index) => ({ body: replies[index]?.body, position: slug })), next };
        };
        // It is the same list in whichever tenant a system administrator stands.
        return paged(list, asked(list, request), ['*', dialect, 'tenants'], read, deps);
      },
      getTenant: async (request) => shownOne(await getTenant(named(request), request.call, deps), request),
      updateTenant: async (request) => {
        const patch = parse(tenantWires[request.dialect].patch, request.body);
        return shownOne(await updateTenant(named(request), patch, match(request), request.call, deps), request);
      },
      suspendTenant: async (request) =>
        shownOne(await setTenantStatus(named(request), 'suspended', match(request), request.call, deps), request),
      resumeTenant: async (request) =>
        shownOne(await setTenantStatus(named(request), 'active', match(request), request.call, deps), request),
      transferOwnership: async (request) => {
        const { userId } = parse(newOwner, request.body);
        return shownOne(await transferOwnership(named(request), userId, match(request), request.call, deps), request);
      },

      createRole: async (request) => {
        const { draft, location } = roleWire(request);
        const role = await createRole(parse(draft, request.body), request.call, deps);
        const { headers, body } = shownRole(role, request);
        return { body, headers: { ...headers, ...(location && { location: location(role, deps.idPrefix) }) } };
      },
      listRoles: (request) => {
        const { dialect, call } = request;
        const { list } = roleWire(request);
        const read = async (page: Page) => {
          const { roles, next } = await listRoles(page, call, deps);
          return { items: roles.map((role) => ({ body: shownRole(role, request).body, position: role.slug })), next };
        };
        return paged(list, asked(list, request), [call.tenant.tenantId, dialect, 'roles'], read, deps);
      },
      getRole: async (request) => shownRole(await getRole(namedRole(request), request.call, deps), request),
      updateRole: async (request) => {
        const { patch: schema, replacesMetadata } = roleWire(request);
        const patch = parse(schema, request.body);
        const options = { ifMatch: match(request), replacesMetadata };
        return shownRole(await updateRole(namedRole(request), patch, options, request.call, deps), request);
      },
      deleteRole: async (request) => {
        const role = await deleteRole(namedRole(request), match(request), request.call, deps);
        return roleWire(request).showsDeleted ? shownRole(role, request) : { body: undefined };
      },
    },
    admission(deps),
  );
};

export const handler = tenantsHandler(createDeps(process.env));
