import type { Uuid } from '../kernel/ids.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { StoredResponse } from '../users/user-store.ts';
import type { User } from '../users/user.ts';

/** Reads that show how a write of a user would end. */
export interface WriteChecks {
  /** Finds the response stored for an idempotency key. */
  findStoredResponse(tenantId: Uuid, idempotencyId: string): Promise<StoredResponse | undefined>;
  /**
   * Throws `user_exists` if another user has an identifier of the user. `changedUsers` replace the
   * stored versions of the same users.
   */
  assertAvailable(
    user: User,
    options: {
      readonly uniqueness: Tenant['uniqueness'];
      readonly changedUsers: readonly User[];
    },
  ): Promise<void>;
}
