import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { RequestContext } from '../../domain/access/request-context.ts';
import type { Reply } from '../codec.ts';
import type { DialectName, DialectsServing, Operation } from '../routes.ts';
import { parseIfMatch } from './if-match.ts';
import type { DocumentReply } from './response.ts';

/**
 * Request to an operation. `Context` is a `RequestContext` on authenticated routes, and undefined
 * on public ones.
 */
export interface OperationRequest<Context, Dialect extends DialectName = DialectName> {
  readonly event: APIGatewayProxyEventV2;
  readonly dialect: Dialect;
  readonly context: Context;
  /** Authenticates again and reads the current tenant, roles and permissions of the caller. */
  readonly readCurrentContext: () => Promise<Context>;
  /** Parsed JSON, if the route has a body. */
  readonly body: unknown;
  /** Time until Lambda stops the function. */
  readonly remainingMs: number;
  /** Path parameters. API Gateway decoded them; do not decode them again. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

export type AuthenticatedRequest<Name extends Operation = Operation> = OperationRequest<
  RequestContext,
  DialectsServing<Name>
>;
export type PublicRequest<Name extends Operation = Operation> = OperationRequest<
  undefined,
  DialectsServing<Name>
>;

/**
 * Handlers by operation. Each is called for the dialects that `routes.ts` lists for its operation.
 */
export type Operations<Context> = {
  readonly [Name in Operation]?: (
    request: OperationRequest<Context, DialectsServing<Name>>,
  ) => Promise<Reply | DocumentReply>;
};

/** Condition of the `If-Match` header on a version. */
export const readIfMatch = ({ event }: Pick<AuthenticatedRequest, 'event'>) =>
  parseIfMatch(event.headers['if-match']);

/** IP address that API Gateway was called from. A client cannot forge it. */
export const getSourceIp = ({ event }: Pick<PublicRequest, 'event'>): string =>
  event.requestContext.http.sourceIp;
