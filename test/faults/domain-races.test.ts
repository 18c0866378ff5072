/** Concurrent changes of domains and lost requests. At most one tenant has a verified domain. */
import { expect, it } from 'vitest';
import { createDomainIn } from '../support/authenticated-routes.ts';
import {
  always,
  createFaultyService,
  deadlineAfterFaults,
  dropRequest,
  dropResponse,
  faultsInOrder,
} from '../support/faults/fault-proxy.ts';
import {
  adminToken,
  type Service,
  type TenantSlug,
  tenantId,
  type TestResponse,
} from '../support/service.ts';
import { keys } from '../../lib/store/keys.ts';

const { service, database } = await createFaultyService({
  ...deadlineAfterFaults,
  warm: ['acme', 'globex', 'north', 'south'],
});
const tenants: readonly TenantSlug[] = ['acme', 'globex', 'north', 'south'];

const verify = (slug: TenantSlug, id: string) =>
  service.send('POST', `/v1/domains/${id}/verify`, { token: adminToken(slug) });
const remove = (slug: TenantSlug, id: string) =>
  service.send('DELETE', `/v1/domains/${id}`, { token: adminToken(slug) });

const sortStatuses = (answers: readonly TestResponse[]) =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b);

/** Adds a domain to the tenants. Their DNS records exist side by side. */
async function addTo(slugs: readonly TenantSlug[], domain: string) {
  const ids: string[] = [];
  const values: string[] = [];
  for (const slug of slugs) {
    ids.push((await createDomainIn(service, slug, domain)).native);
    values.push(...(service.dnsRecords.get(`_roster.${domain}`) as readonly string[]));
  }
  service.dnsRecords.set(`_roster.${domain}`, values);
  return ids;
}

/** Asserts that the claim of a domain and the domain that it names agree. */
async function assertConsistent({ stored }: Service, domain: string): Promise<void> {
  const claim = await stored.item(keys.domainClaim(domain));
  const holders = (await stored.all()).filter(
    ({ name, verifiedAt }) => name === domain && verifiedAt !== undefined,
  );
  expect(holders.map(({ domainId }) => domainId)).toEqual(claim ? [claim['domainId']] : []);
}

it('gives a domain to one of several tenants that verify it concurrently', async () => {
  const ids = await addTo(tenants, 'wanted.example');
  const answers = await Promise.all(tenants.map((slug, index) => verify(slug, ids[index] ?? '')));
  expect(sortStatuses(answers)).toEqual([200, 409, 409, 409]);
  await assertConsistent(service, 'wanted.example');
});

it('keeps domain and claim together in concurrent verifications and deletions', async () => {
  for (let round = 0; round < 4; round++) {
    const domain = `round-${round}.example`;
    const [first = '', second = ''] = await addTo(['acme', 'globex'], domain);
    const [verified, other, removed, again] = await Promise.all([
      verify('acme', first),
      verify('globex', second),
      remove('acme', first),
      remove('acme', first),
    ]);
    expect(verified.status).toBeOneOf([200, 404, 409]);
    expect(other.status).toBeOneOf([200, 409]);
    expect(sortStatuses([removed, again])).toEqual([204, 404]);
    await assertConsistent(service, domain);
    await remove('globex', second);
    await assertConsistent(service, domain);
  }
});

it('counts the domains of a tenant in concurrent changes', async () => {
  const added = await Promise.all(
    Array.from({ length: 6 }, () => createDomainIn(service, 'north')),
  );
  await Promise.all(added.slice(0, 3).map(({ native }) => remove('north', native)));
  const { domains } = (await service.get('/v1/domains', { token: adminToken('north') })).body;
  const counter = await service.stored.item(keys.domainCount(tenantId.north));
  expect(counter).toMatchObject({ activeCount: domains.length });
});

it.each([
  ['verification', verify, 200],
  ['deletion', remove, 204],
] as const)('a %s with a lost response takes effect once', async (_what, act, status) => {
  const domain = `lost-${status}.example`;
  const [id = ''] = await addTo(['acme'], domain);
  if (act === remove) await verify('acme', id);
  database.goesWrong(faultsInOrder('TransactWriteItems', dropResponse));
  const answer = await act('acme', id);
  database.isWell();
  expect(answer.status).toBe(status);
  await assertConsistent(service, domain);
  expect(await service.stored.item(keys.domainClaim(domain))).toEqual(
    act === verify ? expect.objectContaining({ tenantId: tenantId.acme }) : undefined,
  );
});

it('a verification without any request that arrives returns 503 and has no effect', async () => {
  const [id = ''] = await addTo(['acme'], 'dropped.example');
  database.goesWrong(always(dropRequest, 'TransactWriteItems'));
  const answer = await verify('acme', id);
  database.isWell();
  expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  expect(await service.stored.item(keys.domainClaim('dropped.example'))).toBeUndefined();
  expect((await verify('acme', id)).status).toBe(200);
});
