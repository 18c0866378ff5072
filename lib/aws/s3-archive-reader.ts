import type { ArchiveReader } from '../domain/checkpoints/checkpoint-archive.ts';
import { createS3Client, type S3Config } from './s3-archive.ts';

/**
 * Reads objects of a bucket. Their keys contain no characters that XML escapes.
 *
 * @param url Address of the bucket.
 */
export function createS3ArchiveReader(url: string, config: S3Config): ArchiveReader {
  const send = createS3Client(url, config);
  return {
    async *list(prefix) {
      let token: string | undefined;
      do {
        const query = {
          'list-type': '2',
          prefix,
          ...(token !== undefined && { 'continuation-token': token }),
        };
        const xml = (await send({ method: 'GET', key: '', query }, [200])).body.toString();
        for (const [, key = ''] of xml.matchAll(/<Key>([^<]*)<\/Key>/g)) yield key;
        token = /<NextContinuationToken>([^<]*)</.exec(xml)?.[1];
      } while (token !== undefined);
    },

    get: async (key) => (await send({ method: 'GET', key }, [200])).body.toString(),
  };
}
