import type { Policy } from '../../access/policy.ts';
import type { RequestContext } from '../../access/request-context.ts';
import { canonicalizeEmail, canonicalizePrefix } from '../../kernel/canonical.ts';
import { invalidInput } from '../../kernel/failure.ts';
import type { Slug, Uuid } from '../../kernel/ids.ts';
import type { TenantStore } from '../../tenants/tenant-store.ts';
import type { UserListRange, UserLists, UserStore } from '../user-store.ts';
import { type ListedUser, toListedUser } from '../user.ts';
import { countUsers, type UserCount } from './count-users.ts';
import { readByTime } from './list-by-time.ts';
import { isByTime, isDescending, toPosition, type UserSort } from './list-position.ts';
import {
  firstBatchSize,
  maxEntries,
  maxReadUnits,
  putLatest,
  readBatches,
  type UserScan,
} from './read-entries.ts';
import { createUserMatcher, findIdentifier, type UserFilter } from './user-filter.ts';

/** Page of users to list. */
export interface UserQuery {
  readonly filter: UserFilter;
  /** Default: by email. */
  readonly sort?: UserSort;
  /** True to count all users that match. */
  readonly includesCount?: boolean;
  /** Position after which the page starts. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** Page of listed users. */
export interface UserPage {
  readonly users: readonly ListedUser[];
  /** Position after which the next page starts. Undefined on the last page. */
  readonly next: string | undefined;
  readonly count?: UserCount;
}

export interface ListUsersDependencies {
  readonly policy: Policy;
  readonly tenants: Pick<TenantStore, 'findCurrent'>;
  readonly users: Pick<UserStore, 'get'>;
  readonly userLists: UserLists;
  readonly now: () => Date;
}

/**
 * Lists users in the order of their canonical emails, or of times. A page by email stops after
 * 2,000 users or 300 read units, so it can be short or empty and still have a next page. Throws
 * `forbidden`, or `invalid_input` for an unknown role or too many users to sort.
 */
export async function listUsers(
  query: UserQuery,
  context: RequestContext,
  deps: ListUsersDependencies,
): Promise<UserPage> {
  deps.policy.authorize(context, 'getUser', { self: false });
  const { filter, sort = 'email', includesCount = false } = query;
  if (filter.role !== undefined) await assertRoleExists(filter.role, context, deps);
  const isMatch = createUserMatcher(filter, deps.now);
  const identifier = findIdentifier(filter);
  if (identifier) {
    const user = await deps.users.get(context.tenant.tenantId, identifier, false);
    const users = user && isMatch(user) ? [toListedUser(user)] : [];
    return toPage({ users, next: undefined }, includesCount && toExactCount(users));
  }
  const range = { tenantId: context.tenant.tenantId, ...toRange(filter) };
  const scan = { range, isMatch, isFiltered: isFiltered(filter) };
  if (isByTime(sort)) {
    const users = await readByTime({ ...scan, sort }, deps.userLists);
    return toPage(takePage(users, query), includesCount && toExactCount(users));
  }
  const page = await readByEmail(scan, query, deps);
  return toPage(page, includesCount && (await countUsers(scan, context, deps)));
}

const toPage = (page: UserPage, count: UserCount | false): UserPage => ({
  ...page,
  ...(count && { count }),
});

const toExactCount = ({ length }: readonly ListedUser[]): UserCount => ({
  value: length,
  relation: 'exact',
});

/** Returns the part of a list that a filter needs to read. */
function toRange({ status, email, emailPrefix = '' }: UserFilter): UserListRange {
  const isDeleted = status === 'deleted';
  const prefix = canonicalizePrefix(emailPrefix);
  return { isDeleted, prefix: email === undefined ? prefix : `${canonicalizeEmail(email)}#` };
}

/** False if all users of the range match. */
function isFiltered({ emailPrefix: _prefix, status, ...filter }: UserFilter): boolean {
  const conditions = { ...filter, status: status === 'deleted' ? undefined : status };
  return Object.values(conditions).some((value) => value !== undefined);
}

/** Takes the users of a page from a complete list. */
function takePage(
  users: readonly ListedUser[],
  { sort = 'email', after, limit }: UserQuery,
): UserPage {
  const isAfter = (position: string): boolean =>
    after === undefined || (isDescending(sort) ? position < after : position > after);
  const rest = users.filter((user) => isAfter(toPosition(user, sort)));
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    users: page,
    next: last && rest.length > limit ? toPosition(last, sort) : undefined,
  };
}

async function readByEmail(
  { range, isMatch, isFiltered }: UserScan,
  { sort = 'email', limit, after }: UserQuery,
  deps: ListUsersDependencies,
): Promise<UserPage> {
  const bounds = isFiltered
    ? { batchSize: firstBatchSize, maxEntries, maxReadUnits }
    : { batchSize: limit, maxEntries: limit, maxReadUnits };
  const users = new Map<Uuid, ListedUser>();
  let next = after;
  const batches = readBatches(
    { ...range, isDescending: isDescending(sort), after },
    bounds,
    deps.userLists,
  );
  for await (const { entries, hasMore } of batches) {
    for (const { user, position } of entries) {
      if (users.size === limit) return { users: [...users.values()], next };
      if (user && isMatch(user)) putLatest(users, user);
      next = position;
    }
    if (!hasMore) next = undefined;
    if (!hasMore || users.size === limit) break;
  }
  return { users: [...users.values()], next };
}

/**
 * Throws `invalid_input` for an unknown role. Reads the current roles before it rejects one that
 * the cache lacks.
 */
async function assertRoleExists(
  slug: Slug,
  { tenant }: RequestContext,
  { tenants }: Pick<ListUsersDependencies, 'tenants'>,
): Promise<void> {
  if (tenant.roles.has(slug)) return;
  if ((await tenants.findCurrent(tenant.tenantId))?.roles.has(slug)) return;
  throw invalidInput({ path: 'roleId', message: 'must be a role of this tenant' });
}
