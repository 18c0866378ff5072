import type { RequestContext } from '../access/request-context.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs } from '../kernel/time.ts';
import {
  loadUsers,
  type ReadDependencies,
  tooManyUsers,
  type UserView,
  type ViewedUser,
} from './read-users.ts';

/** Number of list entries read at once. */
const entriesPerRead = 1000;
/** Number of users that a scan loads at once. */
const usersPerRead = 200;
/** Time for the response. */
const reserveMs: DurationMs = 1000;

/** Maximum bytes of the users on a page. A response of Lambda has at most 6 MB. */
const maxPageBytes = 4 * 1024 * 1024;
const bytesPerGroup = 500;

/** True for users that fill a page. Estimates the size of their resources. */
export const fillPage = (users: readonly ViewedUser[]): boolean =>
  users.reduce((bytes, user) => bytes + estimateBytes(user), 0) >= maxPageBytes;

const estimateBytes = ({ scimAttributes = '', groups = [] }: ViewedUser): number =>
  Buffer.byteLength(scimAttributes) + groups.length * bytesPerGroup;

/** Number of users on a page that starts with the first one. */
export function countPageUsers(users: readonly ViewedUser[]): number {
  let bytes = 0;
  const last = users.findIndex((user) => (bytes += estimateBytes(user)) >= maxPageBytes);
  return last < 0 ? users.length : last + 1;
}

/** Users in the order of the list, and the conditions on them. */
export interface UserScan extends UserView {
  /** Selects the users that match, in the same order. Undefined to include all visible users. */
  readonly select?: ((users: readonly ViewedUser[]) => Promise<readonly ViewedUser[]>) | undefined;
  /** True if the selection reads the groups of users. */
  readonly selectsByGroups: boolean;
  readonly isDescending: boolean;
}

export interface ScannedUser {
  readonly user: ViewedUser;
  /** Position of the user in the list. */
  readonly position: string;
}

interface ScanRange {
  /** Position after which the scan starts. */
  readonly after: string | undefined;
  /** Maximum users to return. */
  readonly limit: number;
}

interface ScanResult {
  readonly found: readonly ScannedUser[];
  /** Position after which a next scan continues. Undefined at the end of the list. */
  readonly next: string | undefined;
}

/**
 * Scans the list until it has `limit` users or 4 MiB, has read the maximum, or runs out of time.
 * The result can be short, or empty, and still have a next position.
 */
export async function scanUsers(
  scan: UserScan,
  { after, limit }: ScanRange,
  context: RequestContext,
  deps: ReadDependencies,
): Promise<ScanResult> {
  const { tenantId } = context.tenant;
  const found: ScannedUser[] = [];
  let bytes = 0;
  let position = after;
  let read = 0;
  for (;;) {
    const remaining = limit - found.length;
    const size = scan.select ? usersPerRead : getReadSize(scan, remaining);
    const page = await deps.userLists.listIds(tenantId, {
      isDeleted: false,
      after: position,
      limit: Math.min(size, deps.maxScannedUsers - read),
      isDescending: scan.isDescending,
    });
    const listed = page.entries.filter((entry) => isListed(entry, scan));
    const entries = scan.select ? listed : listed.slice(0, remaining);
    const userIds = entries.map(({ userId }) => userId);
    const users = await loadMatches(userIds, scan, context, deps);
    const byId = new Map(users.map((user) => [user.userId, user]));
    for (const entry of entries) {
      const user = byId.get(entry.userId);
      if (!user) continue;
      found.push({ user, position: entry.position });
      bytes += estimateBytes(user);
      // Later entries of the batch belong to the next scan.
      if (found.length === limit || bytes >= maxPageBytes) {
        const isLast = entry === listed.at(-1) && page.next === undefined;
        return { found, next: isLast ? undefined : entry.position };
      }
    }
    read += page.entries.length;
    position = entries.length < listed.length ? entries.at(-1)?.position : page.next;
    const isLate = deps.now().getTime() > context.deadline - reserveMs;
    if (position === undefined || read >= deps.maxScannedUsers || isLate)
      return { found, next: position };
  }
}

/** Loads the users of IDs that match. Reads the groups of those only, unless they decide. */
async function loadMatches(
  userIds: readonly Uuid[],
  { select, selectsByGroups, ...view }: UserScan,
  context: RequestContext,
  deps: ReadDependencies,
): Promise<readonly ViewedUser[]> {
  if (!select) return loadUsers(userIds, view, context, deps);
  const isLater = view.withGroups && !selectsByGroups;
  const selectView = isLater ? { ...view, withGroups: false } : view;
  const found = await select(await loadUsers(userIds, selectView, context, deps));
  if (!isLater) return found;
  const foundIds = found.map(({ userId }) => userId);
  return loadUsers(foundIds, view, context, deps);
}

/** Few of the entries may belong to the connection. */
const getReadSize = ({ connection }: UserView, remaining: number): number =>
  connection?.visible === 'managed' ? entriesPerRead : Math.min(remaining, usersPerRead);

const isListed = (
  { connectionId }: { readonly connectionId: Uuid | undefined },
  { connection }: UserView,
): boolean => connection?.visible !== 'managed' || connectionId === connection.connectionId;

/** Finds all users that match. Throws `too_many_results` if they need several scans. */
export async function scanAllUsers(
  scan: UserScan,
  context: RequestContext,
  deps: ReadDependencies,
): Promise<readonly ViewedUser[]> {
  const range = { after: undefined, limit: Infinity };
  const { found, next } = await scanUsers(scan, range, context, deps);
  if (next !== undefined) throw tooManyUsers(deps.maxScannedUsers);
  return found.map(({ user }) => user);
}

/** Returns the position of the user before an index, which starts at 0. Reads keys only. */
export async function skipUsers(
  scan: UserScan,
  index: number,
  { tenant: { tenantId } }: RequestContext,
  { userLists }: ReadDependencies,
): Promise<{ readonly after: string | undefined; readonly isPastEnd: boolean }> {
  let remaining = index;
  let after: string | undefined;
  while (remaining > 0) {
    const page = await userLists.listIds(tenantId, {
      isDeleted: false,
      after,
      limit: entriesPerRead,
      isDescending: scan.isDescending,
    });
    for (const entry of page.entries) {
      if (!isListed(entry, scan)) continue;
      after = entry.position;
      remaining -= 1;
      if (remaining === 0) return { after, isPastEnd: false };
    }
    if (page.next === undefined) return { after, isPastEnd: true };
    after = page.next;
  }
  return { after, isPastEnd: false };
}

/** Counts the users that a connection can read, up to `max`. */
export const countVisibleUsers = (
  { connection }: UserView,
  { tenant: { tenantId } }: RequestContext,
  { userLists }: Pick<ReadDependencies, 'userLists'>,
  max = 2 ** 31 - 1,
): Promise<number> =>
  userLists.count(tenantId, {
    isDeleted: false,
    prefix: '',
    max,
    ...(connection?.visible === 'managed' && { connectionId: connection.connectionId }),
  });
