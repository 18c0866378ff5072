import type { Archive } from '../sinks/archive.ts';
import type { CheckpointArchive } from './checkpoint-store.ts';

/** Reads objects of the archive. Throws `unavailable`. */
export interface ArchiveReader {
  /** Yields the keys with a prefix, in their order. */
  list(prefix: string): AsyncIterable<string>;
  /** Reads an object. Throws without one. */
  get(key: string): Promise<string>;
}

/** Prefix of the keys of checkpoints. */
export const checkpointPrefix = 'checkpoints/';

/** Stores checkpoints by number, so two runs cannot take the same one. */
export const createCheckpointArchive = (
  archive: Pick<Archive, 'put'> & ArchiveReader,
): CheckpointArchive => ({
  async findLatest() {
    let latest: string | undefined;
    for await (const key of archive.list(checkpointPrefix)) latest = key;
    return latest === undefined ? undefined : archive.get(latest);
  },

  async put(number, text) {
    const key = `${checkpointPrefix}${String(number).padStart(8, '0')}.json`;
    return (await archive.put(key, text)) === 'stored';
  },
});
