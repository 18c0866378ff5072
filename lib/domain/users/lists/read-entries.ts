import type { Uuid } from '../../kernel/ids.ts';
import type { ListEntry, UserListRange, UserLists } from '../user-store.ts';
import { type ListedUser, toListedUser } from '../user.ts';

/** Limits of the entries that a page reads. Few of them may match, and users may be large. */
export const maxEntries = 2000;
export const maxReadUnits = 300;
/** Number of entries that a filter reads first. It doubles while too few of them match. */
export const firstBatchSize = 100;
/** An entry has at most 1 KiB. */
const entriesPerReadUnit = 4;
/** A batch of fewer read units is left to the next page. */
const minBatchUnits = firstBatchSize / entriesPerReadUnit;

/** Users to read. */
export interface UserScan {
  readonly range: UserListRange & { readonly tenantId: Uuid };
  readonly isMatch: (user: ListedUser) => boolean;
  /** False if all users of the range match. */
  readonly isFiltered: boolean;
}

type ReadRange = UserScan['range'] & {
  readonly isDescending?: boolean;
  readonly after?: string | undefined;
};

interface ReadBounds {
  readonly batchSize: number;
  readonly maxEntries: number;
  readonly maxReadUnits: number;
}

interface Batch {
  readonly entries: readonly ListEntry[];
  /** True if further entries can exist. */
  readonly hasMore: boolean;
}

/** Yields entries in growing batches, until the end of the range or a bound. */
export async function* readBatches(
  { tenantId, ...range }: ReadRange,
  bounds: ReadBounds,
  userLists: Pick<UserLists, 'list'>,
): AsyncGenerator<Batch> {
  let { after } = range;
  let { batchSize, maxEntries: remainingEntries, maxReadUnits: remainingUnits } = bounds;
  while (remainingEntries > 0 && remainingUnits >= minBatchUnits) {
    // The store reads one entry more.
    const maxBatchSize = remainingUnits * entriesPerReadUnit - 1;
    const limit = Math.min(batchSize, remainingEntries, maxBatchSize);
    const { entries, hasMore, isCut, readUnits } = await userLists.list(tenantId, {
      ...range,
      after,
      limit,
      maxReadUnits: remainingUnits,
    });
    yield { entries, hasMore };
    // A query ends at 1 MB, so there can be fewer entries than the limit.
    if (!hasMore || isCut) return;
    after = entries.at(-1)?.position;
    remainingEntries -= entries.length;
    remainingUnits -= readUnits;
    batchSize *= 2;
  }
}

/** Adds a user at the end. A user whose email changes meanwhile has two entries. */
export function putLatest(users: Map<Uuid, ListedUser>, user: ListedUser): void {
  const { userId, version } = user;
  if ((users.get(userId)?.version ?? 0) > version) return;
  users.delete(userId);
  users.set(userId, toListedUser(user));
}
