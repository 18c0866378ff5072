import {
  adminToken,
  type Service,
  type TenantSlug,
  type TestRequest,
  type TestResponse,
} from '../service.ts';

export const connectionInput = { name: 'Okta', provider: 'okta' };

/** Creates a SCIM connection of a tenant. The body has `connectionId` and `token`. */
export const createConnection = (
  service: Service,
  slug: TenantSlug = 'acme',
  input: object = {},
  request: TestRequest = { token: adminToken(slug) },
): Promise<TestResponse> =>
  service.post('/v1/scim/connections', { ...connectionInput, ...input }, request);
