/** Removal of the memberships of deleted groups. */
import { describe, expect, it } from 'vitest';
import { parseGroupId } from '../../lib/domain/kernel/ids.ts';
import { schemaVersion } from '../../lib/store/dynamodb/tables.ts';
import { keys } from '../../lib/store/keys.ts';
import {
  createFaultyService,
  dropRequest,
  dropResponse,
  type Fault,
  passThrough,
  type Plan,
} from '../support/faults/fault-proxy.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { createTestService, type Service, tenantId } from '../support/service.ts';

const dayMs = 24 * 3600 * 1000;
const tenant = tenantId.acme;
type Clock = ReturnType<typeof createTestClock>;

/** Calls of an administrator. */
function createCalls(service: Service, clock: Clock) {
  const send = async (method: string, path: string, body?: object) => {
    const token = clock.aTokenOf('acme', ['admin']);
    return service.send(method, path, { token, ...(body && { body }) });
  };
  let users = 0;
  const createUser = async (): Promise<string> => {
    const { body } = await send('POST', '/v1/users', { email: `user-${++users}@x.example` });
    return body.userId;
  };
  const createGroup = async (name: string, memberIds: readonly string[] = []): Promise<string> => {
    const { body } = await send('POST', '/v1/groups', { name, roleIds: ['cradl:role:user'] });
    if (memberIds.length > 0) {
      const members = memberIds.map((memberId) => ({ memberId }));
      const added = await send('POST', `/v1/groups/${body.groupId}/members`, { members });
      expect(added).toMatchObject({ status: 200 });
    }
    return body.groupId;
  };
  return { send, createUser, createGroup };
}

/** Items that a membership of the group leaves in either direction, without change records. */
async function listLinks({ stored }: Service, ...groups: string[]): Promise<string[]> {
  const groupIds = groups.map((group) => parseGroupId(group) ?? '');
  return (await stored.all())
    .filter(({ pk, sk, parents = new Set() }) =>
      groupIds.some(
        (groupId) =>
          (`${pk} ${sk}`.includes(groupId) && /^(MEMBER|MEMBEROF|ROLES|COUNT)\b/.test(sk)) ||
          parents.has(groupId),
      ),
    )
    .map(({ pk, sk }) => `${pk} ${sk}`);
}

const getTotal = async ({ stored }: Service): Promise<unknown> =>
  (await stored.item(keys.groupCount(tenant)))?.['totalCount'];

const getMemberCount = async ({ stored }: Service, group: string): Promise<unknown> =>
  (await stored.item(keys.groupMemberCount(tenant, parseGroupId(group) ?? '')))?.['memberCount'];

const getParents = async ({ stored }: Service, group: string): Promise<unknown> =>
  (await stored.item(keys.groupRoles(tenant, parseGroupId(group) ?? '')))?.['parents'];

/** A deleted group with a parent and members of each kind. Some members are deleted or erased. */
async function createDeletedGroup({
  send,
  createUser,
  createGroup,
}: ReturnType<typeof createCalls>) {
  const [user, deletedUser, erasedUser] = [
    await createUser(),
    await createUser(),
    await createUser(),
  ];
  const { body: appClient } = await send('POST', '/v1/app-clients', { name: 'Import' });
  const inner = await createGroup(`inner of ${user}`, [user]);
  const deletedInner = await createGroup(`deleted of ${user}`);
  const group = await createGroup(`group of ${user}`, [
    user,
    deletedUser,
    erasedUser,
    appClient.appClientId,
    inner,
    deletedInner,
  ]);
  const outer = await createGroup(`outer of ${user}`, [user, group]);
  await send('DELETE', `/v1/users/${deletedUser}`);
  await send('POST', `/v1/users/${erasedUser}/erase`);
  await send('DELETE', `/v1/groups/${deletedInner}`);
  expect(await send('DELETE', `/v1/groups/${group}`)).toMatchObject({ status: 204 });
  return { group, inner, deletedInner, outer, user, deletedUser };
}

describe('the cleanup of a deleted group', () => {
  it('removes its memberships once, after it can no longer be restored', async () => {
    const clock = createTestClock();
    const service = await createTestService({ now: clock.now, hasOutboxIndex: true });
    const calls = createCalls(service, clock);
    const { group, inner, deletedInner, outer, user } = await createDeletedGroup(calls);
    const links = await listLinks(service, group);
    expect(links.length).toBeGreaterThanOrEqual(11);

    clock.advanceBy(30 * dayMs);
    await service.on.groupCleanup();
    expect(await listLinks(service, group)).toEqual(links);
    expect(await getTotal(service)).toBe(4);

    clock.advanceBy(61_000);
    for (let run = 1; run <= 2; run++) {
      await service.on.groupCleanup();
      expect(await listLinks(service, group, deletedInner)).toEqual([]);
      expect(await getTotal(service)).toBe(2);
      expect([await getMemberCount(service, inner), await getMemberCount(service, outer)]).toEqual([
        1, 1,
      ]);
    }
    const { groups } = (await calls.send('GET', `/v1/users/${user}/groups`)).body;
    expect(groups.map(({ groupId }: { groupId: string }) => groupId).toSorted()).toEqual(
      [inner, outer].toSorted(),
    );
    expect(await calls.send('POST', `/v1/groups/${group}/restore`)).toMatchObject({
      status: 409,
      body: { code: 'restore_expired' },
    });
    // The mailer reads the same index.
    await service.on.sweep();
  });

  it('leaves a nested group with its other parents', async () => {
    const clock = createTestClock();
    const service = await createTestService({ now: clock.now, hasOutboxIndex: true });
    const { send, createGroup } = createCalls(service, clock);
    const inner = await createGroup('inner');
    const [first, second] = [
      await createGroup('first', [inner]),
      await createGroup('second', [inner]),
    ];
    await send('DELETE', `/v1/groups/${first}`);
    clock.advanceBy(31 * dayMs);
    await service.on.groupCleanup();

    expect(await getParents(service, inner)).toEqual(new Set([parseGroupId(second)]));
    const members = await send('GET', `/v1/groups/${second}/members`);
    expect(members.body.members).toMatchObject([{ memberId: inner }]);
  });

  it('continues after a deadline, and does not wait for a group that fails', async () => {
    const clock = createTestClock();
    const { database, service } = await createFaultyService({
      attempts: 1,
      now: clock.now,
      hasOutboxIndex: true,
    });
    const { send, createGroup } = createCalls(service, clock);
    const [broken, group] = [await createGroup('broken'), await createGroup('large')];
    const groupId = parseGroupId(group) ?? '';
    const members = Array.from({ length: 60 }, (_, index) => ({
      kind: 'USER' as const,
      id: `${index}`.padStart(8, '0'),
    }));
    const links = members.flatMap((member) => [
      keys.groupMember(tenant, groupId, member),
      keys.membership(tenant, groupId, member),
    ]);
    await service.stored.putAll(links.map((key) => ({ ...key, schemaVersion })));
    await send('DELETE', `/v1/groups/${broken}`);
    clock.advanceBy(1);
    await send('DELETE', `/v1/groups/${group}`);
    clock.advanceBy(31 * dayMs);

    /** Reads of the broken group fail, and each batch takes 20 of 60 s. */
    const brokenId = parseGroupId(broken) ?? '';
    const plan: Plan = ({ operation, text }) => {
      if (operation === 'GetItem' && text.includes(brokenId)) return dropRequest;
      if (operation === 'BatchWriteItem') clock.advanceBy(20_000);
      return undefined;
    };
    const counts: number[] = [];
    for (let run = 1; run <= 3; run++) {
      database.goesWrong(plan);
      await expect(service.on.groupCleanup()).rejects.toMatchObject({ code: 'unavailable' });
      counts.push((await listLinks(service, group)).length);
    }
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts).toEqual([...counts].toSorted((a, b) => b - a));
    expect([counts.at(-1), await getTotal(service)]).toEqual([0, 1]);

    database.isWell();
    await service.on.groupCleanup();
    expect(await getTotal(service)).toBe(0);
  });

  it.concurrent.each([
    ['before', dropRequest],
    ['after', dropResponse],
  ])('continues after a crash %s the effect of any request', async (_moment, fault) => {
    const clock = createTestClock();
    const { database, service } = await createFaultyService({
      attempts: 1,
      // Two faults reach the deadline.
      timeoutMs: 20_000,
      faultMs: 10_000,
      now: clock.now,
      hasOutboxIndex: true,
    });
    const { group, deletedInner, outer } = await createDeletedGroup(createCalls(service, clock));
    clock.advanceBy(31 * dayMs);
    const items = (await service.stored.all()).filter(({ pk, sk }) => /GROUP/.test(`${pk} ${sk}`));
    for (let point = 1, isReached = true; isReached; point++) {
      database.goesWrong((_sent, n) => (n < point ? undefined : n === point ? fault : dropRequest));
      await service.on.groupCleanup().catch(() => undefined);
      isReached = database.sent.length >= point;

      database.isWell();
      await service.on.groupCleanup();
      expect(await listLinks(service, group, deletedInner), `request ${point}`).toEqual([]);
      expect([await getTotal(service), await getMemberCount(service, outer)]).toEqual([2, 1]);
      await service.stored.putAll(items);
      if (!isReached) expect(point).toBeGreaterThan(20);
    }
  });
});

describe('during a cleanup, a group', () => {
  const createRace = async (interrupt: (race: Race) => Fault) => {
    const clock = createTestClock();
    const { database, service } = await createFaultyService({
      now: clock.now,
      timeoutMs: 600_000,
      hasOutboxIndex: true,
    });
    const calls = createCalls(service, clock);
    const user = await calls.createUser();
    const group = await calls.createGroup('billing', [user]);
    await calls.send('DELETE', `/v1/groups/${group}`);
    const links = await listLinks(service, group);
    const restore = () => calls.send('POST', `/v1/groups/${group}/restore`);
    /** Interrupts the first request of the operation. */
    const interruptAt = (operation: string) => {
      let isDone = false;
      database.goesWrong((sent) => {
        if (isDone || sent.operation !== operation) return undefined;
        isDone = true;
        return interrupt({ clock, service, restore });
      });
    };
    return { clock, service, group, links, restore, interruptAt };
  };
  interface Race {
    readonly clock: Clock;
    readonly service: Service;
    readonly restore: () => Promise<{ readonly status: number }>;
  }

  it('keeps its members if it is restored before', async () => {
    const { clock, service, group, links, interruptAt } = await createRace(
      ({ clock: paused, restore }) =>
        async (exchange) => {
          // The clock of another process is a day late.
          paused.advanceBy(-2 * dayMs);
          expect(await restore()).toMatchObject({ status: 200 });
          paused.advanceBy(2 * dayMs);
          await passThrough(exchange);
        },
    );
    clock.advanceBy(31 * dayMs);
    interruptAt('UpdateItem');
    await service.on.groupCleanup();

    const remaining = await listLinks(service, group);
    expect(remaining).toEqual(expect.arrayContaining(links));
    expect(await getTotal(service)).toBe(1);
  });

  it('cannot be restored if its cleanup has begun', async () => {
    const { clock, service, group, restore, interruptAt } = await createRace(
      ({ clock: paused, service: other }) =>
        async (exchange) => {
          paused.advanceBy(2 * 60_000);
          await other.on.groupCleanup();
          await passThrough(exchange);
        },
    );
    clock.advanceBy(30 * dayMs - 1000);
    interruptAt('TransactWriteItems');
    expect(await restore()).toMatchObject({ status: 409, body: { code: 'restore_expired' } });

    expect(await listLinks(service, group)).toEqual([]);
    expect(await getTotal(service)).toBe(0);
  });

  it('is subtracted once from the groups of the tenant by concurrent cleanups', async () => {
    const { clock, service, group, interruptAt } = await createRace(
      ({ service: other }) =>
        async (exchange) => {
          await other.on.groupCleanup();
          await passThrough(exchange);
        },
    );
    clock.advanceBy(31 * dayMs);
    interruptAt('DeleteItem');
    await service.on.groupCleanup();

    expect(await listLinks(service, group)).toEqual([]);
    expect(await getTotal(service)).toBe(0);
  });
});
