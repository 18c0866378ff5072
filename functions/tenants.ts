import { createDeps, type Deps } from '../lib/deps.ts';
import { cradlOrganization } from '../lib/dialects/cradl/organization.ts';
import { jitsudoTenant } from '../lib/dialects/jitsudo/tenant.ts';
import { nativeTenant, newOwner } from '../lib/dialects/native/tenant.ts';
import { parse } from '../lib/dialects/parse.ts';
import type { TenantWire } from '../lib/dialects/tenant-wire.ts';
import type { Reply } from '../lib/dialects/user-wire.ts';
import type { Call } from '../lib/domain/call.ts';
import { createTenant } from '../lib/domain/tenants/create-tenant.ts';
import { slugInCursor, tenantCursor } from '../lib/domain/tenants/cursor.ts';
import { getTenant, listOwnTenant, listTenants } from '../lib/domain/tenants/read-tenants.ts';
import { suspendTenant, transferOwnership, updateTenant } from '../lib/domain/tenants/update-tenant.ts';
import type { Tenant } from '../lib/domain/tenants.ts';
import { admission } from '../lib/http/admit.ts';
import { endpoint, type Request } from '../lib/http/endpoint.ts';
import { ifMatch } from '../lib/http/if-match.ts';
import { pathTenant } from '../lib/http/path-tenant.ts';
import { queryOf } from '../lib/http/query.ts';
import type { DialectName } from '../lib/http/routes.ts';

/** Credible's organizations are not here. */
const wires: Readonly<Record<DialectName, TenantWire>> = {
  native: nativeTenant,
  cradl: cradlOrganization,
  jitsudo: jitsudoTenant,
  credible: nativeTenant,
};

type TenantRequest = Request<Call>;

const named = ({ parameters }: TenantRequest) => pathTenant(parameters);
const match = ({ event }: TenantRequest) => ifMatch(event.headers['if-match']);

/** What tenants are told and told of: what may touch the directory table, and no secret. */
export const tenantsHandler = (deps: Deps) => {
  const shown = async (tenants: readonly Tenant[], { dialect }: TenantRequest): Promise<Reply[]> => {
    const { view, showsOwner } = wires[dialect];
    const owners = showsOwner ? await deps.tenantRegister.ownersOf(tenants) : undefined;
    return tenants.map((tenant) => view(tenant, { idPrefix: deps.idPrefix, ownerEmail: owners?.get(tenant.tenantId) }));
  };
  const shownOne = async (tenant: Tenant, request: TenantRequest): Promise<Reply> => {
    const [reply] = await shown([tenant], request);
    return reply ?? { body: undefined };
  };

  return endpoint(
    {
      createTenant: async (request) => {
        const { draft = nativeTenant.draft, view, location } = wires[request.dialect];
        const { tenant, owner } = await createTenant(parse(draft, request.body), request.call, deps);
        const { body, headers } = view(tenant, { idPrefix: deps.idPrefix, ownerEmail: owner.email });
        return { body, headers: { ...headers, ...(location && { location: location(tenant) }) } };
      },
      listTenants: async (request) => {
        const { event, dialect, call } = request;
        const { query, page, cursorParameter, view, covers } = wires[dialect].list;
        const { limit, cursor } = page(parse(query, queryOf(event, Object.keys(query.shape))));
        const after = cursor === undefined ? undefined : slugInCursor(cursor, cursorParameter);
        const listsAll = covers === 'all' || (covers === 'all-or-own' && call.principal.systemAdministrator);
        const { tenants, next } = listsAll ? await listTenants({ after, limit }, call, deps) : await listOwnTenant(call, deps);
        const bodies = (await shown(tenants, request)).map(({ body }) => body);
        return { body: view(bodies, next === undefined ? undefined : tenantCursor(next)) };
      },
      getTenant: async (request) => shownOne(await getTenant(named(request), request.call, deps), request),
      updateTenant: async (request) => {
        const patch = parse(wires[request.dialect].patch, request.body);
        return shownOne(await updateTenant(named(request), patch, match(request), request.call, deps), request);
      },
      suspendTenant: async (request) => shownOne(await suspendTenant(named(request), false, match(request), request.call, deps), request),
      resumeTenant: async (request) => shownOne(await suspendTenant(named(request), true, match(request), request.call, deps), request),
      transferOwnership: async (request) => {
        const { userId } = parse(newOwner, request.body);
        return shownOne(await transferOwnership(named(request), userId, match(request), request.call, deps), request);
      },
    },
    admission(deps),
  );
};

export const handler = tenantsHandler(createDeps());
