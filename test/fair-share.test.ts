import { describe, expect, inject, it } from 'vitest';
import { createIssuer } from '../infra/local/issuer.ts';
import { createPolicy } from '../lib/domain/policy.ts';
import { keys } from '../lib/store/keys.ts';
import { always, aFaultyWayTo, hangs, isLost, meets } from './faults.ts';
import { anAppClient } from './own-tokens.ts';
import { anAdminOf, aService, aSystemAdministrator, issuer, logged, type Sent, type Service, tenantId } from './steps.ts';

const windowLength = 10_000;
/** The first moment of a window, until the next test has one of its own. */
let time = Math.ceil(Date.now() / windowLength) * windowLength;
const nextWindow = () => {
  time += windowLength;
};
const now = () => new Date(time);

const other = createIssuer({ issuer: 'http://localhost:4001' });
const ISSUERS = JSON.stringify([issuer.settings, { ...other.settings, tenants: [tenantId.globex] }]);
/** In a window 30 requests, of which a process tells two at a time. */
const environment = { ISSUERS, TENANT_REQUESTS_PER_SECOND: '3', AWS_MAX_ATTEMPTS: '1' };
const most = 30;

const policy = createPolicy();
let asked = 0;
const database = await aFaultyWayTo(inject('databaseEndpoint'));
const options = {
  now,
  databaseEndpoint: database.endpoint,
  policy: {
    authorize(...question: Parameters<typeof policy.authorize>) {
      asked++;
      policy.authorize(...question);
    },
  },
};
const service = await aService({ ...options, environment });
/** Another process on the same tables. */
const again = (more: object = {}) => {
  const { directory, secrets } = service.stored;
  return aService({ ...options, environment: { ...environment, DIRECTORY_TABLE: directory, SECRETS_TABLE: secrets, ...more } });
};

const everyDialect = ['/v1/users', '/cradl/v1/users', '/jitsudo/v1/users', '/credible/api/v0/users'];
const acme: Sent = { token: anAdminOf('acme'), headers: { 'x-tenant-id': tenantId.acme } };
const globex: Sent = { token: anAdminOf('globex'), headers: { 'x-tenant-id': tenantId.globex } };
const lists = (sent: Sent, of: Service = service, path = '/v1/users') => of.gets(path, sent);

/** So many, one after the other as Lambda hands them to a process; how many of them had each status. */
async function flood(count: number, sent: Sent = acme, of: Service = service, path?: string): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  for (let index = 0; index < count; index++) {
    const { status } = await lists(sent, of, path);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return statuses;
}

describe('O01: a tenant that floods', () => {
  it('gets as much as it may have, and is then told when to come again, in every dialect', async () => {
    nextWindow();
    expect(await flood(most + 10)).toEqual({ 200: most, 429: 10 });
    time += 7400;
    const explanation = 'The tenant has sent as many requests as it may within 10 seconds. Try again in 3 s.';
    for (const path of everyDialect) {
      expect(await lists(acme, service, path), path).toMatchObject({
        status: 429,
        headers: { 'retry-after': '3' },
        body: {
          code: 'too_many_requests',
          message: path.startsWith('/cradl') ? 'Too Many Requests' : explanation,
          details: { limit: 'tenant_requests', retryAfter: 3, ...(path.startsWith('/cradl') && { explanation }) },
        },
      });
    }
    expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({ status: 429, code: 'too_many_requests', tenant: tenantId.acme });
    time += 2600;
    expect(await lists(acme)).toMatchObject({ status: 200 });
  });

  it('takes nothing from another, which is served all the while', async () => {
    nextWindow();
    const [flooding, beside] = await Promise.all([flood(3 * most), flood(most - 1, globex)]);
    expect(flooding).toEqual({ 200: most, 429: 2 * most });
    expect(beside).toEqual({ 200: most - 1 });
  });

  it('is refused by every process, and every function, as soon as each has told its part', async () => {
    nextWindow();
    expect(await flood(most)).toEqual({ 200: most });
    const elsewhere = await again();
    expect(await flood(5, acme, elsewhere)).toEqual({ 200: 2, 429: 3 });
    expect(await flood(5, acme, service, '/v1/roles')).toEqual({ 200: 2, 429: 3 });
  });

  it('does so with API keys as with tokens', async () => {
    nextWindow();
    const { key } = await anAppClient(service, 'acme');
    expect(await flood(most / 2, { headers: key })).toEqual({ 200: most / 2 });
    expect(await flood(most)).toEqual({ 200: most / 2, 429: most / 2 });
    expect(await lists({ headers: key })).toMatchObject({ status: 429 });
  });

  it('asks neither the policies nor the database for anything, once it is refused', async () => {
    nextWindow();
    await flood(most);
    database.isWell();
    asked = 0;
    expect(await flood(20)).toEqual({ 429: 20 });
    expect([asked, database.sent]).toEqual([0, []]);
  });
});

describe('whose share a request is of', () => {
  it('is the tenant that a system administrator comes from, wherever they act, and nobody’s of one who comes from none', async () => {
    nextWindow();
    const headers = { 'x-tenant-id': tenantId.globex };
    expect(await flood(2 * most, { token: aSystemAdministrator(), headers })).toEqual({ 200: 2 * most });
    expect(await flood(most, { token: aSystemAdministrator('acme'), headers })).toEqual({ 200: most });
    expect([(await lists(acme)).status, (await lists(globex)).status]).toEqual([429, 200]);
  });

  it.each<[string, Sent]>([
    ['names another tenant than its token', { ...acme, headers: { 'x-tenant-id': tenantId.globex } }],
    ['may not speak for its tenant', { token: other.mintAccessToken({ sub: 'eve', tenantId: tenantId.acme, roles: ['admin'] }) }],
  ])('is nobody’s where it %s', async (_, sent) => {
    nextWindow();
    expect(await flood(2 * most, sent)).toEqual({ 403: 2 * most });
    expect(await lists(acme)).toMatchObject({ status: 200 });
  });
});

describe('counting', () => {
  it('costs a quiet tenant nothing, and a busy one a request for every twentieth of its own', async () => {
    nextWindow();
    const usual = await again({ TENANT_REQUESTS_PER_SECOND: '50' });
    await lists(acme, usual);
    database.isWell();
    await flood(18, acme, usual);
    expect(new Set(database.sent.map(({ operation }) => operation))).toEqual(new Set(['Query']));
    await flood(1, acme, usual);
    expect(database.sent.filter(({ operation }) => operation !== 'Query')).toMatchObject([{ operation: 'UpdateItem' }]);
    await flood(40, acme, usual);
    expect(database.sent.filter(({ operation }) => operation === 'UpdateItem')).toHaveLength(3);
  });

  it.each([
    ['is throttled', most + 2, meets('ThrottlingException')],
    ['is not allowed', most + 2, meets('AccessDeniedException')],
    ['gets lost', most + 2, isLost],
    ['hangs', 4, hangs],
  ])('refuses nobody when it %s', async (_, count, fault) => {
    nextWindow();
    database.goesWrong(always(fault, 'UpdateItem'));
    expect(await flood(count)).toEqual({ 200: count });
    expect(database.sent.filter(({ operation }) => operation === 'UpdateItem')).toHaveLength(count / 2);
    database.isWell();
  });

  it('leaves behind an item that expires with its window', async () => {
    nextWindow();
    await flood(4);
    const until = time + windowLength;
    expect(await service.stored.item(keys.requestsOfTenant(tenantId.acme, until))).toMatchObject({ requests: 4, expiresAt: until / 1000 });
  });
});
