import type { EntityChange } from '../kernel/entity.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { CustomRole } from './role.ts';

/** Custom roles of tenants. Reads are strongly consistent and include tombstones. */
export interface RoleStore {
  get(tenantId: Uuid, slug: Slug): Promise<CustomRole | undefined>;
  /** All custom roles in slug order. */
  list(tenantId: Uuid): Promise<readonly CustomRole[]>;
  /**
   * Writes a change. Returns `stale` if the role changed after `before`, or if a new slug exists,
   * and `full` if the tenant reached its maximum. Throws `unavailable` if the outcome is unknown.
   */
  write(change: EntityChange<CustomRole>): Promise<'written' | 'stale' | 'full'>;
}
