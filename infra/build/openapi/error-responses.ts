import * as z from 'zod';
import type { ZodOpenApiResponseObject } from 'zod-openapi';
import { exampleRequestId } from '../../../lib/api/doc-parts.ts';
import { errorBody } from '../../../lib/api/error-body.ts';
import { scimErrorBody } from '../../../lib/api/scim/error-body.ts';
import { oauthErrorBody } from '../../../lib/api/oauth/error-body.ts';
import { oauthConventions } from '../../../lib/api/oauth/errors.ts';
import type {
  ErrorDoc,
  ErrorDocs,
  OperationContent,
  OperationDoc,
} from '../../../lib/api/operation-doc.ts';
import type { DialectName, Route } from '../../../lib/api/routes.ts';
import { allDialects } from '../../../lib/api/scim/conventions.ts';
import type { FailureCode } from '../../../lib/domain/kernel/failure.ts';
import { type Limit, tooManyRequests } from '../../../lib/domain/kernel/limits.ts';
import { errorDocs } from './error-docs.ts';
import { capitalize } from './capitalize.ts';
import { authenticate, authenticateBasic, requestId, retryAfter } from './headers.ts';

/** Response of API Gateway itself, before a function runs. */
const gatewayBody = z
  .strictObject({ message: z.string().meta({ description: 'Human-readable message.' }) })
  .meta({ id: 'GatewayProblem', description: 'An error response of the gateway itself.' });

const gatewayMessages: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A create also answers `not_found`, because a system administrator may name an unknown tenant. */
const authenticatedErrors: readonly FailureCode[] = [
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'tenant_mismatch',
  'tenant_suspended',
  'not_found',
  'too_many_requests',
  'internal',
  'unavailable',
];
const linkTokenErrors: readonly FailureCode[] = [
  'invalid_input',
  'tenant_suspended',
  'not_found',
  'internal',
  'unavailable',
];
const jsonBodyErrors: readonly FailureCode[] = [
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
];

/** Limits on every authenticated call. */
const callLimits: Readonly<Partial<Record<Limit, string>>> = {
  tenant_requests: 'requests of the tenant in 10 s',
  tenant_units: 'read and write units of the tenant in 10 s',
  caller_requests: 'requests of one caller in 10 s',
  caller_units: 'read and write units of one caller in 10 s',
};

interface ErrorCase {
  /** Code before the dialect maps it, as the name of the example. */
  readonly name: string;
  readonly status: number;
  /** Undefined for an error of SCIM without a keyword. */
  readonly code: string | undefined;
  readonly text: string;
  readonly body: object;
}

/** Error responses of a route by status, with an example of each error. */
export function errorResponses(
  route: Route,
  doc: OperationDoc,
  content: OperationContent,
): Record<string, ZodOpenApiResponseObject> {
  const errors: ErrorDocs = { ...doc.errors, ...content.errors };
  const codes = new Set([...listCommonErrors(route, content), ...Object.keys(errors)]);
  const cases = [...codes].map((code) =>
    buildCase(route, content, describeError(route, code as FailureCode, errors)),
  );
  return Object.fromEntries([
    ['429', renderResponse(route, 429, [])],
    ...[...Map.groupBy(cases, ({ status }) => status)].map(([status, group]) => [
      String(status),
      renderResponse(route, status, group),
    ]),
  ]);
}

function listCommonErrors(
  { access, body, errorFormat, query, route }: Route,
  { acceptsIdempotencyKey, acceptsIfMatch, namesTenant }: OperationContent,
): readonly FailureCode[] {
  if (errorFormat === 'oauth') return ['internal'];
  if (access === 'public' && body === 'none')
    return query === 'any' ? ['internal'] : ['invalid_input', 'internal'];
  const publicErrors: readonly FailureCode[] = namesTenant
    ? ['invalid_input', 'internal', 'unavailable']
    : linkTokenErrors;
  return [
    ...(access === 'bearer' ? authenticatedErrors : publicErrors),
    // A route without a body refuses one with fields.
    ...(route.startsWith('GET ') ? [] : jsonBodyErrors),
    ...(acceptsIfMatch ? (['precondition_failed'] as const) : []),
    ...(acceptsIdempotencyKey ? (['idempotency_mismatch'] as const) : []),
  ];
}

function describeError(
  { access }: Route,
  code: FailureCode,
  errors: ErrorDocs,
): Omit<ErrorDoc, 'limits'> {
  const { limits = {}, ...own } = errors[code] ?? {};
  if (code !== 'too_many_requests') return { ...errorDocs[code], ...own };
  const all = { ...(access === 'bearer' && callLimits), ...limits };
  const [first = 'tenant_requests'] = Object.keys(
    Object.keys(limits).length > 0 ? limits : all,
  ) as Limit[];
  return { text: describeLimits(all), example: tooManyRequests(first, 4), ...own };
}

function describeLimits(limits: Readonly<Partial<Record<Limit, string>>>): string {
  const items = Object.entries(limits).map(([limit, text]) => `\`${limit}\` (${text})`);
  const list = new Intl.ListFormat('en', { type: 'disjunction' }).format(items);
  return `a limit is reached. \`details.limit\` is ${list}. Retry after the number of seconds in \`Retry-After\` and \`details.retryAfter\``;
}

/** Renders an error as the dialect of the route does. */
function buildCase(
  { dialect, errorFormat }: Route,
  { mapError }: OperationContent,
  { text, example }: Omit<ErrorDoc, 'limits'>,
): ErrorCase {
  const mapped = mapError ? mapError(example) : example;
  const { status, body } = (
    errorFormat === 'oauth' ? oauthConventions : allDialects[dialect]
  ).renderError(mapped, exampleRequestId);
  return {
    name: example.code,
    status,
    code: readCode({ dialect, errorFormat }, body),
    text: describeIn(dialect, mapped.code === example.code ? text : errorDocs[mapped.code].text),
    body,
  };
}

/** Omits sentences about `details`, which errors of SCIM do not have. */
const describeIn = (dialect: DialectName, text: string): string =>
  dialect === 'scim'
    ? text
        .split('. ')
        .filter((sentence) => !sentence.includes('`details.'))
        .join('. ')
    : text;

/** Reads the code of an error. Not every error of SCIM has one. */
function readCode({ dialect, errorFormat }: ErrorFormat, body: object): string | undefined {
  if (errorFormat === 'oauth') return oauthErrorBody().parse(body).error;
  return dialect === 'scim' ? scimErrorBody().parse(body).scimType : errorBody().parse(body).code;
}

type ErrorFormat = Pick<Route, 'dialect' | 'errorFormat'>;

const selectErrorBody = ({ dialect, errorFormat }: ErrorFormat) => {
  if (errorFormat === 'oauth') return oauthErrorBody();
  return dialect === 'scim' ? scimErrorBody() : errorBody();
};

/** Media type of JSON in a dialect. */
export const selectMediaType = ({ dialect }: Route): string =>
  dialect === 'scim' ? 'application/scim+json' : 'application/json';

function renderResponse(
  route: Route,
  status: number,
  cases: readonly ErrorCase[],
): ZodOpenApiResponseObject {
  const isOauth = route.errorFormat === 'oauth';
  const body = selectErrorBody(route);
  const isFromGateway =
    [413, 429, 500, 503].includes(status) ||
    // The gateway refuses a path whose escapes cannot be decoded.
    (status === 400 && route.route.includes('{'));
  const gatewayMessage = gatewayMessages[status];
  return {
    description: cases.length > 0 ? describeCases(cases) : 'Too many requests at once.',
    ...(cases.length > 0 && {
      headers: z.object({
        'X-Request-Id': requestId,
        ...(status === 401 && {
          'WWW-Authenticate': isOauth ? authenticateBasic : authenticate,
        }),
        ...((status === 429 || status === 503) && { 'Retry-After': retryAfter }),
      }),
    }),
    content: {
      [selectMediaType(route)]: {
        schema: selectSchema(body, cases.length > 0, isFromGateway),
        examples: {
          ...Object.fromEntries(
            cases.map(({ name, body: value }) => [name, { summary: name, value }]),
          ),
          ...(isFromGateway && {
            gateway: {
              summary: 'Response of the gateway itself',
              value: { message: gatewayMessage },
            },
          }),
        },
      },
    },
  };
}

const selectSchema = (body: z.ZodType, hasCases: boolean, isFromGateway: boolean): z.ZodType => {
  if (!hasCases) return gatewayBody;
  return isFromGateway ? z.union([body, gatewayBody]) : body;
};

/** One paragraph per code. */
const describeCases = (cases: readonly ErrorCase[]): string =>
  [...Map.groupBy(cases, ({ code }) => code)]
    .map(([code, group]) => {
      const texts = [...new Set(group.map(({ text }) => text))].join('; or ');
      return code === undefined ? `${capitalize(texts)}.` : `\`${code}\`: ${texts}.`;
    })
    .join('\n\n');
