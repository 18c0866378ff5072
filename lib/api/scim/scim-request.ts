import type { RequestContext } from '../../domain/access/request-context.ts';
import type { Connection } from '../../domain/connections/connection.ts';
import type { ConnectionStore } from '../../domain/connections/connection-store.ts';
import { createConnectionFinder } from '../../domain/connections/find-connection.ts';
import type { RequestLog } from '../../domain/connections/request-log.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { Reply } from '../codec.ts';
import { parseIfMatch } from '../http/if-match.ts';
import type { AuthenticatedRequest } from '../http/request.ts';
import { readBody } from './read-body.ts';
import { createRequestLog } from './request-log.ts';

/** Request to an operation of SCIM. */
export interface ScimRequest extends Omit<AuthenticatedRequest, 'dialect'> {
  /** Connection of the caller. Undefined for users and for other app clients. */
  readonly connection: Connection | undefined;
  /** Collects facts for the log of the connection. */
  readonly log: RequestLog;
  /** Condition of `If-Match` on a version. Weak tags match too (RFC 7644 §3.14). */
  readonly ifMatch: ((version: number) => boolean) | undefined;
}

export interface ScimDependencies {
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly now: () => Date;
  /** Public URL of the API, without a slash at the end. */
  readonly baseUrl: string;
}

interface HandlerOptions {
  /** Default: 1 MiB. */
  readonly maxBodyBytes?: number;
}

/** Creates the function that gives an operation the connection of the caller and the body. */
export function withConnection(deps: ScimDependencies) {
  const findConnection = createConnectionFinder(deps);

  return (handler: (request: ScimRequest) => Promise<Reply>, options: HandlerOptions = {}) =>
    async (request: AuthenticatedRequest): Promise<Reply> => {
      const { context, event } = request;
      const connection = await findConnection(context);
      assertLive(connection, context);
      const { log } = createRequestLog();
      return handler({
        ...request,
        body: readBody(event, options),
        connection,
        log,
        ifMatch: parseIfMatch(event.headers['if-match']?.replaceAll('W/"', '"')),
      });
    };
}

/** Throws `forbidden` if the connection is paused or was deleted. */
function assertLive(connection: Connection | undefined, context: RequestContext): void {
  const { appClient } = context.principal;
  if (connection ? connection.status === 'live' : appClient?.connectionId === undefined) return;
  // A decision of the connection, in place of the policies.
  context.decisions.push({ allowed: false, policies: [] });
  throw new Failure('forbidden', 'The SCIM connection is paused');
}
