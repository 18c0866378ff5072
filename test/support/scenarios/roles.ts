/** Requests about roles, with a test clock, because role changes take effect over time. */
import { keys } from '../../../lib/store/keys.ts';
import { aClock } from './user-states.ts';
import { type Answer, aService, type Sent, type TenantSlug, tenantId } from '../service.ts';

/** Maximum age of cached roles. */
export const bound = 30_000;

export async function aServiceWithRoles(options: Parameters<typeof aService>[0] = {}) {
  const clock = aClock();
  const service = await aService({ ...options, now: clock.now });
  const admin = (slug: TenantSlug = 'acme') => clock.aTokenOf(slug, ['admin']);
  const about = (method: string, roleId: string, sent: Sent = {}): Promise<Answer> =>
    service.send(method, `/v1/roles/${roleId}`, { token: admin(), ...sent });
  return {
    service,
    clock,
    admin,
    creates: (body: object = {}, sent: Sent = {}) =>
      service.posts(
        '/v1/roles',
        { name: 'Auditor', permissions: [], ...body },
        { token: admin(), ...sent },
      ),
    reads: (roleId: string, sent?: Sent) => about('GET', roleId, sent),
    changes: (roleId: string, body: object, sent?: Sent) =>
      about('PATCH', roleId, { body, ...sent }),
    deletes: (roleId: string, sent?: Sent) => about('DELETE', roleId, sent),
    lists: (query = '', sent: Sent = {}) =>
      service.gets(`/v1/roles${query}`, { token: admin(), ...sent }),
    /** Change records of a role, in order. */
    recordsOf: async (slug: string, of: TenantSlug = 'acme') =>
      (await service.stored.all())
        .filter(({ pk }) => pk === keys.roleChange(tenantId[of], slug, 1).pk)
        .toSorted((a, b) => Number(a['version']) - Number(b['version'])),
  };
}

export const roleIdOf = (slug: string): string => `cradl:role:${slug}`;
