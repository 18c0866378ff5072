import * as z from 'zod';
import { dialects } from '../../../lib/api/dialects.ts';
import { nativeUser } from '../../../lib/api/users/native.ts';
import type { DialectName } from '../../../lib/api/routes.ts';

const answered = (id: string, description: string, example: string) =>
  z.string().meta({ example, header: { id, description } });

/** Headers of answers. */
export const requestId = answered(
  'RequestId',
  'Names this request in the logs.',
  'JKJaXmPLvHcESHA=',
);
export const authenticate = answered(
  'Authenticate',
  'Authentication challenge (RFC 6750). It has `error` and `error_description` if the access token is not accepted.',
  'Bearer error="invalid_token", error_description="The access token has expired"',
);
export const retryAfter = answered('RetryAfter', 'Seconds to wait.', '1');
export const etag = answered('ETag', 'The version of what is shown, for `If-Match`.', '"1"');
export const location = answered(
  'Location',
  'The path of the new user.',
  `/v1/users/${nativeUser.pathParameter.example}`,
);
/** The same of anything else that is created. */
export const locationOf = (example: string) =>
  z.string().meta({ example, header: { description: 'The path of what was created.' } });
export const replayed = z
  .string()
  .optional()
  .meta({
    example: 'true',
    header: {
      id: 'IdempotencyReplayed',
      description:
        '`true` on the answer to an earlier request with this `Idempotency-Key`: nothing has happened this time.',
    },
  });

const tenant = z.guid().meta({ example: '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0' });

/** Headers of requests. */
export const tenantHeader = (dialect: DialectName) => {
  const tenantId = tenant.meta({
    description:
      'The tenant of the token, once more; any other answers 403. A system administrator names the tenant with it.',
  });
  return {
    'X-Tenant-ID': dialects[dialect].tenantHeader === 'required' ? tenantId : tenantId.optional(),
  };
};
/** Where a link says which tenant. */
export const tenantOfLinkHeader = {
  'X-Tenant-ID': tenant.optional().meta({
    description:
      'The tenant of the link, once more. Of any other the link is nobody’s; nothing asks for it.',
  }),
};
/** Where a request has nothing but itself to say which tenant. */
export const tenantOfRequestHeader = {
  'X-Tenant-ID': tenant.optional().meta({
    description:
      'The tenant, where neither the body nor the host names it. Where they do, the same.',
  }),
};
export const idempotencyKey = {
  'Idempotency-Key': z
    .string()
    .regex(/^[!-+\--~]{1,255}$/)
    .optional()
    .meta({
      description:
        'A name of your making for this request, as in a UUID. Sent again with the same body within 24 hours, it is answered as it was the first time and has no second effect.',
      example: 'dd2f9f5c-3f0e-4c5e-9b1e-6f5f3c9f1f0a',
    }),
};
export const ifNoneMatch = {
  'If-None-Match': z.string().optional().meta({
    description:
      '`ETag` of the version that the caller has. While it is current, the response is 304 without a body.',
    example: '"1"',
  }),
};
export const ifMatch = {
  'If-Match': z.string().optional().meta({
    description:
      'The `ETag` of the version that is meant, several of them, or `*`. While it has another, nothing happens: 412.',
    example: '"1"',
  }),
};
