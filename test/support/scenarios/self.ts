/** Callers who address their own account. */
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { createUserIn, type UserRefs } from '../authenticated-routes.ts';
import { unique } from '../dialects/dialects.ts';
import {
  type TestResponse,
  createTestService,
  systemToken,
  issuer,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

/** Issuer with its own subjects. Users have them as linked identities. */
export const externalIssuer = createIssuer({ issuer: 'https://id.example.com' });

/** Creates a service that trusts both issuers. */
export const createServiceWithExternalIssuer = (
  options: Parameters<typeof createTestService>[0] = {},
) =>
  createTestService({
    ...options,
    environment: {
      ISSUERS: JSON.stringify([
        issuer.settings,
        { ...externalIssuer.settings, subjectsAreUsers: false, system: false },
      ]),
    },
  });

export interface Caller extends UserRefs {
  readonly token: string;
}

/** Creates a user with these additional fields and a token for it. */
export async function createCaller(
  service: Service,
  more: object = {},
  slug: TenantSlug = 'acme',
): Promise<Caller> {
  const user = await createUserIn(service, slug, more);
  return { ...user, token: issuer.mintAccessToken({ sub: user.native, tenantId: tenantId[slug] }) };
}

/** Creates a user with an unlimited identity of the external issuer and a token for it. */
export async function createExternalCaller(
  service: Service,
  more: object = {},
  slug: TenantSlug = 'acme',
): Promise<Caller> {
  const subject = unique();
  const fields = { identity: { issuer: 'https://id.example.com', subject }, ...more };
  const user = await createUserIn(service, slug, fields, systemToken(slug));
  return {
    ...user,
    token: externalIssuer.mintAccessToken({ sub: subject, tenantId: tenantId[slug] }),
  };
}

interface Own {
  readonly path: string;
  readonly method: 'PATCH' | 'PUT';
  readonly name: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly avatar: string;
}
/** Self-service route and field names of each dialect. */
export const selfRoutes = {
  native: {
    path: '/v1/users/me',
    method: 'PATCH',
    name: 'name',
    firstName: 'firstName',
    lastName: 'lastName',
    avatar: 'avatar',
  },
  jitsudo: {
    path: '/jitsudo/v1/users/me/profile',
    method: 'PUT',
    name: 'display_name',
    firstName: 'first_name',
    lastName: 'last_name',
    avatar: 'avatar_base64',
  },
} as const satisfies Record<string, Own>;
export const selfDialects = Object.keys(selfRoutes) as (keyof typeof selfRoutes)[];

const inTenant = (slug: TenantSlug) => ({ 'x-tenant-id': tenantId[slug] });
export type SelfDialect = keyof typeof selfRoutes;

export const readSelf = (
  service: Service,
  dialect: SelfDialect,
  token: string,
  slug: TenantSlug = 'acme',
): Promise<TestResponse> =>
  service.get(selfRoutes[dialect].path, { token, headers: inTenant(slug) });

export const updateSelf = (
  service: Service,
  dialect: SelfDialect,
  token: string,
  body: unknown,
): Promise<TestResponse> =>
  service.send(selfRoutes[dialect].method, selfRoutes[dialect].path, {
    token,
    body,
    headers: inTenant('acme'),
  });
