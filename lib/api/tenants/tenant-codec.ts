import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { Level } from '../../domain/roles/level.ts';
import type { CreateTenantInput } from '../../domain/tenants/create-tenant.ts';
import type { UpdateTenantInput } from '../../domain/tenants/update-tenant.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import type { ErrorMapping, LazySchema, PathParameter, Reply } from '../codec.ts';
import type { ListCodec } from '../lists.ts';

export type TenantOperation =
  | 'createTenant'
  | 'listTenants'
  | 'getTenant'
  | 'getOrganization'
  | 'listProjects'
  | 'updateTenant'
  | 'suspendTenant'
  | 'resumeTenant'
  | 'deleteTenant'
  | 'restoreTenant'
  | 'eraseTenant'
  | 'transferOwnership';

/** Values that a response shows in addition to the tenant. */
export interface TenantResponseContext {
  readonly idPrefix: IdPrefix;
  /** Undefined for a tenant without an owner and for dialects that do not show it. */
  readonly ownerEmail: string | undefined;
  /** Undefined for a caller without a level in the tenant. */
  readonly callerLevel: Level | undefined;
}

/** Tenants in one dialect. */
export interface TenantCodec {
  readonly createInput: LazySchema<CreateTenantInput>;
  readonly mapCreateError?: ErrorMapping;
  readonly updateInput: LazySchema<UpdateTenantInput>;
  readonly response: LazySchema;
  readonly pathParameter: PathParameter;
  /** True if the response shows the email of the owner, which is read separately. */
  readonly includesOwner: boolean;
  toResponse(tenant: Tenant, context: TenantResponseContext): Reply;
  /** Path of a new tenant, for dialects that send `Location`. */
  getLocation?(tenant: Tenant): string;
}

/** Tenants in a dialect that lists them. */
export interface ListedTenantCodec extends TenantCodec {
  readonly list: ListCodec & {
    /**
     * All tenants, which only system administrators may list; the caller's own; or as the caller
     * may.
     */
    readonly scope: 'all' | 'all-or-own' | 'own';
  };
}
