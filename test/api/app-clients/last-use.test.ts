import { describe, expect, it } from 'vitest';
import {
  createAppClient,
  requestAppClient,
  type CreatedAppClient,
} from '../../support/scenarios/app-clients.ts';
import { createFaultyService, always, failWith } from '../../support/faults/fault-proxy.ts';
import { createHttpParts } from '../../../lib/deps/http-deps.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTestService, adminToken, type Service, tenantId } from '../../support/service.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
/** Two functions with separate caches. */
const [firstStore, secondStore] = [
  createHttpParts(service.environment, { now: clock.now }).deps.appClients,
  createHttpParts(service.environment, { now: clock.now }).deps.appClients,
];
const minute = 60_000;
const getUuid = ({ appClientId }: CreatedAppClient) => appClientId.split(':')[2] ?? '';
const lastUsed = async (appClient: CreatedAppClient, targetService: Service = service) =>
  (await requestAppClient(targetService, 'GET', appClient)).body.lastUsedTime;

describe('the last use of an app client', () => {
  it('is in every view with that field, and does not change the version', async () => {
    const appClient = await createAppClient(service, 'acme');
    expect(await lastUsed(appClient)).toBeNull();
    await firstStore.recordUse(tenantId.acme, getUuid(appClient));
    const first = await lastUsed(appClient);
    expect(first).toBe(clock.now().toISOString());

    const sent = { token: adminToken('acme'), headers: { 'x-tenant-id': tenantId.acme } };
    const { appClients } = (await service.get('/v1/app-clients?maxResults=100', sent)).body;
    const keys = (await service.get('/jitsudo/v1/api-keys?limit=100', sent)).body.data;
    const times = [...appClients, ...keys]
      .map((each) => each.lastUsedTime ?? each.last_used_at)
      .filter(Boolean);
    expect(times).toEqual([first, first]);
    expect((await requestAppClient(service, 'GET', appClient)).body.version).toBe(1);
  });

  it('is recorded at most once a minute, by any function', async () => {
    const appClient = await createAppClient(service, 'acme');
    await firstStore.recordUse(tenantId.acme, getUuid(appClient));
    const first = await lastUsed(appClient);
    clock.advanceBy(minute / 2);
    for (const store of [firstStore, secondStore])
      await store.recordUse(tenantId.acme, getUuid(appClient));
    expect(await lastUsed(appClient)).toBe(first);
    clock.advanceBy(minute);
    await secondStore.recordUse(tenantId.acme, getUuid(appClient));
    expect(await lastUsed(appClient)).toBe(clock.now().toISOString());
  });

  it('is recorded later if the write fails', async () => {
    const { service: faulty, database } = await createFaultyService();
    const appClient = await createAppClient(faulty, 'acme');
    const { appClients } = createHttpParts(faulty.environment).deps;
    database.goesWrong(always(failWith('AccessDeniedException'), 'PutItem'));
    await appClients.recordUse(tenantId.acme, getUuid(appClient));
    database.isWell();
    expect(await lastUsed(appClient, faulty)).toBeNull();
    // The failed write is not cached.
    await appClients.recordUse(tenantId.acme, getUuid(appClient));
    expect(await lastUsed(appClient, faulty)).not.toBeNull();
  });
});

describe('the app client cache', () => {
  it('is at most 30 s old by ID and client ID, and has no secrets', async () => {
    const appClient = await createAppClient(service, 'acme');
    const finds = async () => [
      (await firstStore.find(tenantId.acme, getUuid(appClient)))?.revocation !== undefined,
      (await firstStore.findByClientId(appClient.clientId))?.revocation !== undefined,
    ];
    expect(await finds()).toEqual([false, false]);
    expect(await firstStore.getSecretHashes(tenantId.acme, getUuid(appClient))).toHaveLength(1);
    await requestAppClient(service, 'POST', appClient, '/revoke');
    expect(await firstStore.getSecretHashes(tenantId.acme, getUuid(appClient))).toEqual([]);
    clock.advanceBy(30_000);
    expect(await finds()).toEqual([true, true]);
  });

  it('finds nothing for an unknown ID or client ID', async () => {
    expect(await firstStore.findByClientId('0'.repeat(32))).toBeUndefined();
    expect(await firstStore.find(tenantId.globex, 'nobody')).toBeUndefined();
  });
});
