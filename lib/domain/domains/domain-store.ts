import type { DomainName } from '../kernel/canonical.ts';
import type { EntityChange } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { Domain, DomainClaim } from './domain.ts';

/** A write of a domain. A deletion also has the version after it. */
export interface DomainChange extends EntityChange<Domain> {
  readonly isDeletion?: boolean;
}

/** Domains of tenants. Reads are strongly consistent. */
export interface DomainStore {
  /** All domains of a tenant in the order of their names. */
  list(tenantId: Uuid): Promise<readonly Domain[]>;
  get(tenantId: Uuid, name: DomainName): Promise<Domain | undefined>;
  /**
   * Writes a change, and claims or releases the name if the domain becomes verified or unverified.
   * Returns `stale` if the domain changed after `before`, or if the tenant has a new name already,
   * `taken` if a domain has the claim, and `full` if the tenant reached its maximum. Throws
   * `unavailable` if the outcome is unknown.
   */
  write(change: DomainChange): Promise<'written' | 'stale' | 'taken' | 'full'>;
}

/** Verified domains of all tenants. Reads are strongly consistent. */
export interface DomainClaimStore {
  find(name: DomainName): Promise<DomainClaim | undefined>;
  /** Yields the claims whose check is due, in the order of their names. */
  listDue(now: Timestamp): AsyncIterable<DomainClaim>;
  /** Saves the result of a check. Has no effect if another check or a release came first. */
  saveCheck(claim: DomainClaim, result: Pick<DomainClaim, 'checkAt' | 'failures'>): Promise<void>;
}
