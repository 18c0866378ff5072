import type { Timestamp } from '../kernel/time.ts';
import type { Level } from '../roles/level.ts';

/** Pending request of a user for a level. */
export interface AccessRequest {
  readonly level: Level;
  readonly message?: string | undefined;
  readonly requestedAt: Timestamp;
  /** Version of the user with this request. */
  readonly version: number;
}

/** Entry of the list of pending requests. */
export interface ListedAccessRequest extends AccessRequest {
  readonly userId: string;
  readonly email: string;
}

/** Reads the pending requests. `UserStore` writes them with their users. */
export interface AccessRequestStore {
  /** Lists requests in the order of the user IDs. Strongly consistent. */
  list(tenantId: string, page: { readonly limit: number }): Promise<readonly ListedAccessRequest[]>;
}
