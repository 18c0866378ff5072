import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { isDeepStrictEqual } from 'node:util';
import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
} from 'aws-lambda';
import { type DialectConventions, dialects } from '../dialects.ts';
import { assertKnownNames } from '../unknown-names.ts';
import { oauthConventions } from '../oauth/errors.ts';
import type { Reply } from '../users/user-codec.ts';
import type { RequestContext, Principal } from '../../domain/access/request-context.ts';
import { runMetered } from '../../domain/tenants/consumption.ts';
import { Failure, type FailureCode, invalidInput } from '../../domain/kernel/failure.ts';
import { parseUserId, uuidPattern } from '../../domain/kernel/ids.ts';
import { type DocumentReply, toErrorReply, toNotModified, toHttpResult } from './response.ts';
import { readJsonText } from './json-body.ts';
import { assertIJson } from './i-json.ts';
import { isNotModified } from './if-match.ts';
import { logRequest } from '../../runtime/request-log.ts';
import { decisionState } from '../auth/decision-state.ts';
import { findPathRoute, findRow, listMethods } from '../path-routes.ts';
import { type DialectName, type Operation, type Route, routes } from '../routes.ts';
import { methodNotAllowed } from './unmatched-route.ts';

/** What an operation is given. `call` is there on every route with a bearer token, and on no other. */
export interface Request<Caller> {
  readonly event: APIGatewayProxyEventV2;
  readonly dialect: DialectName;
  readonly context: Caller;
  /** Authenticates the request again, on tenant, roles and caller's rights as last written. Replaces `call`. */
  readonly readCurrentContext: () => Promise<Caller>;
  /** Parsed JSON, where the route takes a body. */
  readonly body: unknown;
  /** Milliseconds until the function is stopped. */
  readonly remainingMs: number;
  /** Path parameters, decoded by API Gateway: never to be decoded again. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** What admission goes by. */
export interface AuthRequest {
  readonly event: APIGatewayProxyEventV2;
  readonly dialect: DialectName;
  readonly conventions: DialectConventions;
  readonly operation: Operation;
  /** Milliseconds until the function is stopped. */
  readonly remainingMs: number;
  /** Notes tenant and caller of the verified credential for the log of a call that is refused. */
  readonly onTenantResolved: (
    tenantId: string | undefined,
    caller: Pick<Principal, 'issuer' | 'subject'>,
  ) => void;
  /** True to read tenant, roles and caller's rights strongly instead of from a cache. */
  readonly isCurrent: boolean;
  /** True if the request already counts for the tenant's share. */
  readonly isAlreadyCounted: boolean;
}

/** Turns a request into an authenticated call in an agreed tenant, or throws. */
export type Authenticate = (applicant: AuthRequest) => Promise<RequestContext>;

type Operations<Admitted> = {
  readonly [Name in Operation]?: (request: Request<Admitted>) => Promise<Reply | DocumentReply>;
};

/** The handler of routes with a bearer token. Throws at once when one of its operations stands on a public route. */
export const authenticatedApi = (operations: Operations<RequestContext>, admit: Authenticate) =>
  createPipeline(operations, 'bearer', admit);

/** The handler of routes without a token. Throws at once when one of its operations stands on any other route. */
export const publicApi = (operations: Operations<undefined>) =>
  createPipeline(operations, 'public', async () => undefined);

/** What the steps of the chain tell one another; Middy hands the context, and nothing else of its own, to the operation. */
interface PipelineState<Admitted> {
  row: Route;
  dialect: DialectName;
  startedAtMs: number;
  tenantId?: string | undefined;
  /** ID of the caller in the log. */
  caller?: string;
  /** Undefined before authentication, also before the repeated one. */
  requestContext: Admitted | undefined;
  /** True if `call` was read strongly. */
  isCurrent?: boolean;
}

/** Headers that mean something here, and mean one thing each. API Gateway joins repeated ones with a comma. */
const singleHeaders = [
  'authorization',
  'x-api-key',
  'content-type',
  'content-encoding',
  'x-tenant-id',
  'idempotency-key',
];

/**
 * True if the body must be parsed. Content of a GET has no meaning (RFC 9110 §9.3.1), and the operation parses a form. Unexpected content
 * of other routes is parsed to refuse its fields.
 */
function hasJson({ body, route }: Route, event: APIGatewayProxyEventV2): boolean {
  if (body !== 'none') return body === 'json';
  return (
    !['GET', 'HEAD'].includes(event.requestContext.http.method) &&
    route !== '$default' &&
    (event.body ?? '').trim() !== ''
  );
}

/** Throws `invalid_input` for a body with fields. */
function assertNoFields(body: unknown): void {
  if (typeof body !== 'object' || Array.isArray(body))
    throw invalidInput({ path: '', message: 'must be an object' });
  assertKnownNames(Object.keys(body ?? {}), [], 'field');
}

/** The one chain that every request goes through, top to bottom. */
function createPipeline<Admitted extends RequestContext | undefined>(
  operations: Operations<Admitted>,
  access: Route['access'],
  admit: (applicant: AuthRequest) => Promise<Admitted>,
) {
  const ownRoutes = routes.filter(({ operation }) => operation in operations);
  for (const row of ownRoutes)
    if (row.access !== access)
      throw new Error(`${row.route} is ${row.access}, its function is ${access}`);
  const parseJson = httpJsonBodyParser({ disableContentTypeCheck: true }).before as (
    request: object,
  ) => void;

  type StatefulContext = Context & { state: PipelineState<Admitted> };
  const admitRequest = async (
    event: APIGatewayProxyEventV2,
    context: StatefulContext,
    consistency: Pick<AuthRequest, 'isCurrent' | 'isAlreadyCounted'>,
  ): Promise<Admitted> => {
    const { state } = context;
    state.requestContext = undefined;
    const claimed: AuthRequest['onTenantResolved'] = (tenantId, caller) => {
      state.tenantId = tenantId;
      state.caller = toCallerId(caller);
    };
    const { dialect, row } = state;
    const remaining = context.getRemainingTimeInMillis();
    const call = await admit({
      event,
      dialect,
      conventions: getConventions(state),
      operation: row.operation,
      remainingMs: remaining,
      onTenantResolved: claimed,
      ...consistency,
    });
    state.requestContext = call;
    state.isCurrent = consistency.isCurrent;
    return call;
  };
  const readCurrent = (event: APIGatewayProxyEventV2, context: StatefulContext) =>
    admitRequest(event, context, { isCurrent: true, isAlreadyCounted: true });

  const handler = middy<
    APIGatewayProxyEventV2,
    APIGatewayProxyStructuredResultV2,
    Error,
    StatefulContext
  >({
    // Leaves time to say so, and to write the line in the log.
    timeoutEarlyInMillis: 250,
    timeoutEarlyResponse: () => {
      throw new Failure(
        'unavailable',
        'The request took too long; it may or may not have had its effect',
      );
    },
  })
    .before(function findRoute({ event, context }) {
      const path = findPathRoute(event.routeKey);
      const [first] = path?.rows ?? [];
      if (!path || !first || !(first.operation in operations))
        throw new Error('API Gateway sent a request whose route this function does not serve');
      const { method } = event.requestContext.http;
      const row = findRow(path, method);
      const matchedRow =
        row ?? ({ ...first, operation: 'answerUnrouted', status: 204 } satisfies Route);
      context.state = {
        row: matchedRow,
        dialect: resolveDialect(matchedRow, event),
        startedAtMs: performance.now(),
      } as PipelineState<Admitted>;
      if (row) return undefined;
      const allow = listMethods(path);
      if (method !== 'OPTIONS') throw methodNotAllowed(allow);
      const reply = toHttpResult(204, { body: undefined }, event.requestContext.requestId);
      return { ...reply, headers: { ...reply.headers, allow: allow.join(', ') } };
    })
    .before(function rejectRepeatedHeaders({ event }) {
      const repeated = singleHeaders.find((name) => event.headers[name]?.includes(','));
      if (repeated)
        throw invalidInput({ path: repeated, message: 'must be sent once, with one value' });
    })
    .before(async function authenticate({ event, context }) {
      const isCurrent = decisionState[context.state.row.operation] === 'current';
      try {
        await admitRequest(event, context, { isCurrent, isAlreadyCounted: false });
      } catch (error) {
        if (isCurrent || !hasCode(error, 'tenant_suspended')) throw error;
        await readCurrent(event, context);
      }
    })
    .before(function rejectUnknownParameters({ event, context }) {
      if (context.state.row.query === undefined) {
        assertKnownNames(Object.keys(event.queryStringParameters ?? {}), [], 'parameter');
      }
    })
    .before(function parseJsonBody(request) {
      const { row } = request.context.state;
      if (!hasJson(row, request.event)) return;
      const text = readJsonText(request.event);
      // First, because the parser's own errors quote the body and have no position.
      assertIJson(text);
      Object.assign(request.event, { body: text, isBase64Encoded: false });
      try {
        parseJson(request);
      } catch {
        // The parser recurses into the body.
        throw new Failure('malformed_json', 'The request body is nested too deeply');
      }
      if (row.body === 'none') assertNoFields(request.event.body);
    })
    .after(function logResponse({ event, context, response }) {
      log(event, context.state, { status: response?.statusCode ?? context.state.row.status });
    })
    .onError(function renderFailure(request) {
      const { event, error, context } = request;
      const failure =
        error instanceof Failure && isSafeToReveal(error, context.state?.requestContext)
          ? error
          : new Failure('internal', 'Something went wrong here', { cause: error });
      const { requestId } = event.requestContext;
      const { status, ...reply } = toErrorReply(failure, getConventions(context.state), requestId);
      request.response = toHttpResult(status, reply, requestId);
      const { code, cause, missingPermissions } = failure;
      if (context.state)
        log(event, context.state, { status, code, error: cause, missingPermissions });
    })
    .handler(async (event: APIGatewayProxyEventV2, context: StatefulContext) => {
      const { state } = context;
      const { row, dialect } = state;
      const operation = operations[row.operation];
      if (!operation) throw new Error(`${row.operation} is not here`);
      const remaining = context.getRemainingTimeInMillis();
      const perform = (call: Admitted) =>
        operation({
          event,
          dialect,
          context: call,
          readCurrentContext: () => readCurrent(event, context),
          body: event.body,
          remainingMs: remaining,
          parameters: event.pathParameters ?? {},
        });
      // A refusal on cached state is not final, and has had no effect.
      const reply = await perform(state.requestContext as Admitted).catch(
        async (error: unknown) => {
          const rejectedContext = state.requestContext;
          if (!rejectedContext || state.isCurrent || !hasCode(error, 'forbidden')) throw error;
          const current = await readCurrent(event, context);
          if (current && !hasSameRights(rejectedContext, current)) return perform(current);
          state.requestContext = rejectedContext;
          throw error;
        },
      );
      // Whatever was found out without having asked the policies stays here.
      if (state.requestContext && !isAllowed(state.requestContext))
        throw new Error(`${row.operation} has not been allowed by one policy decision`);
      const response = toHttpResult(row.status, reply, event.requestContext.requestId);
      const isRead = row.route.startsWith('GET ');
      return isRead && isNotModified(event.headers['if-none-match'], reply.headers?.['etag'])
        ? toNotModified(response)
        : response;
    });
  return (
    event: APIGatewayProxyEventV2,
    context: Context,
  ): Promise<APIGatewayProxyStructuredResultV2> =>
    runMetered(async () => handler(event, context as StatefulContext));
}

const hasCode = (error: unknown, code: FailureCode): boolean =>
  error instanceof Failure && error.code === code;

/** True if the policies would decide the same on both calls. */
const hasSameRights = (
  { principal }: RequestContext,
  { principal: other }: RequestContext,
): boolean => isDeepStrictEqual(principal.permissions, other.permissions);

const isAllowed = ({ decisions }: RequestContext): boolean =>
  decisions.length === 1 && decisions[0]?.allowed === true;

/** What can be known without knowing anything of the tenant. */
const preAuthorizationCodes: readonly FailureCode[] = [
  'malformed_json',
  'invalid_input',
  'payload_too_large',
  'unsupported_media_type',
  'unavailable',
];

/** Whether a failure gives nothing away that the policies have not been asked about. */
const isSafeToReveal = ({ code }: Failure, call: RequestContext | undefined): boolean =>
  call === undefined ||
  call.decisions.length === 1 ||
  (call.decisions.length === 0 && preAuthorizationCodes.includes(code));

/** The row's, but for `$default`, whose answer takes the dialect of the prefix that the path has. */
function resolveDialect(row: Route, event: APIGatewayProxyEventV2): DialectName {
  if (row.route !== '$default') return row.dialect;
  const prefix = event.rawPath.split('/')[1] ?? '';
  return routes.find(({ dialect }) => dialect === prefix)?.dialect ?? row.dialect;
}

/** Those of the dialect, unless the route has its own. */
const getConventions = (
  state?: Pick<PipelineState<unknown>, 'row' | 'dialect'>,
): DialectConventions =>
  state?.row.errorFormat === 'oauth' ? oauthConventions : dialects[state?.dialect ?? 'native'];

/** ID of the caller in the log. The subject of an external token may be an address, a number or a name, and is hashed then. */
const toCallerId = ({ issuer, subject }: Pick<Principal, 'issuer' | 'subject'>): string =>
  /[^\w.:|-]/.test(subject) || /^\d+$/.test(subject)
    ? `sha256:${createHash('sha256')
        .update(JSON.stringify([issuer, subject]))
        .digest('hex')}`
    : subject;

/** The user that the path names, if it does so by ID. */
function readUserId({ routeKey, pathParameters }: APIGatewayProxyEventV2): string | undefined {
  const [, id] = /\/users\/\{(\w+)\}/.exec(routeKey) ?? [];
  const value = id === undefined ? undefined : pathParameters?.[id];
  if (value === undefined) return undefined;
  return parseUserId(value) ?? (uuidPattern.test(value) ? value.toLowerCase() : undefined);
}

function log(
  event: APIGatewayProxyEventV2,
  {
    row,
    dialect,
    startedAtMs: started,
    tenantId,
    caller,
    requestContext: call,
  }: PipelineState<RequestContext | undefined>,
  outcome: {
    status: number;
    code?: string;
    error?: unknown;
    missingPermissions?: readonly string[];
  },
): void {
  logRequest({
    operation: row.operation,
    dialect,
    ...outcome,
    tenant: call?.tenant.tenantId ?? tenantId,
    caller,
    ...(row.operation === 'eraseUser' && call && { user: readUserId(event) }),
    policies: call?.decisions.flatMap(({ policies }) => policies),
    requestId: event.requestContext.requestId,
    time: event.requestContext.timeEpoch,
    milliseconds: performance.now() - started,
  });
}
