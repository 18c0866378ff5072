/** Archives that commands read: a folder, or the bucket of a deployment. */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createS3ArchiveReader } from '../../../lib/aws/s3-archive-reader.ts';
import { findLostEvents, type StoredSegment } from '../../../lib/domain/checkpoints/chain.ts';
import type { ArchiveReader } from '../../../lib/domain/checkpoints/checkpoint-archive.ts';
import type { FeedHead } from '../../../lib/domain/feed/feed-store.ts';
import type { Uuid } from '../../../lib/domain/kernel/ids.ts';

/** Opens a folder or `s3://BUCKET`. Throws if the folder does not exist. */
export async function openArchive(source: string): Promise<ArchiveReader> {
  const [, bucket] = /^s3:\/\/([a-z0-9.-]+)\/?$/.exec(source) ?? [];
  if (bucket !== undefined) return openBucket(bucket);
  if (!existsSync(source)) throw new Error(`There is no archive ${source}.`);
  return createFolderReader(source);
}

/** Uses the region, the credentials and the endpoint of the AWS CLI. */
async function openBucket(bucket: string): Promise<ArchiveReader> {
  const { config } = new DynamoDBClient({});
  const region = await config.region();
  const endpoint = process.env.AWS_ENDPOINT_URL_S3;
  const url = endpoint ? `${endpoint}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com`;
  return createS3ArchiveReader(url, { region, credentials: await config.credentials() });
}

/** Reads a copy of the bucket, or the archive of the local server. */
const createFolderReader = (folder: string): ArchiveReader => ({
  async *list(prefix) {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const keys = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
      .filter((key) => key.startsWith(prefix));
    yield* keys.toSorted();
  },
  get: async (key) => readFileSync(join(folder, key), 'utf8'),
});

/**
 * Reads the archived segments of a tenant in the order of their numbers. Objects can repeat
 * segments. A repeated segment that differs is yielded again, so its verification fails. A segment
 * that reports lost events, and those after it, follow the lost ones.
 */
export async function* listArchivedSegments(
  archive: ArchiveReader,
  tenantId: Uuid,
): AsyncIterable<StoredSegment> {
  const seen = new Map<number, string>();
  let deferred: StoredSegment[] = [];
  let lastLost = 0;
  for await (const key of archive.list(`events/${tenantId}/`)) {
    const lines = (await archive.get(key)).split('\n').filter((line) => line !== '');
    for (const [index, line] of lines.entries()) {
      const archived = JSON.parse(line) as Omit<StoredSegment, 'key'>;
      const { first } = archived;
      // Objects are sorted by their first number, so no later one has lost events.
      if (index === 0 && first > lastLost) {
        yield* sortByLast(deferred);
        deferred = [];
      }
      const digest = hash('sha256', line);
      if (seen.get(first) === digest) continue;
      seen.set(first, digest);
      const segment = { ...archived, key: first };
      const lost = findLostEvents(segment);
      if (lost) lastLost = Math.max(lastLost, lost.head.sequence);
      if (lost || (deferred.length > 0 && first > lastLost)) deferred.push(segment);
      else yield segment;
    }
  }
  yield* sortByLast(deferred);
}

const sortByLast = (segments: readonly StoredSegment[]): StoredSegment[] =>
  segments.toSorted((a, b) => a.last - b.last);

/** Reads the head of the archived events of a tenant. Undefined without events. */
export async function readArchivedHead(
  archive: ArchiveReader,
  tenantId: Uuid,
): Promise<FeedHead | undefined> {
  const prefix = `events/${tenantId}/`;
  let latest = { last: 0, key: '' };
  for await (const key of archive.list(prefix)) {
    const last = Number(/-(\d+)\.ndjson$/.exec(key)?.[1]);
    if (last > latest.last) latest = { last, key };
  }
  if (latest.last === 0) return undefined;
  const line = (await archive.get(latest.key)).trimEnd().split('\n').at(-1) ?? '';
  const { last, hash: lastHash } = JSON.parse(line) as StoredSegment;
  return { sequence: last, hash: lastHash };
}

/** Opens the archive with the checkpoints of tables: by default that of the local server. */
export function openCheckpoints(
  source: string | undefined,
  isLocal: boolean,
): Promise<ArchiveReader> | undefined {
  if (source !== undefined) return openArchive(source);
  const folder = process.env.ROSTER_LOCAL ?? join(import.meta.dirname, '../../../.local');
  const archive = resolve(folder, 'archive');
  // The local server creates the folder with the first object.
  return isLocal && existsSync(archive) ? openArchive(archive) : undefined;
}
