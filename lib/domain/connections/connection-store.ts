import type { AppClient } from '../app-clients/app-client.ts';
import type { EntityChange } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Connection } from './connection.ts';

/** A write of a connection. A deletion also has the version after it. */
export interface ConnectionChange extends EntityChange<Connection> {
  readonly isDeletion?: boolean;
  /** Change of the app client in the same transaction. */
  readonly appClient?: AppClientChange | undefined;
}

interface AppClientChange {
  readonly change: EntityChange<AppClient>;
  /** Hash of the secret that the change adds. */
  readonly hash?: string | undefined;
}

/** Connections of tenants. Strongly consistent unless stated otherwise. Throws `unavailable`. */
export interface ConnectionStore {
  /** All connections of a tenant in the order of their IDs. */
  list(tenantId: Uuid): Promise<readonly Connection[]>;
  get(tenantId: Uuid, connectionId: Uuid): Promise<Connection | undefined>;
  /**
   * Writes a change. Returns `stale` if the connection or its app client changed after `before`, and
   * `full` if the tenant reached its maximum.
   */
  write(change: ConnectionChange): Promise<'written' | 'stale' | 'full'>;
}
