/** Updating a user in each dialect. */
import type { CodecDialect } from '../../../lib/api/routes.ts';
import type { UserRefs } from '../authenticated-routes.ts';
import {
  type TestResponse,
  adminToken,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

const paths: Readonly<Record<CodecDialect, readonly [method: string, users: string]>> = {
  native: ['PATCH', '/v1/users'],
  cradl: ['PATCH', '/cradl/v1/users'],
  jitsudo: ['PUT', '/jitsudo/v1/users'],
  credible: ['PATCH', '/credible/api/v0/users'],
};
export const dialects = Object.keys(paths) as CodecDialect[];

export interface UpdateOptions {
  readonly slug?: TenantSlug;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an update, by default as an administrator of the tenant. */
export function updateUser(
  service: Service,
  dialect: CodecDialect,
  user: UserRefs,
  body: object,
  { slug = 'acme', token = adminToken(slug), headers = {} }: UpdateOptions = {},
): Promise<TestResponse> {
  const [method, users] = paths[dialect];
  return service.send(method, `${users}/${user[dialect]}`, {
    token,
    body,
    headers: { 'x-tenant-id': tenantId[slug], ...headers },
  });
}

/** Reads the user through the native API. */
export const readNativeUser = async (
  service: Service,
  { native }: UserRefs,
  slug: TenantSlug = 'acme',
): Promise<TestResponse['body']> =>
  (await service.get(`/v1/users/${native}`, { token: adminToken(slug) })).body;
