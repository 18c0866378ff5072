/** Every route that takes a token, each with a request that it would grant: what holds for all holds for the next one too. */
import { randomUUID } from 'node:crypto';
import { manners } from '../lib/dialects/manners.ts';
import { type DialectName, type Route, routes } from '../lib/http/routes.ts';
import { type Answer, anAdminOf, type Sent, type Service, type TenantSlug, tenantId } from './steps.ts';

export const bearerRoutes: readonly Route[] = routes.filter(({ access }) => access === 'bearer');

/** A user by what names it in a path of each dialect. */
export type Named = Readonly<Record<DialectName, string>>;

const hex = '00000000000040008000000000000000';
/** Nobody has these names. */
export const nobody: Named = {
  native: `cradl:user:${hex}`,
  cradl: `cradl:user:${hex}`,
  jitsudo: '00000000-0000-4000-8000-000000000000',
  credible: 'nobody-at-all',
};

/** A user that an administrator of the tenant has just created. */
export async function aUserIn(service: Service, slug: TenantSlug): Promise<Named> {
  const credible = `user-${randomUUID()}`;
  const { body } = await service.posts('/v1/users', { email: `${credible}@example.com`, userName: credible }, { token: anAdminOf(slug) });
  const jitsudo = String(body.userId).replace(/^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { native: body.userId, cradl: body.userId, jitsudo, credible };
}

const bodies: Readonly<Record<DialectName, (email: string) => object>> = {
  native: (email) => ({ email }),
  cradl: (email) => ({ email }),
  jitsudo: (email) => ({ email, name: 'Jo Smith', password: 'tangled-orchard-7-lamps', roles: ['user'] }),
  credible: (email) => ({ email, userName: email.split('@')[0] }),
};

/** Sends what the route asks for, in the name of this tenant where its dialect wants one named. */
export function asks(
  service: Service,
  { route, dialect, body }: Route,
  { user = nobody, slug = 'acme', headers, ...sent }: Sent & { user?: Named; slug?: TenantSlug } = {},
): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  return service.send(
    method,
    path.replace(/\{.+\}/, () => user[dialect]),
    {
      ...(body === 'json' && { body: bodies[dialect](`user-${randomUUID()}@example.com`) }),
      headers: { ...(manners[dialect].tenantHeader === 'required' && { 'x-tenant-id': tenantId[slug] }), ...headers },
      ...sent,
    },
  );
}
