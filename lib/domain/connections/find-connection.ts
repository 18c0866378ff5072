import type { RequestContext } from '../access/request-context.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { ConnectionStore } from './connection-store.ts';
import type { Connection } from './connection.ts';

interface Dependencies {
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly now: () => Date;
}

/** Documented delay until a changed setting applies. */
const cacheTtlMs = 5000;
const maxCachedConnections = 1000;

/** Creates the function that finds the connection of a caller. Undefined for other callers. */
export function createConnectionFinder({
  connections,
  now,
}: Dependencies): (context: RequestContext) => Promise<Connection | undefined> {
  const cache = new Map<
    string,
    { readonly connection: Connection | undefined; readonly expiresAtMs: EpochMs }
  >();

  return async ({ principal: { appClient }, tenant: { tenantId } }) => {
    const { connectionId } = appClient ?? {};
    if (connectionId === undefined || appClient?.tenantId !== tenantId) return undefined;
    const nowMs = now().getTime();
    const cached = cache.get(connectionId);
    if (cached && cached.expiresAtMs > nowMs) return cached.connection;
    const connection = await connections.get(tenantId, connectionId);
    if (cache.size >= maxCachedConnections) cache.clear();
    cache.set(connectionId, { connection, expiresAtMs: nowMs + cacheTtlMs });
    return connection;
  };
}
