import type { AppClient } from '../app-clients/app-client.ts';
import type { Membership } from '../groups/group.ts';
import type { AuditEntry } from '../kernel/change-record.ts';
import type { EntityChange } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';

/** Claim of the name of a group token. */
export interface TokenClaim {
  readonly groupId: Uuid;
  readonly appClientId: string;
}

/**
 * Group tokens: app clients, their memberships and the claims of their names. Strongly consistent.
 */
export interface GroupTokenStore {
  findClaim(tenantId: Uuid, name: string): Promise<TokenClaim | undefined>;
  /**
   * Writes a new app client with its secret, membership and claim in one transaction. Returns
   * `stale` if the claim changed after `claim`, and `full` if the group reached its maximum.
   */
  create(
    change: EntityChange<AppClient>,
    options: {
      readonly hash: string;
      readonly membership: Membership;
      readonly audit: AuditEntry;
      /** Claim of a token that no longer exists. */
      readonly claim: TokenClaim | undefined;
    },
  ): Promise<'written' | 'stale' | 'full'>;
  /**
   * Writes a revoked app client, and removes its secrets, membership and claim in one transaction.
   * Returns `stale` if any of them changed meanwhile.
   */
  revoke(
    change: EntityChange<AppClient>,
    options: {
      /** Undefined if the app client has left the group. */
      readonly membership: Membership | undefined;
      readonly audit: AuditEntry;
    },
  ): Promise<'written' | 'stale'>;
}
