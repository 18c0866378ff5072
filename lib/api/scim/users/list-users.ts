import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../../../domain/access/request-context.ts';
import type { Connection } from '../../../domain/connections/connection.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import type { Keyring } from '../../../domain/kernel/keyring.ts';
import {
  type PageList,
  type PageMarkStore,
  runLifetimeMs,
  totalLifetimeMs,
} from '../../../domain/provisioning/page-marks.ts';
import {
  countPageUsers,
  countVisibleUsers,
  fillPage,
  scanAllUsers,
  scanUsers,
  skipUsers,
  type UserScan,
} from '../../../domain/provisioning/page-users.ts';
import {
  lookUpUsers,
  type ReadDependencies,
  type UserLookup,
  type ViewedUser,
} from '../../../domain/provisioning/read-users.ts';
import { findKeyLookup } from '../filter/key-lookup.ts';
import { matches } from '../filter/matches.ts';
import { type CursorList, hashList, openListCursor, sealListCursor } from '../lists/list-cursor.ts';
import type { ListParameters, Paging, SortOrder } from '../lists/list-parameters.ts';
import type { ResourcePage } from '../lists/list-response.ts';
import { maxSorted, sortResources } from '../lists/sort-resources.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { formatAttributePath } from '../schema/find-attribute.ts';

export interface ListDependencies extends ReadDependencies {
  readonly pageMarks: PageMarkStore;
  readonly keyring: Keyring;
}

export interface UserListRequest {
  readonly parameters: ListParameters;
  readonly connection: Connection | undefined;
  /** True if the filter or the answer needs the groups of users. */
  readonly withGroups: boolean;
  /** True if the filter reads the groups of users. */
  readonly filtersGroups: boolean;
  /** Converts users to whole resources, in the same order. */
  readonly toResources: (users: readonly ViewedUser[]) => Promise<readonly ScimResource[]>;
}

interface Match {
  readonly user: ViewedUser;
  readonly resource: ScimResource;
}

const lookups: ReadonlySet<string> = new Set(['id', 'userName', 'externalId', 'email', 'group']);

/**
 * Lists users after the policy decision: by key, by a scan of up to 10,000 users, or in the order of the list. Throws
 * `too_many_results`, `invalid_cursor` or `cursor_expired`.
 */
export async function listScimUsers(
  request: UserListRequest,
  context: RequestContext,
  deps: ListDependencies,
): Promise<ResourcePage> {
  const { parameters } = request;
  const { filter, sort, paging } = parameters;
  const lookup = filter && findKeyLookup(filter);
  if (lookup && lookups.has(lookup.by)) {
    const users = await lookUpUsers(lookup as UserLookup, request, context, deps);
    return takePage(
      sortMatches(await selectMatches(users, request), request),
      request,
      context,
      deps,
    );
  }
  const isByEmail = sort === undefined || isEmail(sort);
  const isSorted = !isByEmail || (sort !== undefined && filter !== undefined);
  if (isSorted || (filter && paging.kind === 'index')) {
    const matchedUsers = await scanAllUsers(toScan(request), context, deps);
    const found = await selectMatches(matchedUsers, { ...request, isMatched: true });
    return takePage(sortMatches(found, request), request, context, deps);
  }
  return paging.kind === 'index'
    ? pageByIndex(request, paging, context, deps)
    : pageByCursor(request, paging, context, deps);
}

/** Number of users up to which each first page counts them. One query counts about as many. */
const maxCountedAgain = 5000;

/** List entries are in the order of the emails. */
const isEmail = ({ path }: SortOrder): boolean =>
  ['emails', 'emails.value'].includes(formatAttributePath(path));

const toScan = (request: UserListRequest): UserScan => {
  const { connection, withGroups, filtersGroups, parameters } = request;
  return {
    connection,
    withGroups,
    selectsByGroups: filtersGroups,
    isDescending: parameters.sort?.isDescending ?? false,
    ...(parameters.filter && {
      select: async (users) => (await selectMatches(users, request)).map(({ user }) => user),
    }),
  };
};

async function selectMatches(
  users: readonly ViewedUser[],
  {
    parameters: { filter },
    toResources,
    isMatched = false,
  }: UserListRequest & { readonly isMatched?: boolean },
): Promise<readonly Match[]> {
  const resources = await toResources(users);
  return users.flatMap((user, index): Match[] => {
    const resource = resources[index] ?? {};
    return isMatched || !filter || matches(filter, resource) ? [{ user, resource }] : [];
  });
}

/** Sorts matches. Throws `too_many_results` for more than 1,000. */
function sortMatches(
  found: readonly Match[],
  { parameters: { sort } }: UserListRequest,
): readonly Match[] {
  if (!sort) return found;
  if (found.length <= maxSorted) return sortResources(found, sort);
  throw new Failure(
    'too_many_results',
    `Only ${maxSorted.toLocaleString('en')} results can be sorted by ${formatAttributePath(sort.path)}; sort by emails.value or add a filter`,
  );
}

/** Takes a page of a complete result. Its cursors are indexes. */
async function takePage(
  found: readonly Match[],
  { parameters, connection }: UserListRequest,
  context: RequestContext,
  deps: ListDependencies,
): Promise<ResourcePage> {
  const { paging } = parameters;
  const list = toCursorList(parameters, connection, context);
  const start =
    paging.kind === 'index'
      ? paging.startIndex - 1
      : Number((await openListCursor(paging.cursor, list, deps)) ?? 0);
  const range = found.slice(start, start + paging.count);
  const page = range.slice(0, countPageUsers(range.map(({ user }) => user)));
  const end = start + page.length;
  return {
    resources: page.map(({ resource }) => resource),
    totalResults: found.length,
    ...(paging.kind === 'index' && { startIndex: paging.startIndex }),
    ...(paging.kind === 'cursor' &&
      end < found.length && { nextCursor: await sealListCursor(String(end), list, deps) }),
  };
}

const toCursorList = (
  parameters: ListParameters,
  connection: Connection | undefined,
  { tenant: { tenantId } }: RequestContext,
): CursorList => ({
  tenantId,
  connectionId: connection?.connectionId,
  resourceType: 'User',
  parameters,
});

/** Continues after the previous page, if this client has read it. */
async function pageByIndex(
  request: UserListRequest,
  { startIndex, count }: Extract<Paging, { kind: 'index' }>,
  context: RequestContext,
  deps: ListDependencies,
): Promise<ResourcePage> {
  const { connection, parameters, toResources } = request;
  const { tenantId } = context.tenant;
  const scan = toScan(request);
  const nowMs = deps.now().getTime();
  const list: PageList | undefined = connection && {
    tenantId,
    connectionId: connection.connectionId,
    hash: hashList(parameters),
  };
  const isFirst = startIndex === 1;
  const counted = isFirst
    ? await countVisibleUsers(request, context, deps, maxCountedAgain + 1)
    : undefined;
  const isExact = counted !== undefined && counted <= maxCountedAgain;
  const earlier = list && !isExact ? await deps.pageMarks.find(list, startIndex, nowMs) : undefined;
  const isTotalFresh = earlier && nowMs - Date.parse(earlier.run.countedAt) < totalLifetimeMs;
  const total = isExact
    ? counted
    : isTotalFresh
      ? earlier.run.total
      : await countVisibleUsers(request, context, deps);
  const answer = { totalResults: total, startIndex };
  if (count === 0) return { ...answer, resources: [] };
  const start =
    isFirst || earlier?.after !== undefined
      ? { after: isFirst ? undefined : earlier?.after, isPastEnd: false }
      : await skipUsers(scan, startIndex - 1, context, deps);
  if (start.isPastEnd) return { ...answer, resources: [] };
  const users: ViewedUser[] = [];
  let next: string | undefined;
  let { after } = start;
  do {
    const page = await scanUsers(scan, { after, limit: count - users.length }, context, deps);
    users.push(...page.found.map(({ user }) => user));
    next = page.next;
    after = page.next;
  } while (users.length < count && next !== undefined && !fillPage(users));
  if (list && next !== undefined) {
    const expiresAtMs = nowMs + runLifetimeMs;
    const runId = (isFirst ? undefined : earlier?.run.runId) ?? randomUUID();
    const countedAt = isTotalFresh ? earlier.run.countedAt : new Date(nowMs).toISOString();
    const index = startIndex + users.length;
    await Promise.all([
      deps.pageMarks.saveRun(list, { runId, total, countedAt }, expiresAtMs),
      deps.pageMarks.saveMark(list, { runId, index, after: next }, expiresAtMs),
    ]);
  }
  return { ...answer, resources: await toResources(users) };
}

async function pageByCursor(
  request: UserListRequest,
  { cursor, count }: Extract<Paging, { kind: 'cursor' }>,
  context: RequestContext,
  deps: ListDependencies,
): Promise<ResourcePage> {
  const { parameters, connection, toResources } = request;
  const list = toCursorList(parameters, connection, context);
  const after = await openListCursor(cursor, list, deps);
  const isUnfilteredStart = after === undefined && !parameters.filter;
  const [{ found, next }, totalResults] = await Promise.all([
    scanUsers(toScan(request), { after, limit: count }, context, deps),
    isUnfilteredStart ? countVisibleUsers(request, context, deps) : undefined,
  ]);
  return {
    resources: await toResources(found.map(({ user }) => user)),
    totalResults,
    ...(next !== undefined && { nextCursor: await sealListCursor(next, list, deps) }),
  };
}
