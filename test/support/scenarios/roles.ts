/** Requests about roles, with a test clock, because role changes take effect over time. */
import { keys } from '../../../lib/store/keys.ts';
import { createTestClock } from './user-states.ts';
import {
  type TestResponse,
  createTestService,
  type TestRequest,
  type TenantSlug,
  tenantId,
} from '../service.ts';

/** Maximum age of cached roles. */
export const bound = 30_000;

export async function createRoleService(options: Parameters<typeof createTestService>[0] = {}) {
  const clock = createTestClock();
  const service = await createTestService({ ...options, now: clock.now });
  const admin = (slug: TenantSlug = 'acme') => clock.aTokenOf(slug, ['admin']);
  const about = (method: string, roleId: string, sent: TestRequest = {}): Promise<TestResponse> =>
    service.send(method, `/v1/roles/${roleId}`, { token: admin(), ...sent });
  return {
    service,
    clock,
    admin,
    createRole: (body: object = {}, sent: TestRequest = {}) =>
      service.post(
        '/v1/roles',
        { name: 'Auditor', permissions: [], ...body },
        { token: admin(), ...sent },
      ),
    readRole: (roleId: string, sent?: TestRequest) => about('GET', roleId, sent),
    updateRole: (roleId: string, body: object, sent?: TestRequest) =>
      about('PATCH', roleId, { body, ...sent }),
    deleteRole: (roleId: string, sent?: TestRequest) => about('DELETE', roleId, sent),
    listRoles: (query = '', sent: TestRequest = {}) =>
      service.get(`/v1/roles${query}`, { token: admin(), ...sent }),
    /** Change records of a role, in order. */
    listChangeRecords: async (slug: string, of: TenantSlug = 'acme') =>
      (await service.stored.all())
        .filter(({ pk }) => pk === keys.roleChange(tenantId[of], slug, 1).pk)
        .toSorted((a, b) => Number(a['version']) - Number(b['version'])),
  };
}

export const toRoleId = (slug: string): string => `cradl:role:${slug}`;
