/** Requests about domains, with a test clock, because verified domains are checked weekly. */
import { parseDomainId } from '../../../lib/domain/kernel/ids.ts';
import { keys } from '../../../lib/store/keys.ts';
import {
  createTestService,
  type TenantSlug,
  tenantId,
  type TestRequest,
  type TestResponse,
} from '../service.ts';
import { createTestClock } from './user-states.ts';

export async function createDomainService(options: Parameters<typeof createTestService>[0] = {}) {
  const clock = createTestClock();
  const service = await createTestService({ ...options, now: clock.now });
  const admin = (slug: TenantSlug = 'acme') => clock.aTokenOf(slug, ['admin']);
  const createDomain = (domain: string, sent: TestRequest = {}): Promise<TestResponse> =>
    service.post('/v1/domains', { domain }, { token: admin(), ...sent });
  const verifyDomain = (id: string, sent: TestRequest = {}): Promise<TestResponse> =>
    service.send('POST', `/v1/domains/${id}/verify`, { token: admin(), ...sent });
  /** Publishes the DNS record of a domain. */
  const publishRecord = ({ body }: TestResponse): void =>
    void service.dnsRecords.set(body.dnsRecord, ['v=spf1 -all', body.dnsValue]);

  return {
    service,
    clock,
    admin,
    createDomain,
    verifyDomain,
    publishRecord,
    /** Creates a domain with its DNS record, and verifies it. */
    createVerifiedDomain: async (domain: string, slug: TenantSlug = 'acme') => {
      const created = await createDomain(domain, { token: admin(slug) });
      publishRecord(created);
      return verifyDomain(created.body.domainId, { token: admin(slug) });
    },
    readDomain: (id: string, sent: TestRequest = {}) =>
      service.get(`/v1/domains/${id}`, { token: admin(), ...sent }),
    listDomains: (query = '', sent: TestRequest = {}) =>
      service.get(`/v1/domains${query}`, { token: admin(), ...sent }),
    deleteDomain: (id: string, sent: TestRequest = {}) =>
      service.send('DELETE', `/v1/domains/${id}`, { token: admin(), ...sent }),
    readClaim: (domain: string) => service.stored.item(keys.domainClaim(domain)),
    /** Change records of a domain, in order. */
    listChangeRecords: async (id: string, slug: TenantSlug = 'acme') =>
      (await service.stored.all())
        .filter(({ pk }) => pk === keys.domainChange(tenantId[slug], parseDomainId(id) ?? '', 1).pk)
        .toSorted((a, b) => Number(a['version']) - Number(b['version'])),
  };
}
