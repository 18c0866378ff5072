import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  type CreateDocumentOptions,
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { cradl } from '../lib/dialects/cradl/user.ts';
import { credible } from '../lib/dialects/credible/user.ts';
import { jitsudo } from '../lib/dialects/jitsudo/user.ts';
import { manners } from '../lib/dialects/manners.ts';
import { native } from '../lib/dialects/native/user.ts';
import { problemBody } from '../lib/dialects/problem-body.ts';
import type { UserWire } from '../lib/dialects/user-wire.ts';
import { Failure, type FailureCode } from '../lib/domain/failure.ts';
import { docsFiles, docsPage, openapiDocument } from '../lib/http/documents.ts';
import { type DialectName, type Route, routes } from '../lib/http/routes.ts';
import { examples } from './docs/examples.ts';
import { failures, introduction, operations, tags } from './docs/words.ts';

const root = join(import.meta.dirname, '..');
const wires: Readonly<Record<DialectName, UserWire>> = { native, cradl, jitsudo, credible };

/** What API Gateway answers by itself, before a function runs. */
const gatewayBody = z
  .strictObject({ message: z.string() })
  .meta({ id: 'GatewayProblem', description: 'A failure that the gateway answers by itself.' });
const tooManyRequests: ZodOpenApiResponseObject = {
  description: 'Too many requests at once: wait a moment and send it again.',
  content: { 'application/json': { schema: gatewayBody, example: { message: 'Too Many Requests' } } },
};

const header = (id: string, description: string, example: string) => z.string().meta({ example, header: { id, description } });
const requestId = header('RequestId', 'Names this request in the logs.', 'JKJaXmPLvHcESHA=');
const authenticate = header('Authenticate', 'How to authenticate.', 'Bearer');
const retryAfter = header('RetryAfter', 'Seconds to wait.', '1');
const etag = header('ETag', 'The version of the user.', '"1"');
const location = header('Location', 'The path of the new user.', `/v1/users/${native.parameter.example}`);

/** The routes and the wires' schemas as an OpenAPI 3.1 document; generated, so that it cannot say anything else than they do. */
export const openapi = () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const documented = (routes as readonly Route[]).filter(({ route }) => route !== '$default');
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of documented) {
    const [method, path] = split(route);
    paths[path] = { ...paths[path], [method]: route.access === 'bearer' ? userOperation(route) : publicOperation(route) };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: { title: 'Roster', version, description: introduction, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/', description: 'This deployment' }],
    tags: [...Object.values(tags), { name: documents, description: 'The API about itself; no token needed.' }],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token of an issuer that this deployment trusts.',
        },
      },
    },
    paths,
  };
  return createDocument(document, { override: withoutPatternOfTimes });
};

/** The format says it all; the pattern that zod writes beside it is two lines of brackets. */
const withoutPatternOfTimes: CreateDocumentOptions['override'] = ({ jsonSchema }) => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
};

const documents = 'Documents';

const split = ({ route }: Route): [method: string, path: string] => {
  const [method = '', path = ''] = route.split(' ');
  return [method.toLowerCase(), path];
};

const words = ({ operation, dialect }: Route) => ({
  operationId: dialect === 'native' ? operation : `${dialect}${operation[0]?.toUpperCase()}${operation.slice(1)}`,
  ...operations[operation as keyof typeof operations],
});

const userOperation = (route: Route): ZodOpenApiOperationObject => {
  const wire = wires[route.dialect];
  const example = examples[route.dialect];
  const [, path] = split(route);
  const { name, ...parameter } = wire.parameter;
  return {
    ...words(route),
    tags: [tags[route.dialect].name],
    security: [{ bearer: [] }],
    requestParams: {
      header: tenantHeader(route.dialect),
      ...(path.includes('{') && { path: z.object({ [name]: z.string().meta(parameter) }) }),
    },
    ...(route.body === 'json' && {
      requestBody: { required: true, content: { 'application/json': { schema: wire.draft, example: example.request } } },
    }),
    responses: {
      [route.status]: {
        description: route.operation === 'createUser' ? 'The user was created.' : 'The user.',
        headers: z.object({ 'X-Request-Id': requestId, ...successHeaders(route) }),
        content: { 'application/json': { schema: wire.answer, example: example.answer } },
      },
      ...failureResponses(route, wire),
      '429': tooManyRequests,
    },
  };
};

const tenantHeader = (dialect: DialectName) => {
  const tenantId = z.guid().meta({
    description: 'The tenant of the token, once more; any other answers 403. A system administrator names the tenant with it.',
    example: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
  });
  return z.object({ 'X-Tenant-ID': manners[dialect].tenantHeader === 'required' ? tenantId : tenantId.optional() });
};

const successHeaders = ({ dialect, operation }: Route): Record<string, z.ZodType> => {
  if (dialect !== 'native') return {};
  return operation === 'createUser' ? { ETag: etag, Location: location } : { ETag: etag };
};

/** What can go wrong on a route, by the status that its dialect gives it. */
const failureResponses = (route: Route, wire: UserWire): Record<string, ZodOpenApiResponseObject> => {
  const byStatus = Map.groupBy(failureCodes(route, wire), (code) => shown(route.dialect, code).status);
  return Object.fromEntries([...byStatus].map(([status, codes]) => [String(status), failureResponse(route.dialect, status, codes)]));
};

/** The status and the code that a failure has in a dialect, which may call it something else. */
const shown = (dialect: DialectName, failure: FailureCode) => {
  const { status, body } = manners[dialect].problem(new Failure(failure, ''), '');
  return { status, code: problemBody.parse(body).code };
};

const failureResponse = (dialect: DialectName, status: number, codes: FailureCode[]): ZodOpenApiResponseObject => ({
  description: codes.map((code) => `\`${shown(dialect, code).code}\`: ${failures[code]}.`).join('\n\n'),
  headers: z.object({
    'X-Request-Id': requestId,
    ...(status === 401 && { 'WWW-Authenticate': authenticate }),
    ...(status === 503 && { 'Retry-After': retryAfter }),
  }),
  // The gateway refuses what is too large for it, and answers for a function that cannot, in words of its own.
  content: { 'application/json': { schema: [413, 500, 503].includes(status) ? z.union([problemBody, gatewayBody]) : problemBody } },
});

const failureCodes = ({ operation, body }: Route, { draft }: UserWire): FailureCode[] => {
  // Nothing found on a create too: a system administrator may name a tenant that there is not.
  const always = ['invalid_input', 'unauthenticated', 'forbidden', 'tenant_mismatch', 'not_found', 'internal', 'unavailable'] as const;
  const withBody = ['malformed_json', 'payload_too_large', 'unsupported_media_type'] as const;
  if (operation !== 'createUser') return [...always];
  const fields = fieldsOf(draft);
  const judged: [FailureCode, string[]][] = [
    ['invalid_roles', ['roles', 'roleIds']],
    ['invalid_app_client', ['appClientId']],
    ['password_rejected', ['password']],
  ];
  return [
    ...always,
    ...(body === 'json' ? withBody : []),
    'user_exists',
    ...judged.filter(([, names]) => names.some((name) => fields.includes(name))).map(([code]) => code),
  ];
};

const fieldsOf = (schema: z.ZodType): string[] => {
  const { $defs = {}, ...inline } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return [inline, ...Object.values($defs)].flatMap(({ properties = {} }) => Object.keys(properties));
};

const publicOperation = (route: Route): ZodOpenApiOperationObject => {
  const isFile = route.operation === 'getDocsFile';
  const served = isFile ? docsFiles : [route.operation === 'getDocs' ? docsPage : openapiDocument];
  const file = z.enum(docsFiles.map(({ name }) => name)).meta({ description: 'Which file.' });
  return {
    ...words(route),
    tags: [documents],
    security: [],
    ...(isFile && { requestParams: { path: z.object({ file }) } }),
    responses: {
      [route.status]: {
        description: 'The document.',
        headers: z.object({ 'X-Request-Id': requestId }),
        content: Object.fromEntries(
          served.map(({ type }) => [type, { schema: { type: type === 'application/json' ? 'object' : 'string' } }]),
        ),
      },
      ...(isFile && { '404': failureResponse(route.dialect, 404, ['not_found']) }),
      '429': tooManyRequests,
      '500': failureResponse(route.dialect, 500, ['internal']),
    },
  };
};

/** `npm run openapi:lint` reads it from there. */
if (import.meta.main) {
  mkdirSync(join(root, '.local'), { recursive: true });
  writeFileSync(join(root, '.local/openapi.json'), `${JSON.stringify(openapi(), null, 2)}\n`);
}
