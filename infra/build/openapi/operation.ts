import * as z from 'zod';
import type { ZodOpenApiOperationObject } from 'zod-openapi';
import { invitationResponse } from '../../../lib/api/invitations/native.ts';
import { nativeUser } from '../../../lib/api/users/native.ts';
import type { Route } from '../../../lib/api/routes.ts';
import { failureResponses, tooManyRequests } from './error-responses.ts';
import {
  etag,
  idempotencyKey,
  ifMatch,
  ifNoneMatch,
  location,
  locationOf,
  replayed,
  requestId,
  tenantHeader,
  tenantOfLinkHeader,
  tenantOfRequestHeader,
} from './headers.ts';
import { wordsOf } from './operations.ts';
import { userWires } from '../../../lib/api/users/docs.ts';
import { type Shape, shapeOf } from '../../../lib/api/operation-doc.ts';
import { tags } from './introduction.ts';

/** A route that takes or gives JSON as the document describes it. */
export function wireOperation(route: Route): ZodOpenApiOperationObject {
  const shape = shapeOf(route);
  const { part, query, request, answer, done, conditional, repeatable, hasEtag } = shape;
  const isPublic = route.access === 'public';
  // Roster's own answers show the version of the user.
  const showsVersion =
    hasEtag || answer?.schema === nativeUser.response || answer?.schema === invitationResponse;
  const isConditionalRead = showsVersion && route.route.startsWith('GET ');
  const { name, ...parameter } = shape.parameter ?? userWires[route.dialect].pathParameter;
  return {
    ...wordsOf(route),
    tags: [tags[route.dialect].name],
    security: isPublic ? [] : [{ bearer: [] }, { apiKey: [] }, { authorizationApiKey: [] }],
    requestParams: {
      header: z.object({
        ...(isPublic
          ? shape.namesTenant
            ? tenantOfRequestHeader
            : tenantOfLinkHeader
          : tenantHeader(route.dialect)),
        ...(conditional && ifMatch),
        ...(isConditionalRead && ifNoneMatch),
        ...(repeatable && idempotencyKey),
      }),
      ...(query && { query }),
      ...(route.route.includes('{') && {
        path: z.object({ [name]: z.string().meta(parameter), ...(part && partOf(part)) }),
      }),
    },
    ...(request && { requestBody: { required: true, content: { 'application/json': request } } }),
    responses: {
      [route.status]: {
        description: done,
        headers: z.object({
          'X-Request-Id': requestId,
          ...(showsVersion && { ETag: etag }),
          ...(repeatable && userWires[route.dialect].getLocation && { Location: location }),
          ...(shape.location && { Location: locationOf(shape.location) }),
          ...(repeatable && { 'Idempotency-Replayed': replayed }),
        }),
        ...(answer && { content: { 'application/json': answer } }),
      },
      ...(isConditionalRead && {
        '304': {
          description: 'The version in `If-None-Match` is current.',
          headers: z.object({ 'X-Request-Id': requestId, ETag: etag }),
        },
      }),
      '429': tooManyRequests,
      ...failureResponses(route),
    },
  };
}

const partOf = ({ name, ...parameter }: NonNullable<Shape['part']>) => ({
  [name]: z.string().meta(parameter),
});
