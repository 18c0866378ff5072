import { isAllowed, isSafeToReveal } from '../../../domain/access/decision.ts';
import type { Policy } from '../../../domain/access/policy.ts';
import type { RequestContext } from '../../../domain/access/request-context.ts';
import { Failure, invalidInput } from '../../../domain/kernel/failure.ts';
import type { TenantRateLimiter } from '../../../domain/tenants/rate-limit.ts';
import { logEvent } from '../../../runtime/event-log.ts';
import type { Reply } from '../../codec.ts';
import { pathNotFound } from '../../http/match-route.ts';
import type { AuthenticatedRequest, Operations } from '../../http/request.ts';
import { scimConventions, toScimError } from '../conventions.ts';
import { type ScimDependencies, withConnection } from '../scim-request.ts';
import { type BulkOperation, parseBulk } from './parse-bulk.ts';
import { type BulkResult, runBulk } from './run-bulk.ts';

type Handler = (request: AuthenticatedRequest) => Promise<Reply>;

/** Handlers of users and groups. */
type ResourceHandlers = Readonly<
  Partial<Record<`scim${'Create' | 'Replace' | 'Patch' | 'Delete'}${'User' | 'Group'}`, Handler>>
>;

interface Dependencies extends ScimDependencies {
  readonly policy: Policy;
  readonly rateLimiter: Pick<TenantRateLimiter, 'consume'>;
}

const verbs = { POST: 'Create', PUT: 'Replace', PATCH: 'Patch', DELETE: 'Delete' } as const;
const statuses = { POST: 201, PUT: 200, PATCH: 200, DELETE: 204 } as const;

/** No operation starts with less time, because its outcome could remain unknown. */
const minOperationMs = 3000;

/** Bulk requests (RFC 7644 §3.7). Each operation is a request of its own, with its own decision. */
export const bulkHandlers = (resources: ResourceHandlers, deps: Dependencies) => {
  const handle = withConnection(deps);
  return {
    scimBulk: handle(
      async ({ body, ...request }) => {
        deps.policy.authorize(request.context, 'readSession', {});
        const bulk = parseBulk(body);
        const results = await runBulk(bulk, {
          run: (operation, index) => runOperation({ operation, index }, request, resources, deps),
          toUnresolved: (bulkId) => ({
            status: 409,
            error: toScimError(409, `bulkId ${bulkId} names no resource of this request`),
          }),
        });
        return {
          body: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
            Operations: bulk.operations.flatMap((operation, index) => {
              const result = results[index];
              return result ? [toResponse(operation, result)] : [];
            }),
          },
        };
      },
      { logsFailuresOnly: true },
    ),
  } satisfies Operations<RequestContext>;
};

const toResponse = ({ method, bulkId }: BulkOperation, result: BulkResult) => ({
  method,
  ...(bulkId !== undefined && { bulkId }),
  ...(result.version !== undefined && { version: result.version }),
  ...(result.location !== undefined && { location: result.location }),
  status: String(result.status),
  ...(result.error && { response: result.error }),
});

interface RunOptions {
  readonly operation: BulkOperation;
  readonly index: number;
}

/** Runs an operation as a request of its own. */
async function runOperation(
  { operation, index }: RunOptions,
  request: Omit<AuthenticatedRequest, 'dialect' | 'body'>,
  resources: ResourceHandlers,
  deps: Dependencies,
): Promise<BulkResult> {
  const { method, path } = operation;
  const { requestId, deadline } = request.context;
  let context: RequestContext = request.context;
  const startContext = (): RequestContext => {
    context = { ...request.context, requestId: `${requestId}-${index + 1}`, decisions: [] };
    return context;
  };
  const location = method === 'POST' ? {} : { location: `${deps.baseUrl}${path}` };
  try {
    await assertMayStart(deadline, startContext(), deps);
    const { handler, parameters, id } = findHandler(operation, resources);
    const reply = await handler({
      ...request,
      dialect: 'scim',
      event: toEvent(operation, request.event),
      context,
      // The context of a bulk request is current.
      readCurrentContext: async () => startContext(),
      body: undefined,
      parameters,
    });
    if (!isAllowed(context)) throw new Error('An operation was not allowed by one policy decision');
    const { location: created, etag } = reply.headers ?? {};
    return {
      status: reply.status ?? statuses[method],
      id: id ?? created?.split('/').at(-1),
      ...location,
      ...(created !== undefined && { location: created }),
      version: etag,
    };
  } catch (error) {
    const failure =
      error instanceof Failure && isSafeToReveal(error, context)
        ? error
        : new Failure('internal', 'An internal error occurred', { cause: error });
    const { status, body } = scimConventions.renderError(failure, requestId);
    if (status >= 500) logServerError(failure, context, deps.now());
    if (status === 403) await request.recordDenials(context.decisions, 1);
    return { status, ...location, error: body };
  }
}

/** Throws `unavailable` if too little time is left, and `too_many_requests` above a limit. */
async function assertMayStart(
  deadline: number,
  { principal }: RequestContext,
  { rateLimiter, now }: Dependencies,
): Promise<void> {
  if (now().getTime() > deadline - minOperationMs)
    throw new Failure(
      'unavailable',
      'The request ran out of time before this operation. Send the operation again.',
    );
  const { tenantId } = principal;
  if (tenantId !== undefined)
    await rateLimiter.consume({ tenantId, principal, usesReserve: false, requests: 0 });
}

/** Throws `invalid_input` for a path that the method does not support. */
function findHandler({ method, path }: BulkOperation, resources: ResourceHandlers) {
  const [, type = '', id] = /^\/?(Users|Groups)(?:\/([^/?#]+))?\/?$/i.exec(path) ?? [];
  if (type === '' || (method === 'POST') !== (id === undefined))
    throw invalidInput({
      path: 'path',
      message: 'must be /Users or /Groups for POST, otherwise with an ID',
    });
  const isUser = type.toLowerCase() === 'users';
  const handler = resources[`scim${verbs[method]}${isUser ? 'User' : 'Group'}`];
  if (!handler) throw pathNotFound(path);
  return { id, handler, parameters: { [isUser ? 'userId' : 'groupId']: id } };
}

/** Event of the request that the operation stands for. */
function toEvent(
  { method, path, version, data }: BulkOperation,
  event: AuthenticatedRequest['event'],
): AuthenticatedRequest['event'] {
  const { http } = event.requestContext;
  const rawPath = `/scim/v2/${path.replace(/^\//, '')}`;
  return {
    ...event,
    rawPath,
    rawQueryString: '',
    headers: { ...(version !== undefined && { 'if-match': version }) },
    requestContext: { ...event.requestContext, http: { ...http, method, path: rawPath } },
    body: JSON.stringify(data ?? null),
    isBase64Encoded: false,
  };
}

/** Logs an operation that failed for a reason on the server, because the response has status 200. */
const logServerError = (
  { code, cause }: Failure,
  { tenant, requestId }: RequestContext,
  now: Date,
): void =>
  logEvent({
    operation: 'scimBulk',
    outcome: code,
    tenant: tenant.tenantId,
    subject: requestId,
    time: now.getTime(),
    metrics: { serverErrors: 1 },
    error: cause,
  });
