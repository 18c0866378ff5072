import { describe, expect, it } from 'vitest';
import { aClientIn, calls, type Made } from '../../support/scenarios/app-clients.ts';
import { aFaultyService, always, meets } from '../../support/faults/fault-proxy.ts';
import { createHttpDeps } from '../../../lib/deps/http-deps.ts';
import { aClock } from '../../support/scenarios/user-states.ts';
import { aService, anAdminOf, type Service, tenantId } from '../../support/service.ts';

const clock = aClock();
const service = await aService({ now: clock.now });
/** Two functions that accept its secret, each with a memory of its own. */
const [one, other] = [
  createHttpDeps(service.environment, { now: clock.now }).appClients,
  createHttpDeps(service.environment, { now: clock.now }).appClients,
];
const minute = 60_000;
const nameOf = ({ appClientId }: Made) => appClientId.split(':')[2] ?? '';
const lastUsed = async (made: Made, of: Service = service) =>
  (await calls(of, 'GET', made)).body.lastUsedTime;

describe('when an app client was last used', () => {
  it('is told to a minute in every view that has it, and is no change of the app client', async () => {
    const made = await aClientIn(service, 'acme');
    expect(await lastUsed(made)).toBeNull();
    await one.recordUse(tenantId.acme, nameOf(made));
    const first = await lastUsed(made);
    expect(Math.abs(Date.parse(first) - clock.now().getTime())).toBeLessThan(10_000);

    const sent = { token: anAdminOf('acme'), headers: { 'x-tenant-id': tenantId.acme } };
    const { appClients } = (await service.gets('/v1/app-clients?maxResults=100', sent)).body;
    const keys = (await service.gets('/jitsudo/v1/api-keys?limit=100', sent)).body.data;
    const times = [...appClients, ...keys]
      .map((each) => each.lastUsedTime ?? each.last_used_at)
      .filter(Boolean);
    expect(times).toEqual([first, first]);
    expect((await calls(service, 'GET', made)).body.version).toBe(1);
  });

  it('is noted once a minute at most, whoever notes it', async () => {
    const made = await aClientIn(service, 'acme');
    await one.recordUse(tenantId.acme, nameOf(made));
    const first = await lastUsed(made);
    clock.leaps(minute / 2);
    for (const store of [one, other]) await store.recordUse(tenantId.acme, nameOf(made));
    expect(await lastUsed(made)).toBe(first);
    clock.leaps(minute);
    await other.recordUse(tenantId.acme, nameOf(made));
    expect(Date.parse(await lastUsed(made)) - Date.parse(first)).toBeGreaterThanOrEqual(
      1.5 * minute,
    );
  });

  it('keeps nobody from using it, when it cannot be noted', async () => {
    const { service: faulty, database } = await aFaultyService();
    const made = await aClientIn(faulty, 'acme');
    const { appClients } = createHttpDeps(faulty.environment);
    database.goesWrong(always(meets('AccessDeniedException'), 'PutItem'));
    await appClients.recordUse(tenantId.acme, nameOf(made));
    database.isWell();
    expect(await lastUsed(made, faulty)).toBeNull();
    // It was not taken for noted.
    await appClients.recordUse(tenantId.acme, nameOf(made));
    expect(await lastUsed(made, faulty)).not.toBeNull();
  });
});

describe('what is remembered of an app client', () => {
  it('is at most 30 seconds old, by its id and by its client id; its secrets are as they are', async () => {
    const made = await aClientIn(service, 'acme');
    const finds = async () => [
      (await one.find(tenantId.acme, nameOf(made)))?.revocation !== undefined,
      (await one.findByClientId(made.clientId))?.revocation !== undefined,
    ];
    expect(await finds()).toEqual([false, false]);
    expect(await one.getSecretHashes(tenantId.acme, nameOf(made))).toHaveLength(1);
    await calls(service, 'POST', made, '/revoke');
    expect(await one.getSecretHashes(tenantId.acme, nameOf(made))).toEqual([]);
    clock.leaps(30_000);
    expect(await finds()).toEqual([true, true]);
  });

  it('nobody is found by what is no client id', async () => {
    expect(await one.findByClientId('0'.repeat(32))).toBeUndefined();
    expect(await one.find(tenantId.globex, 'nobody')).toBeUndefined();
  });
});
