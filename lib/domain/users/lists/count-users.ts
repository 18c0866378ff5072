import type { RequestContext } from '../../access/request-context.ts';
import type { UserLists } from '../user-store.ts';
import { maxEntries, readBatches, type UserScan } from './read-entries.ts';

/** Number of users that match a filter. */
export interface UserCount {
  readonly value: number;
  readonly relation: 'exact' | 'atLeast';
}

/** Number up to which a count is exact. */
const maxCount = 10_000;
/** Limit of the entries that a count with a filter reads, typically of 50,000 users. */
const maxCountUnits = 7500;
/** Time for the response. A count that would take longer ends as a minimum. */
const reserveMs = 2000;

const toCount = (value: number, isComplete: boolean): UserCount => ({
  value: Math.min(value, maxCount),
  relation: isComplete && value <= maxCount ? 'exact' : 'atLeast',
});

/** Counts the users of a range that match. Reads no fields if all of them match. */
export async function countUsers(
  { range, isMatch, isFiltered }: UserScan,
  { deadline }: Pick<RequestContext, 'deadline'>,
  { userLists, now }: { readonly userLists: UserLists; readonly now: () => Date },
): Promise<UserCount> {
  if (!isFiltered)
    return toCount(await userLists.count(range.tenantId, { ...range, max: maxCount + 1 }), true);
  const bounds = { batchSize: maxEntries, maxEntries: Infinity, maxReadUnits: maxCountUnits };
  let value = 0;
  let isComplete = false;
  for await (const { entries, hasMore } of readBatches(range, bounds, userLists)) {
    value += entries.filter(({ user }) => user && isMatch(user)).length;
    isComplete = !hasMore;
    if (value > maxCount || now().getTime() > deadline - reserveMs) break;
  }
  return toCount(value, isComplete);
}
