import { invalidInput } from '../../kernel/failure.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { UserLists } from '../user-store.ts';
import type { ListedUser } from '../user.ts';
import { isDescending, toPosition, type UserSort } from './list-position.ts';
import { maxEntries, maxReadUnits, putLatest, readBatches, type UserScan } from './read-entries.ts';

/** Number of users that a list sorts by time. */
const maxSortedUsers = 1000;

const tooManyUsers = () =>
  invalidInput({
    path: 'sort',
    message: `must be email or -email if more than ${maxSortedUsers} users match; add filters such as search or createdAfter`,
  });

const tooManyEntries = () =>
  invalidInput({
    path: 'sort',
    message: `must be email or -email, because sorting by time reads at most ${maxEntries} users or ${maxReadUnits} read units; add emailPrefix to read fewer`,
  });

/**
 * Reads all users of a range that match, sorted by time and user ID. Throws `invalid_input` if they
 * are too many to sort.
 */
export async function readByTime(
  { range, isMatch, sort }: UserScan & { readonly sort: UserSort },
  userLists: Pick<UserLists, 'list'>,
): Promise<readonly ListedUser[]> {
  const bounds = { batchSize: maxEntries, maxEntries, maxReadUnits };
  const found = new Map<Uuid, ListedUser>();
  let isComplete = false;
  for await (const { entries, hasMore } of readBatches(range, bounds, userLists)) {
    for (const { user } of entries) if (user && isMatch(user)) putLatest(found, user);
    if (found.size > maxSortedUsers) throw tooManyUsers();
    isComplete = !hasMore;
  }
  if (!isComplete) throw tooManyEntries();
  const direction = isDescending(sort) ? -1 : 1;
  const byPosition = [...found.values()].map((user) => ({
    user,
    position: toPosition(user, sort),
  }));
  return byPosition
    .toSorted((a, b) => (a.position < b.position ? -direction : direction))
    .map(({ user }) => user);
}
