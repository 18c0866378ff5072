import * as z from 'zod';
import { isDeploymentOperation } from '../../../lib/api/auth/deployment-operations.ts';
import { exampleRequestId, exampleTenantId } from '../../../lib/api/doc-parts.ts';
import type { Route } from '../../../lib/api/routes.ts';
import { allDialects } from '../../../lib/api/scim/conventions.ts';

const responseHeader = (id: string, description: string, example: string) =>
  z.string().meta({ example, header: { id, description } });

export const requestId = responseHeader(
  'RequestId',
  'ID of the request, also in the logs.',
  exampleRequestId,
);
export const authenticate = responseHeader(
  'Authenticate',
  'Authentication challenge (RFC 6750). It has `error` and `error_description` if the access token is not accepted.',
  'Bearer error="invalid_token", error_description="The access token has expired"',
);
export const authenticateBasic = z
  .string()
  .meta({ example: 'Basic realm="roster"', header: { description: 'Authentication challenge.' } });
export const retryAfter = responseHeader('RetryAfter', 'Seconds to wait.', '4');
export const etag = responseHeader('ETag', 'Version of the resource, for `If-Match`.', '"1"');
export const locationHeader = (example: string) =>
  z.string().meta({ example, header: { description: 'Path of the created resource.' } });
export const replayed = z
  .string()
  .optional()
  .meta({
    example: 'true',
    header: {
      id: 'IdempotencyReplayed',
      description:
        '`true` if this is the stored response to an earlier request with the same `Idempotency-Key`.',
    },
  });

const tenantId = z.guid().meta({ example: exampleTenantId });

/** `X-Tenant-ID` of an authenticated route. */
export const tenantHeader = ({ dialect, operation }: Route) => {
  const isOnDeployment = isDeploymentOperation(operation);
  const header = tenantId.meta({
    description: isOnDeployment
      ? 'ID of an existing tenant. Must match the tenant of the token, otherwise the response is 403. Not necessary for system administrators.'
      : 'ID of the tenant. Must match the tenant of the token, otherwise the response is 403. System administrators use it to select the tenant.',
  });
  const isRequired = allDialects[dialect].tenantHeader === 'required' && !isOnDeployment;
  return { 'X-Tenant-ID': isRequired ? header : header.optional() };
};
/** Header of a request with a link token. */
export const linkTenantHeader = {
  'X-Tenant-ID': tenantId.optional().meta({
    description: 'ID of the tenant of the link. For another tenant, the link is not valid.',
  }),
};
/** Header of a query that can name the tenant instead. */
export const queryTenantHeader = {
  'X-Tenant-ID': tenantId.optional().meta({
    description: 'ID of the tenant, for a request whose query names none.',
  }),
};
/** Header of a request that names its tenant. */
export const requestTenantHeader = {
  'X-Tenant-ID': tenantId.optional().meta({
    description:
      'ID of the tenant. Required if neither the body nor the host names the tenant; otherwise it must agree with them.',
  }),
};
export const idempotencyKey = {
  'Idempotency-Key': z
    .string()
    .regex(/^[!-+\--~]{1,255}$/)
    .optional()
    .meta({
      description:
        'Unique value for this request, such as a UUID. A repetition with the same body within 24 hours returns the first response and changes nothing.',
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
      '`ETag` of the expected version, a list of them, or `*`. If the version differs, the response is 412 and nothing changes.',
    example: '"1"',
  }),
};
