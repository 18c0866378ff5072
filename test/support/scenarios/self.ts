/** Callers who address their own account. */
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { aUserIn, type Named } from '../authenticated-routes.ts';
import { unique } from '../dialects/dialects.ts';
import {
  type Answer,
  aService,
  aSystemAdministrator,
  issuer,
  type Service,
  type TenantSlug,
  tenantId,
} from '../service.ts';

/** Issuer with its own subjects. Users have them as linked identities. */
export const elsewhere = createIssuer({ issuer: 'https://id.example.com' });

/** Creates a service that trusts both issuers. */
export const aServiceOfBoth = (options: Parameters<typeof aService>[0] = {}) =>
  aService({
    ...options,
    environment: {
      ISSUERS: JSON.stringify([
        issuer.settings,
        { ...elsewhere.settings, subjectsAreUsers: false, system: false },
      ]),
    },
  });

export interface Self extends Named {
  readonly token: string;
}

/** Creates a user with these additional fields and a token for it. */
export async function aSelf(
  service: Service,
  more: object = {},
  slug: TenantSlug = 'acme',
): Promise<Self> {
  const user = await aUserIn(service, slug, more);
  return { ...user, token: issuer.mintAccessToken({ sub: user.native, tenantId: tenantId[slug] }) };
}

/** Creates a user with an unlimited identity of the external issuer and a token for it. */
export async function aSelfFromElsewhere(
  service: Service,
  more: object = {},
  slug: TenantSlug = 'acme',
): Promise<Self> {
  const subject = unique();
  const fields = { identity: { issuer: 'https://id.example.com', subject }, ...more };
  const user = await aUserIn(service, slug, fields, aSystemAdministrator(slug));
  return { ...user, token: elsewhere.mintAccessToken({ sub: subject, tenantId: tenantId[slug] }) };
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
export const own = {
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
export const ownDialects = Object.keys(own) as (keyof typeof own)[];

const inTenant = (slug: TenantSlug) => ({ 'x-tenant-id': tenantId[slug] });
export type OwnDialect = keyof typeof own;

export const readsOwn = (
  service: Service,
  dialect: OwnDialect,
  token: string,
  slug: TenantSlug = 'acme',
): Promise<Answer> => service.gets(own[dialect].path, { token, headers: inTenant(slug) });

export const changesOwn = (
  service: Service,
  dialect: OwnDialect,
  token: string,
  body: unknown,
): Promise<Answer> =>
  service.send(own[dialect].method, own[dialect].path, { token, body, headers: inTenant('acme') });
