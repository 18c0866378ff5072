import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs, Timestamp } from '../kernel/time.ts';
import type { Tenant } from './tenant.ts';

/** Erases the data of deleted tenants. Reads are strongly consistent. */
export interface TenantErasureStore {
  /** Lists the deleted tenants that are not erased yet. */
  listDeleted(): AsyncIterable<Uuid>;
  get(tenantId: Uuid): Promise<Tenant | undefined>;
  /** Records the start. False if the tenant has changed since it was read. */
  start(tenant: Tenant, startedAt: Timestamp, deadline: EpochMs): Promise<boolean>;
  /**
   * Deletes everything except the tenant, its slug and its list entry, and counts the erased users.
   * Can be repeated. Throws `unavailable` at the deadline.
   */
  removeData(tenant: Tenant, deadline: EpochMs): Promise<void>;
  /** Reduces the tenant to the record of its erasure. Call it after its data is removed. */
  finish(tenantId: Uuid, finishedAt: Timestamp, deadline: EpochMs): Promise<void>;
}
