/** Archives that commands read: a folder, or the bucket of a deployment. */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createS3ArchiveReader } from '../../../lib/aws/s3-archive-reader.ts';
import type { StoredSegment } from '../../../lib/domain/checkpoints/chain.ts';
import type { ArchiveReader } from '../../../lib/domain/checkpoints/checkpoint-archive.ts';
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
 * segments. A repeated segment that differs is yielded again, so its verification fails.
 */
export async function* listArchivedSegments(
  archive: ArchiveReader,
  tenantId: Uuid,
): AsyncIterable<StoredSegment> {
  const seen = new Map<number, string>();
  for await (const key of archive.list(`events/${tenantId}/`))
    for (const line of (await archive.get(key)).split('\n')) {
      if (line === '') continue;
      const segment = JSON.parse(line) as Omit<StoredSegment, 'key'>;
      const digest = hash('sha256', line);
      if (seen.get(segment.first) === digest) continue;
      seen.set(segment.first, digest);
      yield { ...segment, key: segment.first };
    }
}
