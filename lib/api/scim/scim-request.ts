import type { RequestContext } from '../../domain/access/request-context.ts';
import type { Connection } from '../../domain/connections/connection.ts';
import {
  type ConnectionLog,
  logConnectionRequest,
  type LogEntry,
} from '../../domain/connections/connection-log.ts';
import type { ConnectionStore } from '../../domain/connections/connection-store.ts';
import { createConnectionFinder } from '../../domain/connections/find-connection.ts';
import type { RequestLog } from '../../domain/connections/request-log.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { Reply } from '../codec.ts';
import { parseIfMatch } from '../http/if-match.ts';
import type { AuthenticatedRequest } from '../http/request.ts';
import { type ScimError, scimConventions } from './conventions.ts';
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
  readonly connectionLog: Pick<ConnectionLog, 'write'>;
  readonly now: () => Date;
  /** Public URL of the API, without a slash at the end. */
  readonly baseUrl: string;
}

interface HandlerOptions {
  /** Default: 1 MiB. */
  readonly maxBodyBytes?: number;
  /** True if the operations of a bulk request have their own entries in the log. */
  readonly logsFailuresOnly?: boolean;
}

type Handler = (request: ScimRequest) => Promise<Reply>;

/**
 * Creates the function that gives an operation the connection of the caller, the body and a log. It
 * writes the log of the connection before the response.
 */
export function withConnection(deps: ScimDependencies) {
  const findConnection = createConnectionFinder(deps);

  return (handler: Handler, options: HandlerOptions = {}) =>
    async (request: AuthenticatedRequest): Promise<Reply> => {
      const { context, event } = request;
      const startedAtMs = performance.now();
      const connection = await findConnection(context);
      const { log, readFacts } = createRequestLog();
      let body: unknown;
      const run = async (): Promise<Reply> => {
        assertLive(connection, context);
        body = readBody(event, options);
        const ifMatch = parseIfMatch(event.headers['if-match']?.replaceAll('W/"', '"'));
        return handler({ ...request, body, connection, log, ifMatch });
      };
      const [result] = await Promise.allSettled([run()]);
      if (connection && !(options.logsFailuresOnly && result.status === 'fulfilled')) {
        const durationMs = Math.round(performance.now() - startedAtMs);
        const entry = { ...toOutcome(result, request), ...readFacts(), body, durationMs };
        await logConnectionRequest(connection, { ...describeRequest(request), ...entry }, deps);
      }
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    };
}

const describeRequest = ({ context: { requestId }, event }: AuthenticatedRequest) => ({
  requestId,
  at: new Date(event.requestContext.timeEpoch).toISOString(),
  method: event.requestContext.http.method,
  path: event.rawPath,
  query: event.rawQueryString || undefined,
});

/** Status of the response, and the error. */
function toOutcome(
  result: PromiseSettledResult<Reply>,
  { event, context }: AuthenticatedRequest,
): Pick<LogEntry, 'status' | 'scimType' | 'detail'> {
  if (result.status === 'rejected') {
    const failure: Failure =
      result.reason instanceof Failure ? result.reason : new Failure('internal', 'Internal error');
    const { status, body } = scimConventions.renderError(failure, context.requestId);
    const { scimType, detail } = body as ScimError;
    return { status, scimType, detail };
  }
  const { status, headers, body } = result.value;
  const isCreated = event.requestContext.http.method === 'POST' && headers?.['location'];
  return { status: status ?? (isCreated ? 201 : body === undefined ? 204 : 200) };
}

/** Throws `forbidden` if the connection is paused or was deleted. */
function assertLive(connection: Connection | undefined, context: RequestContext): void {
  const { appClient } = context.principal;
  if (connection ? connection.status === 'live' : appClient?.connectionId === undefined) return;
  // A decision of the connection, in place of the policies.
  context.decisions.push({ allowed: false, policies: [] });
  throw new Failure('forbidden', 'The SCIM connection is paused');
}
