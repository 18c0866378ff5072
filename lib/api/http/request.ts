import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type {
  Decision,
  DeploymentContext,
  RequestContext,
} from '../../domain/access/request-context.ts';
import type { DeploymentOperation } from '../auth/deployment-operations.ts';
import type { Reply } from '../codec.ts';
import type { DialectName, DialectsServing, Operation } from '../routes.ts';
import { parseIfMatch } from './if-match.ts';
import type { DocumentReply } from './response.ts';

/**
 * Request to an operation. `Context` is an `OperationContext` on authenticated routes, and
 * undefined on public ones.
 */
export interface OperationRequest<Context, Dialect extends DialectName = DialectName> {
  readonly event: APIGatewayProxyEventV2;
  readonly dialect: Dialect;
  readonly context: Context;
  /** Authenticates again and reads the current tenant, roles and permissions of the caller. */
  readonly readCurrentContext: () => Promise<Context>;
  /** Records denied parts of a request, such as rows of an import. Never throws. */
  readonly recordDenials: (decisions: readonly Decision[], count: number) => Promise<void>;
  /** Parsed JSON, if the route has a body. */
  readonly body: unknown;
  /** Time until Lambda stops the function. */
  readonly remainingMs: number;
  /** Path parameters. API Gateway decoded them; do not decode them again. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** Context of an authenticated operation. */
type OperationContext<Name extends Operation> = Name extends DeploymentOperation
  ? DeploymentContext
  : RequestContext;

export type AuthenticatedRequest<Name extends Operation = Exclude<Operation, DeploymentOperation>> =
  OperationRequest<OperationContext<Name>, DialectsServing<Name>>;
export type PublicRequest<Name extends Operation = Operation> = OperationRequest<
  undefined,
  DialectsServing<Name>
>;

/**
 * Handlers by operation. Each is called for the dialects that `routes.ts` lists for its operation.
 */
export type Operations<Context extends DeploymentContext | undefined> = {
  readonly [Name in Operation]?: (
    request: OperationRequest<
      Context extends undefined ? undefined : OperationContext<Name>,
      DialectsServing<Name>
    >,
  ) => Promise<Reply | DocumentReply>;
};

/** Condition of the `If-Match` header on a version. */
export const readIfMatch = ({ event }: Pick<AuthenticatedRequest, 'event'>) =>
  parseIfMatch(event.headers['if-match']);

/** IP address that API Gateway was called from. A client cannot forge it. */
export const getSourceIp = ({ event }: Pick<PublicRequest, 'event'>): string =>
  event.requestContext.http.sourceIp;
