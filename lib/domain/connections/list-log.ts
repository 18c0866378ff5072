import type { RequestContext } from '../access/request-context.ts';
import type { Uuid } from '../kernel/ids.ts';
import { type ConnectionDependencies, readConnection } from './change-connection.ts';
import type { ConnectionLog, LogPage, LogQuery } from './connection-log.ts';

/** Lists the log of a connection, newest first. Throws `forbidden` or `not_found`. */
export async function listConnectionLog(
  { connectionId, ...query }: LogQuery & { readonly connectionId: Uuid | undefined },
  context: RequestContext,
  deps: ConnectionDependencies & { readonly connectionLog: Pick<ConnectionLog, 'list'> },
): Promise<LogPage> {
  deps.policy.authorize(context, 'readConnection', {});
  const { connection } = await readConnection(connectionId, context, deps);
  return deps.connectionLog.list(connection, query);
}
