/** Daily checkpoints of the event feeds. */
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { startFakeAws } from '../../../infra/local/fakes/fake-aws.ts';
import type { Checkpoint, InclusionProof } from '../../../lib/domain/checkpoints/checkpoint.ts';
import { hashTenant, openCheckpoint } from '../../../lib/domain/checkpoints/checkpoint.ts';
import { followAuditPath, hashLeaf } from '../../../lib/domain/checkpoints/merkle-tree.ts';
import { openNote, parseNoteKey } from '../../../lib/domain/checkpoints/signed-note.ts';
import { hashSegment } from '../../../lib/domain/feed/segment.ts';
import { type Key, keys } from '../../../lib/store/keys.ts';
import { closeAfterFile } from '../../support/cleanup.ts';
import { captureLogs, getLogs } from '../../support/logs.ts';
import { buildSegment, createFeed, type SegmentItem } from '../../support/feed/build-feed.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTestService, tenantId, type TenantSlug } from '../../support/service.ts';

const dayMs = 24 * 3600 * 1000;

/** Service with its own archive. */
async function createCheckpointService() {
  const clock = createTestClock();
  const { archive, environment, close } = await startFakeAws();
  closeAfterFile(close);
  let timeoutMs = 900_000;
  const service = await createTestService({
    now: clock.now,
    environment,
    timeoutMs: () => timeoutMs,
  });
  const { client, directory: TableName } = service.stored;
  const remove = async ({ pk, sk }: Key) =>
    void (await client.send(new DeleteCommand({ TableName, Key: { pk, sk } })));
  const feeds = new Map<TenantSlug, ReturnType<typeof createFeed>>();
  const append = (slug: TenantSlug, sizes: readonly number[], days = 400) => {
    const feed = feeds.get(slug) ?? createFeed(service, tenantId[slug]);
    feeds.set(slug, feed);
    return feed(sizes, { at: clock.now(), days });
  };
  const open = (number: number): Checkpoint => {
    const text = archive.objects.get(`checkpoints/${String(number).padStart(8, '0')}.json`) ?? '';
    return openCheckpoint(text, parseNoteKey(JSON.parse(text).publicKey)!);
  };
  const getLeaf = (number: number, slug: TenantSlug) =>
    open(number).leaves.get(hashTenant(tenantId[slug]));
  const limitTime = (milliseconds: number) => {
    timeoutMs = milliseconds;
  };
  return { clock, service, archive, append, open, getLeaf, remove, limitTime };
}

type CheckpointService = Awaited<ReturnType<typeof createCheckpointService>>;

/** Verifies the proof of a tenant, as an auditor does it. */
function expectProof(proof: InclusionProof, content: string): void {
  const key = parseNoteKey(proof.publicKey)!;
  const [, size, root] = openNote(proof.note, key)!.split('\n');
  const path = proof.path.map((hash) => Buffer.from(hash, 'base64'));
  const leaf = hashLeaf(proof.leaf);
  const computed = followAuditPath({ leaf, index: proof.leafIndex, size: Number(size), path });
  expect(computed?.toString('base64')).toBe(root);
  expect(proof.leaf).toContain(content);
}

const getProof = ({ service, clock }: CheckpointService, slug: TenantSlug) =>
  service.get('/v1/audit-log/checkpoint', { token: clock.aTokenOf(slug, ['admin']) });

it('signs the heads of all feeds, each with a proof for its tenant', async () => {
  const context = await createCheckpointService();
  const { service, append, open, getLeaf, clock } = context;
  const acme = await append('acme', [1, 49, 3]);
  const north = await append('north', [2]);

  const first = await service.on.checkpoint();

  expect(first).toEqual({ number: 1, tenants: 2, refused: 0, postponed: 0 });
  const { hash, ttl } = acme.at(-1)!;
  expect(getLeaf(1, 'acme')).toEqual({ sequence: 53, hash, ttl });
  expect(getLeaf(1, 'globex')).toBeUndefined();
  const { body } = await getProof(context, 'acme');
  expect(body).toMatchObject({ sequence: 53, hash });
  expectProof(body, `${hashTenant(tenantId.acme)} 53 ${hash}`);
  expect(await getProof(context, 'globex')).toMatchObject({
    status: 404,
    body: { code: 'not_found' },
  });

  clock.advanceBy(dayMs);
  const later = await append('acme', [1]);
  await append('globex', [5]);
  expect(await service.on.checkpoint()).toMatchObject({ number: 2, tenants: 3, refused: 0 });

  const second = open(2);
  expect(second.previousHash).not.toBe('');
  expect(second.note).toMatch(/^roster\/Roster\/2\/20.*Z\n4\n/);
  expect(getLeaf(2, 'acme')).toMatchObject({ sequence: 54, hash: later.at(-1)!.hash });
  expect(getLeaf(2, 'north')).toMatchObject({ sequence: 2, hash: north[0]!.hash });
  for (const slug of ['acme', 'globex', 'north'] as const)
    expectProof((await getProof(context, slug)).body, hashTenant(tenantId[slug]));
});

/** Hashes segments again, each with the hash of the one before. */
function rehash(tenant: string, segments: readonly SegmentItem[]): SegmentItem[] {
  const result: SegmentItem[] = [];
  for (const segment of segments) {
    const previousHash = result.at(-1)?.hash ?? segment.previousHash;
    const position = { ...segment, previousHash };
    result.push({ ...position, hash: hashSegment(tenant, position) });
  }
  return result;
}

const editText = (segment: SegmentItem): SegmentItem => ({
  ...segment,
  events: segment.events.replace('user.updated', 'user.deleted'),
});

/** Changes of segments 1 to 3, which a checkpoint contains, and of segment 4, which none contains. */
const attacks: readonly [string, (segments: readonly SegmentItem[]) => readonly SegmentItem[]][] = [
  ['edits the last event', (all) => all.with(3, editText(all[3]!))],
  ['removes a segment', (all) => all.toSpliced(3, 1)],
  [
    'hashes all segments again after an edit',
    (all) => rehash(tenantId.acme, all.with(1, editText(all[1]!))),
  ],
  ['cuts the end of the checkpoint', (all) => all.slice(0, 2)],
  ['removes the feed', () => []],
  [
    'replaces the events after the checkpoint',
    ([first, second]) => [
      first!,
      second!,
      buildSegment(tenantId.acme, second!, { size: 20, at: new Date(), name: 'forged' }),
    ],
  ],
];

describe('a feed that does not extend the last checkpoint [E16]', () => {
  it('keeps its head in the next checkpoint, and is logged', async () => {
    captureLogs();
    const { service, append, getLeaf, remove } = await createCheckpointService();
    const { stored } = service;
    await append('acme', [4, 3, 2]);
    await append('north', [1]);
    await service.on.checkpoint();
    const leaf = getLeaf(1, 'acme');
    const segments = await append('acme', [5, 1]);

    for (const [index, [name, damage]] of attacks.entries()) {
      const number = index + 2;
      for (const { pk, sk } of segments) await remove({ pk, sk });
      await stored.putAll(damage(segments));
      const north = await append('north', [1]);
      const summary = await service.on.checkpoint();
      expect(summary, name).toEqual({ number, tenants: 2, refused: 1, postponed: 0 });
      expect(getLeaf(number, 'acme'), name).toEqual(leaf);
      expect(getLeaf(number, 'north'), name).toMatchObject({ sequence: north.at(-1)!.last });
      const lines = getLogs.splice(0).map((line) => JSON.parse(line));
      expect(lines, name).toContainEqual(
        expect.objectContaining({ operation: 'verifyFeed', tenant: tenantId.acme }),
      );
      expect(lines, name).toContainEqual(
        expect.objectContaining({ operation: 'takeCheckpoint', damagedFeeds: 1 }),
      );
    }

    // The repaired feed extends the checkpoint again.
    await stored.putAll(segments);
    expect(await service.on.checkpoint()).toMatchObject({ refused: 0 });
    expect(getLeaf(attacks.length + 2, 'acme')).toMatchObject({ sequence: 15 });

    // A tenant that is no longer listed also keeps its head.
    await remove(keys.tenantListEntry('north'));
    expect(await service.on.checkpoint()).toMatchObject({ tenants: 2, refused: 1 });
  });
});

describe('a checkpoint', () => {
  it('keeps the heads of feeds that were not verified in time', async () => {
    const { service, append, getLeaf, limitTime } = await createCheckpointService();
    await append('acme', [1]);
    await service.on.checkpoint();
    await append('acme', [1]);
    await append('globex', [1]);
    limitTime(30_000);
    const summary = { number: 2, tenants: 1, refused: 0, postponed: 2 };
    expect(await service.on.checkpoint()).toEqual(summary);
    expect(getLeaf(2, 'acme')).toMatchObject({ sequence: 1 });

    limitTime(900_000);
    expect(await service.on.checkpoint()).toMatchObject({ tenants: 2, refused: 0, postponed: 0 });
    expect(getLeaf(3, 'acme')).toMatchObject({ sequence: 2 });
  });

  it('keeps the head of an idle feed whose segments have expired', async () => {
    const { service, append, getLeaf, remove, clock } = await createCheckpointService();
    const segments = await append('acme', [3], 30);
    const erased = await append('globex', [2], 30);
    await service.on.checkpoint();
    const entry = { ...keys.tenantListEntry('globex'), tenantId: tenantId.globex };
    await service.stored.put({ ...entry, erasedAt: clock.now().toISOString() });

    clock.advanceBy(31 * dayMs);
    for (const { pk, sk } of [...segments, ...erased]) await remove({ pk, sk });
    expect(await service.on.checkpoint()).toEqual({
      number: 2,
      tenants: 1,
      refused: 0,
      postponed: 0,
    });
    expect(getLeaf(2, 'acme')).toEqual(getLeaf(1, 'acme'));

    // The feed goes on at the saved head.
    await append('acme', [1]);
    await remove(segments[0]!);
    expect(await service.on.checkpoint()).toMatchObject({ refused: 0 });
    expect(getLeaf(3, 'acme')).toMatchObject({ sequence: 4 });
  });

  it.each<[string, (text: string) => string]>([
    ['has another signature', (text) => text.replace(/(— \S+ \S{20})./, '$1_')],
    ['has other leaves', (text) => text.replace(/ 1 [0-9a-f]{64} /, ` 2 ${'0'.repeat(64)} `)],
    ['is no JSON', () => 'null?'],
  ])('is not continued if it %s', async (_, damage) => {
    const { service, append, archive } = await createCheckpointService();
    await append('acme', [1]);
    await service.on.checkpoint();
    const [[key, text]] = [...archive.objects] as [[string, string]];
    (archive.objects as Map<string, string>).set(key, damage(text));

    await expect(service.on.checkpoint()).rejects.toThrow(/match|format/);
    expect(archive.objects.size).toBe(1);
  });

  it('is taken once by two runs at the same time', async () => {
    const { service, append, archive } = await createCheckpointService();
    await append('acme', [1]);
    const runs = await Promise.allSettled([service.on.checkpoint(), service.on.checkpoint()]);
    expect(runs.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(archive.objects.size).toBe(1);
  });
});
