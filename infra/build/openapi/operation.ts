import { credibleTenant } from '../../../lib/api/tenants/credible.ts';
import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi';
import type {
  Media,
  OperationContent,
  OperationDoc,
  PathParameter,
} from '../../../lib/api/operation-doc.ts';
import type { Document } from '../../../lib/api/documents/files.ts';
import type { Route } from '../../../lib/api/routes.ts';
import { errorResponses, selectMediaType } from './error-responses.ts';
import {
  etag,
  idempotencyKey,
  ifMatch,
  ifNoneMatch,
  linkTenantHeader,
  locationHeader,
  queryTenantHeader,
  replayed,
  requestId,
  requestTenantHeader,
  tenantHeader,
} from './headers.ts';
import { buildOperationId, getOperationDoc } from './operations.ts';

/** A route as an operation of the document. */
export function buildOperation(route: Route, tag: string): ZodOpenApiOperationObject {
  const doc = getOperationDoc(route);
  const content = doc.content(route.dialect);
  return {
    operationId: buildOperationId(route),
    summary: doc.summary,
    description: describe(doc, route),
    tags: [tag],
    security: listSecurity(route),
    requestParams: buildParameters(route, content),
    ...(content.request && { requestBody: buildRequestBody(route, content.request) }),
    responses: {
      [route.status]: buildResponse(route, content),
      ...(isConditionalRead(route, content) && { '304': notModified }),
      ...(content.noContentDescription !== undefined && {
        '204': {
          description: content.noContentDescription,
          headers: z.object({ 'X-Request-Id': requestId }),
        },
      }),
      ...errorResponses(route, doc, content),
    },
  };
}

const describe = ({ description, dialectNotes }: OperationDoc, { dialect }: Route): string =>
  [description, dialectNotes?.[dialect]].filter((text) => text !== undefined).join('\n\n');

function listSecurity({ access, body }: Route): NonNullable<ZodOpenApiOperationObject['security']> {
  if (access === 'bearer') return [{ bearer: [] }, { apiKey: [] }, { authorizationApiKey: [] }];
  // The form can have the secret instead.
  return body === 'form' ? [{}, { client: [] }] : [];
}

const buildRequestBody = (route: Route, request: Media) =>
  route.body === 'form'
    ? { required: false, content: { 'application/x-www-form-urlencoded': request } }
    : { required: true, content: { [selectMediaType(route)]: request } };

function buildParameters(
  route: Route,
  content: OperationContent,
): NonNullable<ZodOpenApiOperationObject['requestParams']> {
  const { parameter, childParameter, query } = content;
  const header = listHeaders(route, content);
  const parameters = [credibleTenant.pathParameter, parameter, childParameter].filter(
    (each) => each !== undefined && route.route.includes(`{${each.name}}`),
  ) as readonly PathParameter[];
  return {
    ...(Object.keys(header).length > 0 && { header: z.object(header) }),
    ...(query && { query }),
    ...(parameters.length > 0 && {
      path: z.object(
        Object.fromEntries(parameters.map((each) => [each.name, buildPath(each, content)])),
      ),
    }),
  };
}

/** A path that names a file has the names of all files. */
const buildPath = (
  { name: parameter, ...meta }: PathParameter,
  { response }: OperationContent,
): z.ZodType =>
  parameter === 'file' && isFiles(response)
    ? z.enum(response.map(({ name }) => name)).meta(meta)
    : z.string().meta(meta);

const isFiles = (response: OperationContent['response']): response is readonly Document[] =>
  Array.isArray(response);

function listHeaders(route: Route, content: OperationContent): Record<string, z.ZodType> {
  const { acceptsIfMatch, acceptsIdempotencyKey } = content;
  return {
    ...selectTenantHeader(route, content),
    ...(acceptsIfMatch && ifMatch),
    ...(isConditionalRead(route, content) && ifNoneMatch),
    ...(acceptsIdempotencyKey && idempotencyKey),
  };
}

function selectTenantHeader(
  route: Route,
  { namesTenant }: OperationContent,
): Record<string, z.ZodType> {
  if (route.access === 'bearer') return tenantHeader(route);
  if (route.body !== 'json') return namesTenant ? queryTenantHeader : {};
  return namesTenant ? requestTenantHeader : linkTenantHeader;
}

const isConditionalRead = ({ route }: Route, { hasEtag }: OperationContent): boolean =>
  hasEtag === true && route.startsWith('GET ');

const notModified: ZodOpenApiResponseObject = {
  description: 'The version in `If-None-Match` is current.',
  headers: z.object({ 'X-Request-Id': requestId, ETag: etag }),
};

function buildResponse(route: Route, content: OperationContent): ZodOpenApiResponseObject {
  const { status } = route;
  const { response, responseDescription, hasEtag, location, acceptsIdempotencyKey } = content;
  const hasBody = status !== 204 && response !== undefined;
  return {
    description: status === 204 ? 'No content.' : responseDescription,
    headers: z.object({
      'X-Request-Id': requestId,
      ...(hasEtag && status !== 204 && { ETag: etag }),
      ...(location && { Location: locationHeader(location) }),
      ...(acceptsIdempotencyKey && { 'Idempotency-Replayed': replayed }),
    }),
    ...(hasBody && {
      content: isFiles(response) ? listFileTypes(response) : { [selectMediaType(route)]: response },
    }),
  };
}

const listFileTypes = (files: readonly Document[]) =>
  Object.fromEntries(
    files.map(({ type }) => [
      type,
      { schema: { type: type === 'application/json' ? 'object' : 'string' } as const },
    ]),
  );
