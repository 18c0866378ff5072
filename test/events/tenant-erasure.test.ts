/** Erasure of deleted tenants. */
import { describe, expect, it } from 'vitest';
import { keys } from '../../lib/store/keys.ts';
import { createDomainIn } from '../support/authenticated-routes.ts';
import { findMissingRecords } from '../support/database/record-audit.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { createFaultyService, dropRequest, dropResponse } from '../support/faults/fault-proxy.ts';
import { fillTenant } from '../support/scenarios/fill-tenant.ts';
import { createTestClock, day } from '../support/scenarios/user-states.ts';
import { createTestService, type Service, type TenantSlug, tenantId } from '../support/service.ts';

type Clock = ReturnType<typeof createTestClock>;
type Item = Readonly<Record<string, any>>;

/** Items of both tables that name the tenant in their key or an attribute. */
async function listItems({ stored }: Service, id: string): Promise<readonly Item[]> {
  const items = [...(await stored.all()), ...(await stored.all(stored.secrets))];
  return items.filter((item) => JSON.stringify(item).includes(id));
}

const listKinds = (items: readonly Item[]): string[] =>
  [
    ...new Set(
      items.map(({ pk, sk }) => `${pk} ${sk}`.replaceAll(/#[^A-Z# ][^# ]*/g, '#').slice(0, 60)),
    ),
  ].toSorted();

/** Kinds of items that `fillTenant` creates, as in section 11 of the architecture. */
const filledKinds = [
  'CLIENT# CLAIM',
  'DOMAINS DOMAIN#',
  'RECIPIENT# DAY#',
  'SLUG# CLAIM',
  'SYSTEM#EMAIL# CLAIM',
  'SYSTEM#USERNAME# CLAIM',
  'TENANT# APPCLIENT#',
  'TENANT# ROLE#',
  'TENANT# ROLES#GROUP#',
  'TENANT# TENANT',
  'TENANT##ACTIVITY ACTIVITY#DENIAL##',
  'TENANT##ACTIVITY ACTIVITY#SIGNIN##UNKNOWN',
  'TENANT##ANSWER# ANSWER',
  'TENANT##APPCLIENT# CHANGE#',
  'TENANT##APPCLIENT# GROUPCHANGE##',
  'TENANT##APPCLIENT# MEMBEROF#',
  'TENANT##APPCLIENT# SECRET#',
  'TENANT##APPCLIENT# USE',
  'TENANT##DOMAIN# CHANGE#',
  'TENANT##DOMAINS COUNT',
  'TENANT##DOMAINS DOMAIN#',
  'TENANT##DOMAINS REMOVED#',
  'TENANT##ERASURES TIME##',
  'TENANT##GROUP# CHANGE#',
  'TENANT##GROUP# COUNT',
  'TENANT##GROUP# GROUPCHANGE##',
  'TENANT##GROUP# MEMBER#APPCLIENT#',
  'TENANT##GROUP# MEMBER#GROUP#',
  'TENANT##GROUP# MEMBER#USER#',
  'TENANT##GROUP# MEMBEROF#',
  'TENANT##GROUPS COUNT',
  'TENANT##GROUPS EXTERNALID#',
  'TENANT##GROUPS GROUP#',
  'TENANT##GROUPS NAME#',
  'TENANT##GROUPS NESTING',
  'TENANT##GROUPS SCIMGROUP###',
  'TENANT##GROUPS SCIMNAME###',
  'TENANT##MAILS HOUR#',
  'TENANT##NOTICES# DAY#',
  'TENANT##RESET# RESET',
  'TENANT##ROLE# CHANGE#',
  'TENANT##ROLES COUNT',
  'TENANT##TENANT CHANGE#',
  'TENANT##USER# AVATAR',
  'TENANT##USER# CHANGE#',
  'TENANT##USER# GROUPCHANGE##',
  'TENANT##USER# INVITATION',
  'TENANT##USER# MEMBEROF#',
  'TENANT##USER# NOTICE#',
  'TENANT##USER# SECRET',
  'TENANT##USER# USER',
  'TENANT##USERACTIVITY# ACTIVITY##',
  'TENANT##USERS EMAIL#',
  'TENANT##USERS EXTERNALID#',
  'TENANT##USERS IDENTITY#',
  'TENANT##USERS MAILREF##',
  'TENANT##USERS SCIMID###',
  'TENANT##USERS USERNAME#',
  'TENANTS SLUG#',
];

/** Counters, resets, idempotency records, and the record of the erasure. */
const expiringKinds = [
  'RECIPIENT# DAY#',
  'TENANT##ANSWER# ANSWER',
  'TENANT##IDENTITY# FORMER',
  'TENANT##MAILS HOUR#',
  'TENANT##NOTICES# DAY#',
  'TENANT##REQUESTS UNTIL#',
  'TENANT##RESET# RESET',
  'TENANT##TENANT CHANGE#',
];

/** Items that expire within hours or days, by their time to live. */
const expires = ({ ttl }: Item): boolean => ttl !== undefined;

/** Sends a request about a tenant as a system administrator of another one. */
const send = (service: Service, clock: Clock, method: string, slug: TenantSlug, action = '') =>
  service.send(method, `/v1/tenants/${tenantId[slug]}${action}`, {
    token: clock.aTokenOf('globex', ['system_admin']),
  });

describe('the erasure of a deleted tenant', () => {
  // Both tenants have system-wide claims.
  it('removes all its items after the restore window, and nothing of a neighbor', async () => {
    const clock = createTestClock();
    const service = await createTestService({ now: clock.now, hasOutboxIndex: true });
    await fillTenant(service, clock, 'north');
    await fillTenant(service, clock, 'south');
    const filled = await listItems(service, tenantId.north);
    expect(listKinds(filled)).toEqual(expect.arrayContaining(filledKinds));
    expect(findMissingRecords(filled)).toEqual([]);
    // The neighbor took this email after an interrupted erasure had released it.
    const claim = filled.find(({ pk }) => String(pk).startsWith('SYSTEM#EMAIL#'))!;
    await service.stored.put({ ...claim, tenantId: tenantId.south });
    const neighbor = await listItems(service, tenantId.south);
    expect(neighbor).toContainEqual(expect.objectContaining({ pk: claim['pk'] }));
    expect(await send(service, clock, 'DELETE', 'north')).toMatchObject({ status: 204 });
    const deletedTime = clock.now().toISOString();

    // A cached tenant can be in use for a while.
    clock.advanceBy(30 * day + 4 * 60_000);
    const before = await listItems(service, tenantId.north);
    await service.on.tenantErasure();
    expect(await listItems(service, tenantId.north)).toEqual(before);
    clock.advanceBy(2 * 60_000);
    for (let run = 1; run <= 2; run++) await service.on.tenantErasure();

    const items = await listItems(service, tenantId.north);
    expect(items.filter((item) => !expires(item)).map(({ pk, sk }) => `${pk} ${sk}`)).toEqual([
      'SLUG#north CLAIM',
      `TENANT#${tenantId.north} TENANT`,
      'TENANTS DELETED#north',
    ]);
    expect(expiringKinds).toEqual(expect.arrayContaining(listKinds(items.filter(expires))));
    const finishedTime = clock.now().toISOString();
    const { body } = await send(service, clock, 'GET', 'north');
    expect(body).toMatchObject({
      slug: 'north',
      name: 'north',
      origin: null,
      status: 'deleted',
      deletion: { deletedTime, deletedBy: 'system_admin-of-globex' },
      erasure: {
        status: 'done',
        requestedBy: null,
        erasedUsers: 5,
        startedTime: finishedTime,
        finishedTime,
      },
    });
    expect(await send(service, clock, 'POST', 'north', '/restore')).toMatchObject({ status: 409 });
    expect(await listItems(service, tenantId.south)).toEqual(neighbor);
  });

  it('continues after a crash before or after the effect of any request', async () => {
    const clock = createTestClock();
    const { database, service } = await createFaultyService({
      attempts: 1,
      // Two faults reach the deadline.
      timeoutMs: 20_000,
      faultMs: 10_000,
      now: clock.now,
      hasOutboxIndex: true,
    });
    const token = clock.aTokenOf('north', ['admin']);
    const post = async (path: string, body: object) =>
      (await service.post(path, body, { token })).body;
    const { userId } = await post('/v1/users', { email: 'ann@x.example', password: goodPassword });
    const { appClientId } = await post('/v1/app-clients', { name: 'Import' });
    const { groupId } = await post('/v1/groups', { name: 'staff' });
    const members = [userId, appClientId].map((memberId) => ({ memberId }));
    await post(`/v1/groups/${groupId}/members`, { members });
    await post('/v1/roles', { roleId: 'cradl:role:auditor', name: 'Auditor', permissions: [] });
    await createDomainIn(service, 'north');
    await send(service, clock, 'DELETE', 'north');
    expect(await send(service, clock, 'POST', 'north', '/erase')).toMatchObject({ status: 202 });
    clock.advanceBy(6 * 60_000);
    const { stored } = service;
    const items = await listItems(service, tenantId.north);
    const [secrets, others] = [
      items.filter(({ sk }) => String(sk).startsWith('SECRET')),
      items.filter(({ sk }) => !String(sk).startsWith('SECRET')),
    ];
    // At every third request, alternately before and after its effect.
    let point = 1;
    for (let isReached = true; isReached; point += 3) {
      const fault = point % 2 === 0 ? dropRequest : dropResponse;
      database.goesWrong((_sent, n) => (n < point ? undefined : n === point ? fault : dropRequest));
      await service.on.tenantErasure().catch(() => undefined);
      isReached = database.sent.length >= point;
      database.isWell();
      await service.on.tenantErasure();
      const rest = await listItems(service, tenantId.north);
      expect(
        rest.filter((item) => !expires(item)),
        `request ${point}`,
      ).toHaveLength(3);
      expect(await stored.item(keys.tenant(tenantId.north)), `request ${point}`).toMatchObject({
        erasure: { erasedUsers: 1 },
      });
      await stored.putAll(others);
      for (const item of secrets) await stored.put({ ...item }, stored.secrets);
    }
    expect(point).toBeGreaterThan(25);
  });
});
