/** Whoever calls about themselves. */
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

/** An issuer whose subjects are its own: they are users by the identity that those were given. */
export const elsewhere = createIssuer({ issuer: 'https://id.example.com' });

/** A service that trusts both. */
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

/** A user of the tenant, with these fields besides, who calls with a token that names their id. */
export async function aSelf(
  service: Service,
  more: object = {},
  slug: TenantSlug = 'acme',
): Promise<Self> {
  const user = await aUserIn(service, slug, more);
  return { ...user, token: issuer.mintAccessToken({ sub: user.native, tenantId: tenantId[slug] }) };
}

/** The same, known by an identity of another issuer that has no limit. */
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
/** One's own account as each dialect has it: where it is, and what it calls its fields. */
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
