import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  type CreateDocumentOptions,
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
} from 'zod-openapi';
import {
  acceptFiles,
  acceptPage,
  confirmPage,
  type Document,
  docsFiles,
  docsPage,
  openapiDocument,
} from '../../../lib/api/documents/files.ts';
import { dialectNames } from '../../../lib/api/path-routes.ts';
import { type DialectName, type Operation, type Route, routes } from '../../../lib/api/routes.ts';
import { failureResponse, tooManyRequests } from './error-responses.ts';
import { requestId } from './headers.ts';
import { wordsOf } from './operations.ts';
import { tokenOperations, tokensTag } from '../../../lib/api/oauth/docs.ts';
import { wireOperation } from './operation.ts';
import { introduce, tags } from './introduction.ts';

const root = join(import.meta.dirname, '../../..');
const documents = 'Documents';

/** Note of each security scheme about the others. */
const oneCredential =
  'A request has one credential: `Authorization` together with `X-API-Key` is 400.';

/** The routes and the wires' schemas as an OpenAPI 3.1 document; generated, so that it cannot say anything else than they do. */
export const openapi = (dialects: readonly DialectName[] = dialectNames) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const documented = (routes as readonly Route[]).filter(
    ({ route, dialect }) => route !== '$default' && dialects.includes(dialect),
  );
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of documented) {
    const [method = '', path = ''] = route.route.split(' ');
    const operation = operationOf(route);
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.1',
    info: {
      title: 'Roster',
      version,
      description: introduce(dialects),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This deployment' }],
    tags: [
      ...dialects.map((dialect) => tags[dialect]),
      tokensTag,
      {
        name: documents,
        description: 'The API about itself, and the page of an invitation; no token needed.',
      },
    ],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `An access token of Roster or of an issuer that this deployment trusts. ${oneCredential}`,
        },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'X-API-Key',
          description: `The secret of an app client instead of a token, in every dialect. ${oneCredential}`,
        },
        authorizationApiKey: {
          type: 'http',
          scheme: 'ApiKey',
          description: `The same as \`Authorization: ApiKey <secret>\`. ${oneCredential}`,
        },
        client: {
          type: 'http',
          scheme: 'basic',
          description: 'What an app client calls itself, and its secret.',
        },
      },
    },
    paths,
  };
  return createDocument(document, { override: withoutPatternOfTimes });
};

const operationOf = (route: Route): ZodOpenApiOperationObject => {
  if (route.operation in served) return documentOperation(route);
  if (route.operation === 'getHealth') return healthOperation(route);
  return route.operation in tokenOperations
    ? tokenOperations[route.operation as keyof typeof tokenOperations](route)
    : wireOperation(route);
};

/** The format says it all; the pattern that zod writes beside it is two lines of brackets. */
const withoutPatternOfTimes: CreateDocumentOptions['override'] = ({ jsonSchema }) => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
};

/** What each of the operations without a token serves. */
const served: Readonly<Partial<Record<Operation, readonly Document[]>>> = {
  getOpenapi: [openapiDocument],
  getDocs: [docsPage],
  getDocsFile: docsFiles,
  getAcceptPage: [acceptPage],
  getResetPage: [acceptPage],
  getConfirmPage: [confirmPage],
  getAcceptFile: acceptFiles,
};

const documentOperation = (route: Route): ZodOpenApiOperationObject => {
  const found = served[route.operation] ?? [];
  const isFile = route.route.endsWith('/{file}');
  const file = z.enum(found.map(({ name }) => name)).meta({ description: 'Which file.' });
  return {
    ...wordsOf(route),
    tags: [documents],
    security: [],
    ...(isFile && { requestParams: { path: z.object({ file }) } }),
    responses: {
      [route.status]: {
        description: 'The document.',
        headers: z.object({ 'X-Request-Id': requestId }),
        content: Object.fromEntries(
          found.map(({ type }) => [
            type,
            { schema: { type: type === 'application/json' ? 'object' : 'string' } },
          ]),
        ),
      },
      ...(route.query !== 'any' && {
        '400': failureResponse(route.dialect, 400, ['invalid_input']),
      }),
      ...(isFile && { '404': failureResponse(route.dialect, 404, ['not_found']) }),
      '429': tooManyRequests,
      '500': failureResponse(route.dialect, 500, ['internal']),
    },
  };
};

const healthOperation = (route: Route): ZodOpenApiOperationObject => ({
  ...wordsOf(route),
  tags: [documents],
  security: [],
  responses: {
    [route.status]: {
      description: 'The service answers.',
      headers: z.object({ 'X-Request-Id': requestId }),
      content: { 'application/json': { schema: z.strictObject({ status: z.literal('ok') }) } },
    },
    '400': failureResponse(route.dialect, 400, ['invalid_input']),
    '429': tooManyRequests,
    '500': failureResponse(route.dialect, 500, ['internal']),
  },
});

/** `npm run openapi:lint` reads it from there. */
if (import.meta.main) {
  mkdirSync(join(root, '.local'), { recursive: true });
  writeFileSync(join(root, '.local/openapi.json'), `${JSON.stringify(openapi(), null, 2)}\n`);
}
