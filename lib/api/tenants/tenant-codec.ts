import type * as z from 'zod';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { CreateTenantInput } from '../../domain/tenants/create-tenant.ts';
import type { UpdateTenantInput } from '../../domain/tenants/update-tenant.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import type { ListCodec } from '../lists.ts';
import type { Reply } from '../users/user-codec.ts';

/** What a view needs to know besides the tenant. */
export interface TenantResponseContext {
  readonly idPrefix: IdPrefix;
  /** Undefined for a tenant without one, and where the dialect does not show it. */
  readonly ownerEmail: string | undefined;
}

/** The tenant resource on the wire of one dialect. */
export interface TenantCodec {
  /** Request body of a create → TenantDraft; absent where the dialect has none that says enough. */
  readonly createInput?: z.ZodType<CreateTenantInput>;
  /** Request body of a change → TenantPatch. */
  readonly updateInput: z.ZodType<UpdateTenantInput>;
  readonly list: ListCodec & {
    /** Whose it is: every tenant's for a system administrator (and refused to others), either as it can be, or the caller's own. */
    readonly scope: 'all' | 'all-or-own' | 'own';
  };
  readonly response: z.ZodType;
  readonly pathParameter: {
    readonly name: string;
    readonly description: string;
    readonly example: string;
  };
  /** Whether the view shows the address of the owner, which then has to be read. */
  readonly includesOwner: boolean;
  toResponse(tenant: Tenant, shown: TenantResponseContext): Reply;
  getLocation?(tenant: Tenant): string;
}
