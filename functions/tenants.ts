import { createDeps, type Deps } from '../lib/deps.ts';
import { cradlRole } from '../lib/dialects/cradl/role.ts';
import { nativeRole } from '../lib/dialects/native/role.ts';
import { limitOf } from '../lib/dialects/paging.ts';
import { parse } from '../lib/dialects/parse.ts';
import { roleListQuery, type RoleWire, slugOf } from '../lib/dialects/role-wire.ts';
import type { Reply } from '../lib/dialects/user-wire.ts';
import type { Call } from '../lib/domain/call.ts';
import { openCursor, sealCursor } from '../lib/domain/cursor.ts';
import { createRole, deleteRole, getRole, listRoles, type ShownRole, updateRole } from '../lib/domain/manage-roles.ts';
import { admission } from '../lib/http/admit.ts';
import { endpoint, type Request } from '../lib/http/endpoint.ts';
import { ifMatch } from '../lib/http/if-match.ts';
import { queryOf } from '../lib/http/query.ts';
import type { DialectName } from '../lib/http/routes.ts';

const roleWires: Readonly<Partial<Record<DialectName, RoleWire>>> = { native: nativeRole, cradl: cradlRole };

type TenantRequest = Request<Call>;

const match = ({ event }: TenantRequest) => ifMatch(event.headers['if-match']);
const roleWire = ({ dialect }: TenantRequest) => roleWires[dialect] ?? nativeRole;
const namedRole = ({ parameters }: TenantRequest) => slugOf(parameters['roleId'] ?? '');

/** What tenants are made of, without their users: it touches the directory table, and no secret but the deployment's key. */
export const tenantsHandler = (deps: Deps) => {
  const shownRole = (role: ShownRole, request: TenantRequest): Reply => roleWire(request).view(role, deps.idPrefix);

  return endpoint(
    {
      createRole: async (request) => {
        const { draft, location } = roleWire(request);
        const role = await createRole(parse(draft, request.body), request.call, deps);
        const { headers, body } = shownRole(role, request);
        return { body, headers: { ...headers, ...(location && { location: location(role, deps.idPrefix) }) } };
      },
      listRoles: async (request) => {
        const { event, dialect, call } = request;
        const { maxResults, nextToken: cursor } = parse(roleListQuery, queryOf(event, Object.keys(roleListQuery.shape)));
        const scope = [call.tenant.tenantId, dialect, 'roles'] as const;
        const after = cursor === undefined ? undefined : await openCursor(cursor, 'nextToken', scope, deps.keyring, deps.now());
        const { roles, next } = await listRoles({ limit: limitOf(maxResults), after }, call, deps);
        const nextToken = next === undefined ? null : await sealCursor(next, scope, deps.keyring, deps.now());
        return { body: { roles: roles.map((role) => shownRole(role, request).body), nextToken } };
      },
      getRole: async (request) => shownRole(await getRole(namedRole(request), request.call, deps), request),
      updateRole: async (request) => {
        const patch = parse(roleWire(request).patch, request.body);
        return shownRole(await updateRole(namedRole(request), patch, match(request), request.call, deps), request);
      },
      deleteRole: async (request) => {
        const role = await deleteRole(namedRole(request), match(request), request.call, deps);
        return roleWire(request).showsDeleted ? shownRole(role, request) : { body: undefined };
      },
    },
    admission(deps),
  );
};

export const handler = tenantsHandler(createDeps());
