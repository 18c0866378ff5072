import { hash } from 'node:crypto';
import type { FeedEvent } from '../../domain/feed/feed-event.ts';
import type { FeedEnd, FeedWriter, VersionChange } from '../../domain/feed/feed-writer.ts';
import type { NumberedEntity } from '../../domain/feed/recorded-change.ts';
import { toUuid, type Uuid } from '../../domain/kernel/ids.ts';
import type { DurationMs, EpochMs } from '../../domain/kernel/time.ts';
import { batchGetOrdered } from '../dynamodb/batch-get.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  putIfAbsent,
  transact,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import { type Key, keys } from '../keys.ts';
import { readLastFeedItem } from './feed-reader.ts';

/**
 * Time for which the end of a feed is cached. A key of a segment is free again after the segment
 * expires, so a much older end would fork the feed.
 */
const cacheTtlMs: DurationMs = 5 * 60_000;
const maxCachedEnds = 1000;

/** Enough to recognize repeated records, which the stream keeps for one day. */
const activityDays = 3;

const toKey = (tenantId: Uuid, { kind, id }: NumberedEntity): Key =>
  keys.numberedVersion(tenantId, kind.toUpperCase() as Uppercase<typeof kind>, id);

/** Appends to feeds. The key of a segment decides between concurrent writers. */
export function createFeedWriter(tables: Directory, now: () => EpochMs): FeedWriter {
  const { client, directory } = tables;
  const ends = new Map<Uuid, { readonly end: FeedEnd; readonly cachedUntilMs: EpochMs }>();
  const cache = (tenantId: Uuid, end: FeedEnd): FeedEnd => {
    if (ends.size >= maxCachedEnds) ends.clear();
    ends.set(tenantId, { end, cachedUntilMs: now() + cacheTtlMs });
    return end;
  };

  return {
    async getEnd(tenantId) {
      const cached = ends.get(tenantId);
      if (cached && now() < cached.cachedUntilMs) return cached.end;
      return cache(tenantId, toFeedEnd(await readLastFeedItem(tables, tenantId)));
    },

    async getVersions(tenantId, entities) {
      const itemKeys = entities.map((entity) => toKey(tenantId, entity));
      const items = await batchGetOrdered(tables, itemKeys);
      return items.map((item) => Number(item?.['version'] ?? 0));
    },

    async append(tenantId, { numberedAt, ...segment }, { versions, deadline }) {
      const item = { ...keys.feedSegment(tenantId, segment.first), ...segment };
      const writes: Write[] = [
        putIfAbsent(directory, item),
        ...versions.map((change) =>
          updateVersion(directory, toKey(tenantId, change.entity), change, now),
        ),
      ];
      const token = toUuid(hash('sha256', JSON.stringify(writes)).slice(0, 32));
      const outcome = await transact(
        client,
        { writes: withConflict('stale' as const, writes), token, deadline },
        now,
      );
      if (outcome === 'written') {
        cache(tenantId, { sequence: segment.last, hash: segment.hash, numberedAt });
        return 'written';
      }
      ends.delete(tenantId);
      if (outcome === 'unknown') throw outcomeUnknown();
      return 'stale';
    },
  };
}

const toFeedEnd = (item: Record<string, unknown> | undefined): FeedEnd => {
  if (!item) return { sequence: 0, hash: '' };
  const { sequence, last, hash: lastHash, events } = item;
  if (typeof events !== 'string') return { sequence: Number(sequence), hash: String(lastHash) };
  const numberedAt = (JSON.parse(events) as FeedEvent[]).at(-1)?.numberedAt;
  return { sequence: Number(last), hash: String(lastHash), numberedAt };
};

function updateVersion(
  TableName: string,
  key: Key,
  { entity, before, after }: VersionChange,
  now: () => EpochMs,
): Write {
  const expires = entity.kind === 'activity';
  return {
    Update: {
      TableName,
      Key: { ...key },
      ConditionExpression: before === 0 ? 'attribute_not_exists(pk)' : '#version = :before',
      UpdateExpression: `SET #version = :after, schemaVersion = :schemaVersion${expires ? ', #ttl = :ttl' : ''}`,
      ExpressionAttributeNames: { '#version': 'version', ...(expires && { '#ttl': 'ttl' }) },
      ExpressionAttributeValues: {
        ':after': after,
        ':schemaVersion': schemaVersion,
        ...(before > 0 && { ':before': before }),
        ...(expires && { ':ttl': Math.floor(now() / 1000) + activityDays * 24 * 3600 }),
      },
    },
  };
}
