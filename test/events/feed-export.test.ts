/** Export of feeds to the event bus and the archive. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parseUserId, toHex } from '../../lib/domain/kernel/ids.ts';
import { hashSegment } from '../../lib/domain/feed/segment.ts';
import { keys, webhookKeys } from '../../lib/store/keys.ts';
import { appendEvents, updatedUser } from '../support/feed/write-feed.ts';
import {
  createFaultProxy,
  dropRequest,
  dropResponse,
  type Fault,
  type Plan,
} from '../support/faults/fault-proxy.ts';
import { getLogs } from '../support/logs.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { aws, createTestService, tenantId as tenants } from '../support/service.ts';

const minuteMs = 60_000;
const { archive, endpoint, environment, events: busEvents } = await aws();
const clock = createTestClock();
const database = await createFaultProxy(inject('databaseEndpoint'));
const amazon = await createFaultProxy(endpoint);
const service = await createTestService({
  now: clock.now,
  hasOutboxIndex: true,
  hasStream: true,
  databaseEndpoint: database.endpoint,
  environment: {
    ...Object.fromEntries(
      Object.entries(environment).map(([name, url]) => [
        name,
        url.replace(endpoint, amazon.endpoint),
      ]),
    ),
    AWS_MAX_ATTEMPTS: '1',
  },
});

let tenantId = '';
beforeEach(() => {
  tenantId = randomUUID();
  recover();
});

function recover(): void {
  database.isWell();
  amazon.isWell();
}

const announce = (tenant = tenantId): Promise<void> =>
  service.on.feedExport({
    source: 'roster',
    'detail-type': 'Feed Advanced',
    detail: { tenantId: tenant, sequence: 1 },
  });
const sweep = (): Promise<void> => service.on.feedExport();
const append = (...userIds: string[]): Promise<string> =>
  appendEvents(service, tenantId, userIds.map(updatedUser));

interface Published {
  readonly id: string;
  readonly type: string;
  readonly sequence: string;
  readonly subject: string;
  readonly data: { readonly tenantId: string };
}

/** Events of the tenant on the bus, in the order of their arrival. */
const listPublished = (tenant = tenantId): Published[] =>
  busEvents
    .filter((event) => event['detail-type'] !== 'Feed Advanced')
    .map(({ detail }) => detail as Published)
    .filter(({ data }) => data?.tenantId === tenant);
const listNumbers = (): number[] => listPublished().map(({ sequence }) => Number(sequence));

/** Announcements of the sequencer and of sweeps. */
const listAnnounced = (tenant: string) =>
  busEvents
    .filter((event) => event['detail-type'] === 'Feed Advanced')
    .filter(({ detail }) => (detail as Published['data']).tenantId === tenant);

/** Objects of the tenant by key. */
const listObjects = (tenant = tenantId): [string, string][] =>
  [...archive.objects].filter(([key]) => key.startsWith(`events/${tenant}/`));
/** Bounds of the objects. */
const listBounds = (): string[] =>
  listObjects().map(([key]) => /(\d+-\d+)\.ndjson$/.exec(key)?.[1]?.replace(/0+(?=\d)/g, '') ?? '');

/** Verifies the hash chain from the objects alone, and returns the numbers of the events. */
function verifyArchive(tenant = tenantId): number[] {
  let previousHash = '';
  return listObjects(tenant).flatMap(([, text]) =>
    text
      .trimEnd()
      .split('\n')
      .flatMap((line) => {
        const segment = JSON.parse(line);
        expect(segment).toMatchObject({ tenantId: tenant, previousHash });
        expect(hashSegment(tenant, segment)).toBe(segment.hash);
        previousHash = segment.hash;
        return JSON.parse(segment.events).map(({ sequence }: { sequence: number }) => sequence);
      }),
  );
}

const getState = (sinkId: string) => service.stored.item(keys.sink(tenantId, sinkId));

/** Age of the oldest delivery that is late, as the last sweep logged it. */
const getOldestSeconds = (): number =>
  JSON.parse(getLogs.findLast((line) => line.includes('"sweepExports"')) ?? '').oldestExportSeconds;

/** Rejects the entries of `PutEvents` about these users. */
const rejectEntries =
  (isRejected: (subject: string) => boolean): Fault =>
  async ({ sent, perform, answer }) => {
    const { Entries } = JSON.parse(sent.text) as { Entries: { Detail: string }[] };
    const rejects = Entries.map(({ Detail }) => isRejected(JSON.parse(Detail).subject));
    const accepted = Entries.filter((_, index) => !rejects[index]);
    if (accepted.length > 0) await perform(JSON.stringify({ Entries: accepted }));
    const results = rejects.map((isBad) =>
      isBad ? { ErrorCode: 'InternalFailure' } : { EventId: randomUUID() },
    );
    const FailedEntryCount = rejects.filter(Boolean).length;
    answer({
      status: 200,
      body: Buffer.from(JSON.stringify({ FailedEntryCount, Entries: results })),
    });
  };
const onPutEvents =
  (fault: Fault): Plan =>
  ({ operation }) =>
    operation === 'PutEvents' ? fault : undefined;
const toSubject = (userId: string): string => `cradl:user:${toHex(userId)}`;

describe('the event bus', () => {
  it('receives every event of a tenant as a CloudEvent without personal data', async () => {
    const token = clock.aTokenOf('acme', ['admin']);
    const { body } = await service.post('/v1/users', { email: 'ann@x.example' }, { token });
    const path = `/v1/users/${body.userId}`;
    await service.send('PATCH', path, { token, body: { email: 'eve@x.example' } });
    await service.numberChanges();
    const [announced] = listAnnounced(tenants.acme);
    await service.on.feedExport(announced);
    const numbered = await service.readFeed('acme');
    expect(numbered.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['user.created', 'user.updated']),
    );
    expect(listPublished(tenants.acme).map(({ id }) => id)).toEqual(numbered.map(({ id }) => id));
    const updated = numbered.find(({ type }) => type === 'user.updated');
    const sent = busEvents.find((event) => event['detail-type'] === 'user.updated');
    expect(sent).toMatchObject({ bus: 'roster', source: 'roster' });
    expect(sent?.detail).toEqual({
      specversion: '1.0',
      id: updated?.id,
      source: `/tenants/${tenants.acme}`,
      type: 'user.updated',
      time: clock.now().toISOString(),
      subject: body.userId,
      datacontenttype: 'application/json',
      dataschema: 'https://roster.example.com/v1/event-types/user.updated/1',
      sequence: String(updated?.sequence).padStart(12, '0'),
      data: {
        tenantId: tenants.acme,
        resourceType: 'user',
        version: 2,
        actor: { type: 'external', id: expect.stringMatching(/^[\w-]{20,}$/) },
        changedFields: ['email', 'invitation'],
        requestId: expect.any(String),
      },
    });
    expect(updated?.resource.id).toBe(parseUserId(body.userId));
    expect(JSON.stringify(listPublished(tenants.acme))).not.toMatch(/@|admin-of/);
  });

  it('receives rejected events again, in the order of each resource', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()];
    await append(ann, bob, ann, bob);
    amazon.goesWrong(onPutEvents(rejectEntries((subject) => subject === toSubject(ann))));
    await announce();
    expect(listNumbers()).toEqual([2, 4]);
    expect(await getState('bus')).toMatchObject({
      cursor: 4,
      retries: [
        { sequence: 1, attempts: 1 },
        { sequence: 3, attempts: 0 },
      ],
    });
    // Later events do not overtake those of the same resource.
    await append(ann, bob);
    await announce();
    expect(listNumbers()).toEqual([2, 4, 6]);
    for (let minutes = 0; minutes < 20; minutes += 5) {
      await sweep();
      clock.advanceBy(5 * minuteMs);
    }
    await sweep();
    expect(getOldestSeconds()).toBe(20 * 60);
    recover();
    clock.advanceBy(5 * minuteMs);
    await sweep();
    expect(listNumbers()).toEqual([2, 4, 6, 1, 3, 5]);
    expect(await getState('bus')).toMatchObject({ cursor: 6, retries: [], attempts: 0 });
    expect(await getState('bus')).not.toHaveProperty('dueAt');
    await sweep();
    expect(getOldestSeconds()).toBe(0);
  });

  it('stops at 100 rejected events and continues later', async () => {
    const crowd = Array.from({ length: 125 }, () => randomUUID());
    for (let start = 0; start < crowd.length; start += 25)
      await append(...crowd.slice(start, start + 25));
    amazon.goesWrong(onPutEvents(rejectEntries(() => true)));
    await announce();
    const { cursor, retries } = (await getState('bus')) ?? {};
    expect([cursor, retries.length]).toEqual([100, 100]);
    recover();
    clock.advanceBy(5 * minuteMs);
    await sweep();
    expect(listNumbers()).toEqual(crowd.map((_, index) => index + 1));
  });

  it('receives nothing while a request failed, and then everything', async () => {
    await append(randomUUID());
    amazon.goesWrong(onPutEvents(dropRequest));
    await announce();
    const attempts = amazon.sent.length;
    await append(randomUUID());
    await announce();
    expect(amazon.sent.length).toBe(attempts);
    expect(await getState('bus')).toMatchObject({ cursor: 0, attempts: 1 });
    expect(getLogs.at(-1)).toMatch(/"exportFeed","outcome":"failed"/);
    recover();
    clock.advanceBy(5 * minuteMs);
    await sweep();
    expect(listNumbers()).toEqual([1, 2]);
  });

  it('receives an event that arrives while another process delivers', async () => {
    await append(randomUUID());
    let requests = 0;
    const isSlow: Fault = async ({ perform, answer }) => {
      if (++requests === 1) {
        await append(randomUUID());
        await announce();
      }
      answer(await perform());
    };
    amazon.goesWrong(onPutEvents(isSlow));
    await announce();
    expect(listNumbers()).toEqual([1, 2]);
  });

  it('receives events twice, with the same ID, from a process that loses its lease', async () => {
    await append(randomUUID(), randomUUID());
    let requests = 0;
    const outlivesLease: Fault = async ({ perform, answer }) => {
      if (++requests === 1) {
        clock.advanceBy(31_000);
        await announce();
      }
      answer(await perform());
    };
    amazon.goesWrong(onPutEvents(outlivesLease));
    await announce();
    expect(listNumbers()).toEqual([1, 2, 1, 2]);
    expect(new Set(listPublished().map(({ id }) => id)).size).toBe(2);
    expect(await getState('bus')).toMatchObject({ cursor: 2, attempts: 0 });
  });

  it('continues at the oldest event if earlier ones expired', async () => {
    await appendEvents(service, tenantId, [updatedUser(randomUUID())], 1);
    await append(randomUUID());
    await announce();
    clock.advanceBy(6 * minuteMs);
    await sweep();
    expect([listNumbers(), listBounds()]).toEqual([[2], ['2-2']]);
    const lines = getLogs.filter((line) => line.includes(tenantId));
    expect(lines.filter((line) => line.includes('"expired"'))).toHaveLength(2);
  });
});

describe('the archive', () => {
  it('has an object for the events of 5 minutes, from which the hash chain is verified', async () => {
    await append(randomUUID());
    await announce();
    await append(randomUUID(), randomUUID());
    await announce();
    await sweep();
    expect(listBounds()).toEqual([]);
    clock.advanceBy(5 * minuteMs);
    await sweep();
    clock.advanceBy(5 * minuteMs);
    await sweep();
    expect(listBounds()).toEqual(['1-3']);
    await append(randomUUID());
    await announce();
    clock.advanceBy(5 * minuteMs);
    await sweep();
    expect(listBounds()).toEqual(['1-3', '4-4']);
    expect(verifyArchive()).toEqual([1, 2, 3, 4]);
    const [[, text] = ['', '']] = listObjects();
    const tampered = JSON.parse(text.split('\n')[1] ?? '');
    const events = tampered.events.replace('"version":2', '"version":3');
    expect(hashSegment(tenantId, { ...tampered, events })).not.toBe(tampered.hash);
  });

  it('costs 7 write units per tenant and 5 minutes, as docs/cost.md says', async () => {
    await append(randomUUID());
    await sweep();
    const countUnits = async (run: () => Promise<void>): Promise<number> => {
      database.isWell();
      await run();
      const writes = database.sent.filter(({ operation }) => /Put|Update/.test(operation));
      return writes.reduce((sum, { units = 0 }) => sum + units, 0);
    };
    const announced = await countUnits(announce);
    clock.advanceBy(5 * minuteMs);
    const swept = await countUnits(sweep);
    const ofBus = 2;
    expect(announced - ofBus + swept).toBe(7);
  });

  it('splits many events into objects', async () => {
    for (let segments = 0; segments < 3; segments++) await append('x'.repeat(350_000));
    await announce();
    clock.advanceBy(5 * minuteMs);
    await sweep();
    expect(listBounds()).toEqual(['1-2', '3-3']);
  });
});

describe('a process that stops at any request', () => {
  /** Loses the request with this number and all later ones, or its response. */
  function stopAt(count: number, fault: Fault): () => boolean {
    let remaining = count;
    const plan: Plan = () => {
      if (--remaining > 0) return undefined;
      return remaining === 0 ? fault : dropRequest;
    };
    database.goesWrong(plan);
    amazon.goesWrong(plan);
    return () => remaining <= 0;
  }

  const ignoreErrors = (run: Promise<void>): Promise<void> => run.catch(() => {});

  it.each([
    ['before its effect', dropRequest],
    ['after its effect', dropResponse],
  ])('loses no event, %s', async (_, fault) => {
    for (let count = 1, hasStopped = true; hasStopped; count++) {
      tenantId = randomUUID();
      const [ann, bob] = [randomUUID(), randomUUID()];
      await append(ann, bob, ann);
      const isStopped = stopAt(count, fault);
      await ignoreErrors(announce());
      hasStopped = isStopped();
      recover();
      // Lambda repeats the invocation.
      clock.advanceBy(minuteMs);
      await announce();
      await append(bob);
      const stopped = stopAt(count, fault);
      clock.advanceBy(5 * minuteMs);
      await ignoreErrors(sweep());
      hasStopped ||= stopped();
      recover();
      await append(ann);
      clock.advanceBy(5 * minuteMs);
      await announce();
      await sweep();
      clock.advanceBy(5 * minuteMs);
      await sweep();

      const published = listPublished();
      const first = [...new Set(published.map(({ id }) => id))];
      const ofAnn = published.filter(({ subject }) => subject === toSubject(ann));
      expect(first, `request ${count}`).toHaveLength(5);
      const order = [...new Set(ofAnn.map(({ sequence }) => Number(sequence)))];
      expect(order, `request ${count}`).toEqual([1, 3, 5]);
      expect(verifyArchive(), `request ${count}`).toEqual([1, 2, 3, 4, 5]);
      for (const sinkId of ['bus', 'archive'])
        expect(await getState(sinkId), `request ${count}`).toMatchObject({ cursor: 5 });
    }
  });
});

it('announces events again whose announcement was lost', async () => {
  const token = clock.aTokenOf('globex', ['admin']);
  await service.post('/v1/users', { email: 'bob@x.example' }, { token });
  await service.numberChanges();
  const before = listAnnounced(tenants.globex).length;
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await sweep();
    clock.advanceBy(5 * minuteMs);
  }
  expect(listAnnounced(tenants.globex)).toHaveLength(before + 1);
  await service.on.feedExport(listAnnounced(tenants.globex).at(-1));
  expect(listPublished(tenants.globex).map(({ type }) => type)).toContain('user.created');
  for (let minutes = 0; minutes < 60; minutes += 5) {
    await sweep();
    clock.advanceBy(5 * minuteMs);
  }
  expect(listAnnounced(tenants.globex)).toHaveLength(before + 1);
  expect(verifyArchive(tenants.globex).length).toBeGreaterThan(0);
});

it.each([
  { status: 'enabled', startAfter: 0, announcements: 1 },
  { status: 'enabled', startAfter: 1, announcements: 0 },
  { status: 'disabled', startAfter: 0, announcements: 0 },
])(
  'announces events again $announcements times for a webhook that is $status after event $startAfter',
  async ({ status, startAfter, announcements }) => {
    await service.stored.put({ ...keys.tenantListEntry(tenantId), tenantId });
    await append(randomUUID());
    await announce();
    clock.advanceBy(5 * minuteMs);
    await sweep();
    const webhook = { tenantId, webhookId: randomUUID(), status, startAfter };
    await service.stored.put({ ...webhookKeys.webhook(tenantId, webhook.webhookId), ...webhook });
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await sweep();
      clock.advanceBy(5 * minuteMs);
    }
    expect(listAnnounced(tenantId)).toHaveLength(announcements);
  },
);
