import { performance } from 'node:perf_hooks';
import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context as LambdaContext,
} from 'aws-lambda';
import { hasSamePermissions, isAllowed, isSafeToReveal } from '../../domain/access/decision.ts';
import type { DeploymentContext } from '../../domain/access/request-context.ts';
import { Failure, type FailureCode, invalidInput } from '../../domain/kernel/failure.ts';
import { runMetered } from '../../domain/tenants/consumption.ts';
import type { AuthRequest } from '../auth/authenticate.ts';
import type { Caller } from '../auth/resolve-caller.ts';
import { decisionState } from '../auth/decision-state.ts';
import type { DialectConventions } from '../dialects.ts';
import { type Route, routes } from '../routes.ts';
import { assertKnownNames } from '../unknown-names.ts';
import { assertIJson } from './i-json.ts';
import { isNotModified } from './if-match.ts';
import { assertNoFields, hasJsonBody, readJsonText } from './json-body.ts';
import { logResponse } from './log-response.ts';
import {
  type Dialects,
  getConventions,
  matchRoute,
  methodNotAllowed,
  type RouteMatch,
} from './match-route.ts';
import type { Denial, DenialRecorder } from './record-denial.ts';
import type { OperationRequest, Operations } from './request.ts';
import { type DocumentReply, toErrorReply, toHttpResult, toNotModified } from './response.ts';
import type { Reply } from '../codec.ts';

interface PipelineOptions<Context extends DeploymentContext | undefined> {
  readonly operations: Operations<Context>;
  /** Default: all dialects but SCIM. */
  readonly dialects?: Dialects | undefined;
  readonly access: Route['access'];
  readonly authenticate: (request: AuthRequest) => Promise<Context>;
  /** Called at the first denial. Undefined if denials are not recorded. */
  readonly loadDenialRecorder?: (() => Promise<DenialRecorder>) | undefined;
}

/** Progress of a request. Middy passes it from step to step with the Lambda context. */
interface PipelineState<Context> {
  readonly match: RouteMatch;
  readonly startedAtMs: number;
  tenantId?: string | undefined;
  caller?: Caller;
  /** Undefined until the request is authenticated. */
  context: Context | undefined;
  /** True if `context` was read from the table instead of a cache. */
  isCurrent?: boolean;
}

type StatefulContext<Context> = LambdaContext & { state: PipelineState<Context> };

/** Headers that can have only one value. API Gateway joins repeated headers with a comma. */
const singleHeaders = [
  'authorization',
  'x-api-key',
  'content-type',
  'content-encoding',
  'x-tenant-id',
  'idempotency-key',
];

const parseJson = httpJsonBodyParser({ disableContentTypeCheck: true }).before as (
  request: object,
) => void;

/** Creates the Lambda handler that runs every request, from top to bottom. */
export function createPipeline<Context extends DeploymentContext | undefined>({
  operations,
  dialects,
  access,
  authenticate,
  loadDenialRecorder,
}: PipelineOptions<Context>) {
  assertAccess(operations, access);
  let denialRecorder: DenialRecorder | undefined;

  const recordDenial = async (
    state: PipelineState<Context>,
    { code, ...denial }: Pick<Denial, 'requestId' | 'count' | 'decisions'> & { code: FailureCode },
  ): Promise<void> => {
    const { match, context, caller } = state;
    const tenant = context?.tenant;
    const tenantId = tenant?.tenantId ?? state.tenantId;
    if (!loadDenialRecorder || !caller || tenantId === undefined) return;
    // The tenant is missing, or the issuer of the caller cannot name it.
    if (!tenant && code === 'forbidden') return;
    denialRecorder ??= await loadDenialRecorder();
    await denialRecorder.record({
      tenantId,
      isResolved: tenant !== undefined,
      caller,
      operation: match.route.operation,
      ...denial,
    });
  };

  const authenticateRequest = async (
    event: APIGatewayProxyEventV2,
    lambda: StatefulContext<Context>,
    consistency: Pick<AuthRequest, 'needsCurrent' | 'isAlreadyCounted'>,
  ): Promise<Context> => {
    const { state } = lambda;
    state.context = undefined;
    const context = await authenticate({
      event,
      dialect: state.match.dialect,
      conventions: getConventions(state.match, dialects),
      operation: state.match.route.operation,
      remainingMs: lambda.getRemainingTimeInMillis(),
      onCallerResolved: (tenantId, caller) => {
        state.tenantId = tenantId;
        state.caller = caller;
      },
      ...consistency,
    });
    state.context = context;
    state.isCurrent = consistency.needsCurrent;
    return context;
  };

  const readCurrent = (event: APIGatewayProxyEventV2, lambda: StatefulContext<Context>) =>
    authenticateRequest(event, lambda, { needsCurrent: true, isAlreadyCounted: true });

  const runOperation = async (
    event: APIGatewayProxyEventV2,
    lambda: StatefulContext<Context>,
  ): Promise<Reply | DocumentReply> => {
    const { state } = lambda;
    const { route, dialect } = state.match;
    const operation = operations[route.operation] as
      | ((request: OperationRequest<Context>) => Promise<Reply | DocumentReply>)
      | undefined;
    if (!operation) throw new Error(`${route.operation} has no handler`);
    const run = (context: Context) =>
      operation({
        event,
        dialect,
        context,
        readCurrentContext: () => readCurrent(event, lambda),
        recordDenials: (decisions, count) => {
          const { requestId } = event.requestContext;
          return recordDenial(state, { requestId, code: 'forbidden', decisions, count });
        },
        body: event.body,
        remainingMs: lambda.getRemainingTimeInMillis(),
        parameters: event.pathParameters ?? {},
      });
    try {
      return await run(state.context as Context);
    } catch (error) {
      // A denial based on cached permissions is not final. Nothing was written.
      const { context } = state;
      if (!context || state.isCurrent || !hasCode(error, 'forbidden')) throw error;
      const current = await readCurrent(event, lambda);
      if (current && !hasSamePermissions(context, current)) return run(current);
      state.context = context;
      throw error;
    }
  };

  const handler = middy<
    APIGatewayProxyEventV2,
    APIGatewayProxyStructuredResultV2,
    Error,
    StatefulContext<Context>
  >({
    // Leaves time to respond and to log.
    timeoutEarlyInMillis: 250,
    timeoutEarlyResponse: () => {
      throw new Failure(
        'unavailable',
        'The request took too long. Its changes may have been written; check before you try again.',
      );
    },
  })
    .before(function findRoute({ event, context: lambda }) {
      const match = matchRoute(event, operations);
      lambda.state = { match, startedAtMs: performance.now(), context: undefined };
      if (!match.allow) return undefined;
      if (event.requestContext.http.method !== 'OPTIONS') throw methodNotAllowed(match.allow);
      const result = toHttpResult(204, { body: undefined }, event.requestContext.requestId);
      return { ...result, headers: { ...result.headers, allow: match.allow.join(', ') } };
    })
    .before(function rejectRepeatedHeaders({ event }) {
      const repeatedName = singleHeaders.find((name) => event.headers[name]?.includes(','));
      if (repeatedName)
        throw invalidInput({ path: repeatedName, message: 'must be sent once, with one value' });
    })
    .before(async function authenticateCaller({ event, context: lambda }) {
      const needsCurrent = decisionState[lambda.state.match.route.operation] === 'current';
      try {
        await authenticateRequest(event, lambda, { needsCurrent, isAlreadyCounted: false });
      } catch (error) {
        if (needsCurrent || !hasCode(error, 'tenant_suspended')) throw error;
        await readCurrent(event, lambda);
      }
    })
    .before(function rejectUnknownParameters({ event, context: lambda }) {
      if (lambda.state.match.route.query === undefined)
        assertKnownNames(Object.keys(event.queryStringParameters ?? {}), [], 'parameter');
    })
    .before(function parseJsonBody(request) {
      const { route } = request.context.state.match;
      if (!hasJsonBody(route, request.event)) return;
      const text = readJsonText(request.event);
      // Before the parser, whose errors quote the body and have no position.
      assertIJson(text);
      Object.assign(request.event, { body: text, isBase64Encoded: false });
      try {
        parseJson(request);
      } catch {
        // The parser recurses into the body.
        throw new Failure('malformed_json', 'The request body is nested too deeply');
      }
      if (route.body === 'none') assertNoFields(request.event.body);
    })
    .after(function logSuccess({ event, context: { state }, response }) {
      logResponse(event, state, { status: response?.statusCode ?? state.match.route.status });
    })
    .onError(async function renderFailure(request) {
      const { event, error } = request;
      const state = request.context.state as PipelineState<Context> | undefined;
      const failure =
        error instanceof Failure && isSafeToReveal(error, state?.context)
          ? error
          : new Failure('internal', 'An internal error occurred', { cause: error });
      const { requestId } = event.requestContext;
      const conventions = getConventions(state?.match, dialects);
      const { status, ...reply } = toErrorReply(failure, conventions, requestId);
      request.response = toHttpResult(status, reply, requestId, getMediaType(conventions, event));
      const { code, cause, missingPermissions } = failure;
      if (!state) return;
      logResponse(event, state, { status, code, error: cause, missingPermissions });
      const decisions = state.context?.decisions ?? [];
      if (status === 403) await recordDenial(state, { requestId, code, decisions, count: 1 });
    })
    .handler(async (event: APIGatewayProxyEventV2, lambda: StatefulContext<Context>) => {
      const { state } = lambda;
      const { route } = state.match;
      const reply = await runOperation(event, lambda);
      // Discards a response that the policies did not allow.
      if (state.context && !isAllowed(state.context))
        throw new Error(`${route.operation} was not allowed by exactly one policy decision`);
      const mediaType = getMediaType(getConventions(state.match, dialects), event);
      const { requestId } = event.requestContext;
      const result = toHttpResult(route.status, reply, requestId, mediaType);
      const isRead = route.route.startsWith('GET ');
      return isRead && isNotModified(event.headers['if-none-match'], reply.headers?.['etag'])
        ? toNotModified(result)
        : result;
    });

  return async (
    event: APIGatewayProxyEventV2,
    lambda: LambdaContext,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    const [result] = await Promise.all([
      runMetered(async () => handler(event, lambda as StatefulContext<Context>)),
      denialRecorder?.flush(),
    ]);
    return result;
  };
}

function assertAccess(operations: object, access: Route['access']): void {
  const mismatch = routes.find(
    ({ operation, access: actual }) => operation in operations && actual !== access,
  );
  if (mismatch)
    throw new Error(`${mismatch.route} is ${mismatch.access}, but its function is ${access}`);
}

const getMediaType = (
  { selectMediaType }: DialectConventions,
  { headers }: APIGatewayProxyEventV2,
): string | undefined => selectMediaType?.(headers['accept']);

const hasCode = (error: unknown, code: FailureCode): boolean =>
  error instanceof Failure && error.code === code;
