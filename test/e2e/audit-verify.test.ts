/** `npm run audit:verify` on damaged feeds. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeAws } from '../../infra/local/fakes/fake-aws.ts';
import { formatNoteKey } from '../../lib/domain/checkpoints/signed-note.ts';
import { parseUserId } from '../../lib/domain/kernel/ids.ts';
import { createFeedReader } from '../../lib/store/feed/feed-reader.ts';
import { type Key, keys } from '../../lib/store/keys.ts';
import { hashSegment } from '../../lib/domain/feed/segment.ts';
import type { CliResult } from '../support/scenarios/command-process.ts';
import { createFeed, type SegmentItem } from '../support/feed/build-feed.ts';
import { selectTables, startCommandProcess } from '../support/scenarios/run-cli.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { adminToken, createTestService, tenantId } from '../support/service.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const tenant = tenantId.acme;
const archive = createTemporaryFolder();
const { endpoint, environment, close } = await startFakeAws({ archiveFolder: archive });
afterAll(close);
// The archive can lack the events of the last hour.
const clock = createTestClock();
clock.advanceBy(-2 * 3600_000);
const { now } = clock;
const service = await createTestService({
  now,
  environment,
  hasStream: true,
  hasOutboxIndex: true,
  timeoutMs: () => 900_000,
});
const { stored } = service;
const runNext = startCommandProcess({
  env: {
    ...process.env,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
  },
});

const verify = (...args: string[]): Promise<CliResult> =>
  runNext({ name: 'audit-verify', args: ['--tenant', tenant, ...args] });
const verifyTables = (...args: string[]): Promise<CliResult> =>
  verify(...selectTables(stored), '--checkpoints', archive, ...args);
const verifyArchive = (...args: string[]): Promise<CliResult> =>
  verify('--archive', archive, ...args);

/** Segments 1–4, 5–7, 8–9; a checkpoint; 10–14, 15; a checkpoint; 16–17; a checkpoint. */
let segments: readonly SegmentItem[];
const checkpoints = join(archive, 'checkpoints');
const events = join(archive, 'events', tenant);
const texts = new Map<string, string>();

beforeAll(async () => {
  const append = createFeed(service, tenant);
  for (const sizes of [[4, 3, 2], [5, 1], [2]]) {
    segments = await append(sizes, { at: now() });
    await service.on.checkpoint();
  }
  for (const name of readdirSync(checkpoints))
    texts.set(name, readFileSync(join(checkpoints, name), 'utf8'));
});

/** Replaces the feed in the table, and in the archive, whose objects overlap. */
async function replaceFeed(replacement: readonly SegmentItem[]): Promise<void> {
  const { client, directory: TableName } = stored;
  for (const { pk, sk } of segments)
    await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
  await stored.putAll(replacement);
  rmSync(events, { recursive: true, force: true });
  mkdirSync(events, { recursive: true });
  const lines = replacement.map(({ first, last, previousHash, hash, events: text }) =>
    JSON.stringify({ tenantId: tenant, first, last, previousHash, hash, events: text }),
  );
  writeFileSync(join(events, 'a.ndjson'), `${lines.slice(0, 3).join('\n')}\n`);
  writeFileSync(join(events, 'b.ndjson'), `${lines.slice(2).join('\n')}\n`);
}

beforeEach(async () => {
  for (const [name, text] of texts) writeFileSync(join(checkpoints, name), text);
  await replaceFeed(segments);
});

const rehash = (segment: SegmentItem, previousHash = segment.previousHash): SegmentItem => ({
  ...segment,
  previousHash,
  hash: hashSegment(tenant, { ...segment, previousHash }),
});

/** Replaces a segment and hashes all later ones again, as a forger with write access does. */
function forge(index: number, change: Partial<SegmentItem>): SegmentItem[] {
  const result = segments.slice(0, index);
  for (const segment of [{ ...segments[index]!, ...change }, ...segments.slice(index + 1)])
    result.push(rehash(segment, result.at(-1)?.hash ?? ''));
  return result;
}

const edit = (text: string): string => text.replace('user.updated', 'user.deleted');
const reserialize = (text: string): string => JSON.stringify(JSON.parse(text), undefined, 1);

describe('a feed', () => {
  it('verifies from the tables, and from the archive alone [E17]', async () => {
    const expected = [
      `tenant ${tenant}: events 1 to 17, head ${segments.at(-1)?.hash}`,
      'checkpoints: 3, events to 17 are confirmed',
      expect.stringMatching(/^key of the checkpoints: roster\/Roster\+[0-9a-f]{8}\+/),
      'No damage found.',
    ];
    const upperCase = () => verifyArchive('--tenant', tenant.toUpperCase());
    const s3 = () => verify('--archive', 's3://archive');
    for (const run of [verifyTables, verifyArchive, upperCase, s3]) {
      const { code, output } = await run();
      const lines = output.trim().split('\n');
      expect([code, lines.filter((line) => !line.includes('%'))]).toEqual([0, expected]);
    }
  });

  it.each<[string, () => readonly SegmentItem[], string]>([
    [
      'edited text',
      () => segments.with(1, { ...segments[1]!, events: edit(segments[1]!.events) }),
      'edited: events 5 to 7: the text does not match its hash',
    ],
    [
      'text that was serialized again [E18]',
      () => segments.with(1, { ...segments[1]!, events: reserialize(segments[1]!.events) }),
      'edited: events 5 to 7: the text does not match its hash',
    ],
    [
      'a segment with a new hash',
      () => segments.with(1, rehash({ ...segments[1]!, events: edit(segments[1]!.events) })),
      'replaced: events 5 to 7: event 8 continues another event',
    ],
    [
      'a removed segment',
      () => segments.toSpliced(2, 1),
      'removed: events 8 to 9: no segment has them',
    ],
    [
      'exchanged texts',
      () =>
        segments
          .with(0, { ...segments[0]!, events: segments[1]!.events })
          .with(1, { ...segments[1]!, events: segments[0]!.events }),
      'reordered: events 1 to 4: the text has 3 events from 5',
    ],
    ['a removed end', () => segments.slice(0, 4), 'cut: event 15: checkpoint 2'],
    ['a removed beginning', () => segments.slice(1), 'removed: events 1 to 4: checkpoint 1 of'],
    [
      'forged events before the last checkpoint',
      () => forge(3, { events: edit(segments[3]!.events) }),
      'replaced: events 10 to 15: checkpoint 2',
    ],
    [
      'the events of a user under another name',
      () => forge(0, { events: segments[0]!.events.replaceAll('event', 'other') }),
      'replaced: events 1 to 9: checkpoint 1',
    ],
    ['no events', () => [], 'cut: events 1 to 9: checkpoint 1'],
  ])('with %s is reported [E14]', async (_, damage, problem) => {
    await replaceFeed(damage());
    const results = [await verifyTables()];
    if (damage().length > 0) results.push(await verifyArchive());
    for (const { code, output } of results)
      expect([code, output]).toEqual([1, expect.stringContaining(problem)]);
  });
});

it('verifies what the export stores in the archive [E17]', async () => {
  rmSync(events, { recursive: true });
  const detail = { tenantId: tenant, sequence: 17 };
  await service.on.feedExport({ source: 'roster', 'detail-type': 'Feed Advanced', detail });
  clock.advanceBy(5 * 60_000);
  await service.on.feedExport();
  expect(readdirSync(events)).toEqual(['000000000001-000000000017.ndjson']);
  const { code, output } = await verifyArchive();
  expect([code, output]).toEqual([0, expect.stringContaining('events 1 to 17')]);
});

describe('a checkpoint', () => {
  it.each<[string, string, (text: string) => string | undefined, string]>([
    ['a removed one', '00000002.json', () => undefined, 'checkpoints/00000003.json: '],
    [
      'another head',
      '00000002.json',
      (text) => text.replace(/ 15 [0-9a-f]{64}/, ` 14 ${'0'.repeat(64)}`),
      'checkpoints/00000002.json: the leaves do not match the signed root',
    ],
    [
      'another root',
      '00000002.json',
      (text) => text.replace(/(\/2\/[^/]*?Z\\n2\\n)..../, '$1AAAA'),
      'checkpoints/00000002.json: the signature does not match',
    ],
    ['another format', '00000001.json', () => '{}', 'checkpoints/00000001.json: the object'],
  ])('with %s is reported', async (_, name, change, problem) => {
    const text = change(texts.get(name) ?? '');
    if (text === undefined) rmSync(join(checkpoints, name));
    else writeFileSync(join(checkpoints, name), text);
    const { code, output } = await verifyTables();
    expect([code, output]).toEqual([1, expect.stringContaining(`checkpoint: ${problem}`)]);
  });

  it('of another key is reported', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = formatNoteKey({ name: 'roster/Roster', publicKey });
    const { code, output } = await verifyTables('--key', key);
    expect([code, output]).toEqual([1, expect.stringContaining('signature does not match')]);
  });
});

describe('the directory', () => {
  /** Key of the record of a membership of the first user. */
  let membershipKey: Key;
  const { globex } = tenantId;
  const token = adminToken('globex');
  const send = async (method: string, path: string, body?: object) => {
    const response = await service.send(method, `/v1${path}`, { token, ...(body && { body }) });
    expect(response.status, response.text).toBeLessThan(300);
    return response.body;
  };
  const verifyDirectory = (): Promise<CliResult> =>
    runNext({ name: 'audit-verify', args: ['--tenant', 'globex', ...selectTables(stored)] });
  let userIds: string[];

  beforeAll(async () => {
    const create = async (email: string) => (await send('POST', '/users', { email })).userId;
    userIds = [await create('ada@globex.example'), await create('eve@globex.example')];
    for (const id of userIds) await send('PATCH', `/users/${id}`, { name: 'Secret Name' });
    await send('PATCH', `/users/${userIds[0]}`, { name: 'Other Name' });
    await send('POST', '/domains', { domain: 'globex.example' });
    await send('POST', '/roles', { name: 'Reader', permissions: ['users:read'] });
    const { groupId } = await send('POST', '/groups', { name: 'readers' });
    const members = userIds.map((memberId) => ({ memberId }));
    await send('POST', `/groups/${groupId}/members`, { members });
    await service.numberChanges();
    const items = await stored.all();
    const memberId = parseUserId(userIds[0]!);
    const found = items.find(
      ({ sk, ...item }) => String(sk).startsWith('GROUPCHANGE#') && item['memberId'] === memberId,
    )!;
    membershipKey = { pk: found['pk'], sk: found['sk'] };
  });

  it('verifies with the change records and versions of all resources', async () => {
    const { code, output } = await verifyDirectory();
    expect([code, output]).toEqual([0, expect.stringContaining('events 1 to 12')]);
    expect(output).toContain('checkpoints: not verified');
  });

  /** Changes items as a forger, and restores them afterwards. */
  const withDamage = async (
    damage: readonly (readonly [Key, Record<string, unknown> | undefined])[],
  ): Promise<CliResult> => {
    const { client, directory: TableName } = stored;
    const originals: Record<string, unknown>[] = [];
    for (const [key, changes] of damage) {
      const item = (await stored.item(key))!;
      originals.push(item);
      if (changes) await stored.put({ ...item, ...changes });
      else await client.send(new DeleteCommand({ TableName, Key: { ...key } }));
    }
    const result = await verifyDirectory();
    for (const item of originals) await stored.put(item);
    return result;
  };

  it.each<[string, (userId: string) => Parameters<typeof withDamage>[0], string]>([
    [
      'edited values',
      (id) => [[keys.userChange(globex, id, 3), { before: '{"name":"Forged"}' }]],
      'version 3: the values of its change record do not match the digest',
    ],
    [
      'removed values',
      (id) => [[keys.userChange(globex, id, 3), { before: undefined, salt: undefined }]],
      'version 3: its change record has no values, and nothing erased them',
    ],
    [
      'a record of another request',
      (id) => [[keys.userChange(globex, id, 2), { requestId: 'other' }]],
      'version 2: its change record is of another request',
    ],
    [
      'a removed record',
      (id) => [[keys.userChange(globex, id, 2), undefined]],
      'version 2: its change record is missing',
    ],
    [
      'a removed user',
      (id) => [[keys.user(globex, id), undefined]],
      'it is missing, and no event removed it',
    ],
    [
      'a restored earlier version',
      (id) => [[keys.user(globex, id), { version: 2 }]],
      'it has version 2, and its last event 3',
    ],
    [
      'a removed numbered version',
      (id) => [[keys.numberedVersion(globex, 'USER', id), undefined]],
      'the numbered version is 0, and the last event has 3',
    ],
    [
      'a record of a membership with an edited status',
      () => [[membershipKey, { status: 'forged' }]],
      'the values of its change record do not match the digest',
    ],
    [
      'a removed record of a membership',
      () => [[membershipKey, undefined]],
      'its change record is missing',
    ],
  ])('with %s is reported [E14]', async (_, damage, problem) => {
    const userId = parseUserId(userIds[0]!)!;
    const { code, output } = await withDamage(damage(userId));
    expect([code, output]).toEqual([1, expect.stringContaining(`user ${userId}`)]);
    expect(output).toContain(problem);
    expect(output).not.toContain('Name');
  });

  it('verifies after a user is erased [E15]', async () => {
    await send('POST', `/users/${userIds[1]}/erase`);
    await service.numberChanges();
    const { code, output } = await verifyDirectory();
    expect([code, output]).toEqual([0, expect.stringContaining('No damage found.')]);
    // The erasure explains missing records.
    const erased = keys.userChange(globex, parseUserId(userIds[1]!)!, 2);
    expect(await withDamage([[erased, undefined]])).toMatchObject({ code: 0 });
  });
});

describe('a feed that a restore cut behind its checkpoint', () => {
  const reconcile = (...args: string[]): Promise<CliResult> => {
    const state = join(createTemporaryFolder(), 'state.json');
    const options = ['--checkpoints', archive, '--units', '999999', '--state', state];
    return runNext({
      name: 'events-reconcile',
      args: [...selectTables(stored), '--repair', ...options, ...args],
    });
  };
  /** Lists the segments in the table after the third one. */
  const listLaterSegments = async () =>
    (await stored.all()).filter(
      ({ pk, sk }) => pk === segments[0]!.pk && sk >= segments[3]!.sk,
    ) as unknown as SegmentItem[];
  const cut = async () => {
    const { client, directory: TableName } = stored;
    for (const { pk, sk } of await listLaterSegments())
      await client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
  };
  const lost = `tenant ${tenant}: events 10 to 17 are lost`;
  beforeEach(() => rmSync(join(checkpoints, '00000004.json'), { force: true }));

  it('is only counted in a dry run', async () => {
    await cut();
    const { code, output } = await reconcile('--dry-run');
    expect([code, output]).toEqual([1, expect.stringContaining(`${lost}\n`)]);
    expect(output).toContain('cut feeds: 1');
    expect((await verifyTables()).output).toContain('cut: events 10 to 15: checkpoint 2');
  });

  it('continues after its last number, with an event that explains the gap', async () => {
    await cut();
    const repaired = await reconcile();
    expect([repaired.code, repaired.output]).toEqual([
      0,
      expect.stringContaining(`${lost}, as event 18 reports\nrepaired feeds: 1`),
    ]);
    expect((await reconcile()).output).toContain('repaired feeds: 0');

    // The sequencer of the test has cached the end from before.
    clock.advanceBy(6 * 60_000);
    const created = await service.send('POST', '/v1/users', {
      token: adminToken('acme'),
      body: { email: 'ada@acme.example' },
    });
    expect(created.status, created.text).toBe(201);
    await service.numberChanges();
    const feed = createFeedReader(stored, Date.now);
    const readAfter = async (after: number) => {
      const page = await feed.readAfter(tenant, after, 100);
      return 'events' in page ? page.events.map(({ sequence }) => sequence) : page;
    };
    expect(await readAfter(7)).toEqual([8, 9, 18, 19]);
    for (const after of [9, 12, 17]) expect(await readAfter(after)).toEqual([18, 19]);
    const before = await feed.readBefore(tenant, 17, 2);
    expect(before.events.map(({ sequence }) => sequence)).toEqual([9, 8]);

    // The next checkpoint accepts the feed, and confirms its new events.
    await service.on.checkpoint();
    const restored = 'restored: events 10 to 17 are lost, as event 18 reports';
    const tables = await verifyTables();
    expect([tables.code, tables.output]).toEqual([0, expect.stringContaining(restored)]);
    expect(tables.output).toContain('checkpoints: 4, events to 19 are confirmed');

    // The archive still has the lost events, before the one that reports them.
    const items = await listLaterSegments();
    const lines = items.map(({ first, last, previousHash, hash, events: text }) =>
      JSON.stringify({ tenantId: tenant, first, last, previousHash, hash, events: text }),
    );
    writeFileSync(join(events, 'aa.ndjson'), `${lines.join('\n')}\n`);
    const archived = await verifyArchive();
    expect([archived.code, archived.output]).toEqual([0, expect.stringContaining(restored)]);
  });

  it('is damaged if the event names other lost events', async () => {
    await cut();
    await reconcile();
    const key = keys.feedSegment(tenant, 10);
    const item = (await stored.item(key)) as unknown as SegmentItem;
    const forged = item.events.replace(/"hash":"..../, '"hash":"0000');
    await stored.put({ ...rehash({ ...item, events: forged }) });
    const { code, output } = await verifyTables();
    expect([code, output]).toEqual([1, expect.stringContaining('replaced: events 10 to 17')]);
  });
});

it('exits with 2 if there is no result', async () => {
  const { code, output } = await verify('--archive', join(archive, 'none'));
  expect([code, output]).toEqual([2, expect.stringContaining('There is no archive')]);
  const other = await verifyArchive('--tenant', randomUUID());
  expect([other.code, other.output]).toEqual([2, expect.stringContaining('has no events')]);
});
