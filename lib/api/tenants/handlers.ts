import type { DeploymentContext } from '../../domain/access/request-context.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import { findCallerLevel, type Level } from '../../domain/roles/level.ts';
import { type CreateTenantDependencies, createTenant } from '../../domain/tenants/create-tenant.ts';
import {
  type DeletionDependencies,
  deleteTenant,
  eraseTenant,
  restoreTenant,
} from '../../domain/tenants/delete-tenant.ts';
import {
  getOrganization,
  getTenant,
  listCallerTenant,
  listTenants,
} from '../../domain/tenants/read-tenants.ts';
import type { Tenant, UsableTenantStatus } from '../../domain/tenants/tenant.ts';
import {
  setTenantStatus,
  type TenantDependencies,
  transferOwnership,
  updateTenant,
} from '../../domain/tenants/update-tenant.ts';
import type { DeploymentOperation } from '../auth/deployment-operations.ts';
import { readPathTenant } from '../auth/path-tenant.ts';
import { type IdPrefixes, type Reply, selectIdPrefix, withErrorMapping } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { tenantCodecs, transferOwnershipInputs } from './codecs.ts';
import type { TenantOperation } from './tenant-codec.ts';

type Dependencies = CreateTenantDependencies &
  TenantDependencies &
  DeletionDependencies &
  ListPageDependencies &
  IdPrefixes;

type TenantRequest = AuthenticatedRequest<Exclude<TenantOperation, DeploymentOperation>>;

/** A slug in the path names the tenant of the request, because authentication compared it. */
function getPathTenantId({ parameters, context }: TenantRequest): Uuid | undefined {
  const pathTenant = readPathTenant(parameters);
  return pathTenant && 'slug' in pathTenant ? context.tenant.tenantId : pathTenant?.tenantId;
}

const toTenantTarget = (request: TenantRequest) => ({
  tenantId: getPathTenantId(request),
  ifMatch: readIfMatch(request),
});

export const tenantHandlers = (deps: Dependencies) => {
  const toResponses = async (
    tenants: readonly Tenant[],
    dialect: TenantRequest['dialect'],
    callerLevel?: Level,
  ): Promise<readonly Reply[]> => {
    const { includesOwner, ...codec } = tenantCodecs[dialect];
    const emails = includesOwner ? await deps.tenantAdminStore.getOwnerEmails(tenants) : undefined;
    return tenants.map((tenant) =>
      codec.toResponse(tenant, {
        idPrefix: selectIdPrefix(dialect, deps),
        ownerEmail: emails?.get(tenant.tenantId),
        callerLevel,
      }),
    );
  };

  const toResponse = async (tenant: Tenant, request: TenantRequest): Promise<Reply> => {
    const { dialect, context } = request;
    const [reply] = await toResponses([tenant], dialect, findCallerLevel(context));
    return reply as Reply;
  };

  const setStatus = async (status: UsableTenantStatus, request: TenantRequest): Promise<Reply> => {
    const target = toTenantTarget(request);
    const tenant = await setTenantStatus({ ...target, status }, request.context, deps);
    return toResponse(tenant, request);
  };

  return {
    createTenant: async (request) => {
      const codec = tenantCodecs[request.dialect];
      const input = parse(codec.createInput(), request.body);
      const { tenant, owner } = await withErrorMapping(codec.mapCreateError, () =>
        createTenant(input, request.context, deps),
      );
      const { body, headers } = codec.toResponse(tenant, {
        idPrefix: selectIdPrefix(request.dialect, deps),
        ownerEmail: owner?.email,
        callerLevel: undefined,
      });
      const location = codec.getLocation?.(tenant);
      return { body, headers: { ...headers, ...(location !== undefined && { location }) } };
    },

    listTenants: (request) => {
      const { dialect, context } = request;
      const { tenant } = context;
      const { list } = tenantCodecs[dialect];
      const listsAll =
        list.scope === 'all' ||
        (list.scope === 'all-or-own' && context.principal.systemAdministrator);
      const query = parseListQuery(list, request);
      const deleted = query['status'] === 'deleted';
      const read = async (page: PageRequest): Promise<PageItems> => {
        const { tenants, next } =
          listsAll || !tenant
            ? await listTenants({ ...page, deleted }, context, deps)
            : await listCallerTenant({ ...context, tenant }, deps);
        const replies = await toResponses(tenants, dialect);
        const items = tenants.map(({ slug }, index) => ({
          body: replies[index]?.body,
          position: slug,
        }));
        return { items, next };
      };
      // Not bound to a tenant: a system administrator sees the same list in all of them.
      const scope = ['*', dialect, deleted ? 'deleted tenants' : 'tenants'] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    getTenant: async (request) =>
      toResponse(await getTenant(getPathTenantId(request), request.context, deps), request),

    getOrganization: async (request) =>
      toResponse(await getOrganization(request.context, deps), request),

    listProjects: async ({ context }) => {
      await getOrganization(context, deps);
      return { body: [] };
    },

    updateTenant: async (request) => {
      const input = parse(tenantCodecs[request.dialect].updateInput(), request.body);
      const target = toTenantTarget(request);
      const tenant = await updateTenant({ ...target, input }, request.context, deps);
      return toResponse(tenant, request);
    },

    suspendTenant: (request) => setStatus('suspended', request),
    resumeTenant: (request) => setStatus('active', request),

    deleteTenant: async (request) => {
      await deleteTenant(toTenantTarget(request), request.context, deps);
      return { body: undefined };
    },

    restoreTenant: async (request) => {
      const tenant = await restoreTenant(toTenantTarget(request), request.context, deps);
      return toResponse(tenant, request);
    },

    eraseTenant: async (request) => {
      const tenant = await eraseTenant(toTenantTarget(request), request.context, deps);
      return toResponse(tenant, request);
    },

    transferOwnership: async (request) => {
      const { userId } = parse(transferOwnershipInputs[request.dialect](), request.body);
      const target = toTenantTarget(request);
      const tenant = await transferOwnership({ ...target, userId }, request.context, deps);
      return toResponse(tenant, request);
    },
  } satisfies Operations<DeploymentContext>;
};
