import type { EntityChange } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Domain } from './domain.ts';

/** A write of a domain. A deletion also has the version after it. */
export interface DomainChange extends EntityChange<Domain> {
  readonly isDeletion?: boolean;
}

/** Domains of tenants. Reads are strongly consistent. */
export interface DomainStore {
  /** All domains of a tenant in the order of their names. */
  list(tenantId: Uuid): Promise<readonly Domain[]>;
  /**
   * Writes a change, and claims or releases the name if the domain becomes verified or unverified.
   * Returns `stale` if the domain changed after `before`, or if the tenant has a new name already,
   * `taken` if a domain has the claim, and `full` if the tenant reached its maximum. Throws
   * `unavailable` if the outcome is unknown.
   */
  write(change: DomainChange): Promise<'written' | 'stale' | 'taken' | 'full'>;
}
