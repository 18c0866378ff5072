import type { RequestContext } from '../../../domain/access/request-context.ts';
import type { Connection } from '../../../domain/connections/connection.ts';
import { type Group, maxGroups } from '../../../domain/groups/group.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import type { Uuid } from '../../../domain/kernel/ids.ts';
import type { Keyring } from '../../../domain/kernel/keyring.ts';
import { isVisible } from '../../../domain/provisioning/provision-group.ts';
import { type Filter, mentionsAttribute } from '../filter/filter.ts';
import { findKeyLookup, type KeyLookup } from '../filter/key-lookup.ts';
import { matches } from '../filter/matches.ts';
import { type CursorList, openListCursor, sealListCursor } from '../lists/list-cursor.ts';
import type { ListParameters, SortOrder } from '../lists/list-parameters.ts';
import type { ResourcePage } from '../lists/list-response.ts';
import { sortResources } from '../lists/sort-resources.ts';
import { includesAttribute, project } from '../project.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { buildGroupSchema } from '../schema/group.ts';
import { toScimGroup } from './group-resource.ts';
import { type GroupViewDependencies, readGroupResource } from './read-groups.ts';

export interface GroupListDependencies extends GroupViewDependencies {
  readonly keyring: Keyring;
}

interface Match {
  readonly group: Group;
  readonly resource: ScimResource;
}

const schema = buildGroupSchema();
/** Memberships after which a page of groups ends. A filter reads as many. */
const maxPageMembers = 100_000;
const batchSize = 50;

/**
 * Lists groups by index or cursor. A page ends before its members exceed 100,000. Throws
 * `too_many_results`, `invalid_cursor` or `cursor_expired`.
 */
export async function listScimGroups(
  parameters: ListParameters,
  connection: Connection | undefined,
  context: RequestContext,
  deps: GroupListDependencies,
): Promise<ResourcePage> {
  const { filter, projection, sort, paging } = parameters;
  const groups = await findGroups(filter && findKeyLookup(filter), connection, context, deps);
  const resources = await readForSelection(groups, { filter, sort }, deps);
  const found = groups.flatMap((group, index): Match[] => {
    const resource = resources[index] ?? {};
    return !filter || matches(filter, resource) ? [{ group, resource }] : [];
  });
  const sorted = sort ? sortResources(found, sort) : found;
  const list = toCursorList(parameters, connection, context);
  const after =
    paging.kind === 'cursor' ? await openListCursor(paging.cursor, list, deps) : undefined;
  const start = paging.kind === 'index' ? paging.startIndex - 1 : findStart(sorted, after, sort);
  const resourcesOnPage: ScimResource[] = [];
  let members = 0;
  for (const { group } of sorted.slice(start, start + paging.count)) {
    const withMembers = includesAttribute('members', projection);
    const { resource, memberCount } = await readGroupResource(group, withMembers, deps);
    members += memberCount;
    if (members > maxPageMembers && resourcesOnPage.length > 0) break;
    resourcesOnPage.push(project(resource, projection, schema));
  }
  const end = start + resourcesOnPage.length;
  const last = sorted[end - 1];
  const page = { resources: resourcesOnPage, totalResults: sorted.length };
  if (paging.kind === 'index') return { ...page, startIndex: paging.startIndex };
  if (end >= sorted.length || !last) return page;
  const position = sort ? String(end) : toPosition(last);
  return { ...page, nextCursor: await sealListCursor(position, list, deps) };
}

const toCursorList = (
  parameters: ListParameters,
  connection: Connection | undefined,
  { tenant: { tenantId } }: RequestContext,
): CursorList => ({
  tenantId,
  connectionId: connection?.connectionId,
  resourceType: 'Group',
  parameters,
});

/** Names are unique in the tenant, so deletions between two pages skip no group. */
const toPosition = ({ group }: Pick<Match, 'group'>): string => group.name.toLowerCase();

/** Finds the index at which a page starts. In another order, a cursor is an index. */
function findStart(
  matched: readonly Match[],
  after: string | undefined,
  sort: SortOrder | undefined,
): number {
  if (after === undefined) return 0;
  if (sort) return Number(after);
  const index = matched.findIndex((match) => toPosition(match) > after);
  return index < 0 ? matched.length : index;
}

/** Reads what the filter and the order compare. Throws `too_many_results`. */
async function readForSelection(
  groups: readonly Group[],
  { filter, sort }: { readonly filter: Filter | undefined; readonly sort: SortOrder | undefined },
  deps: GroupViewDependencies,
): Promise<readonly ScimResource[]> {
  const needs = (name: string): boolean =>
    (filter !== undefined && mentionsAttribute(filter, name)) || sort?.path.attribute.name === name;
  const withMembers = needs('members');
  if (!withMembers && !needs('meta'))
    return groups.map((group) => toScimGroup({ group, version: { version: 0 } }, deps.baseUrl));
  const resources: ScimResource[] = [];
  let members = 0;
  // Groups with members one by one, because each can have 50,000.
  const size = withMembers ? 1 : batchSize;
  for (let first = 0; first < groups.length; first += size) {
    const batch = groups.slice(first, first + size);
    const read = await Promise.all(
      batch.map((group) => readGroupResource(group, withMembers, deps)),
    );
    for (const { resource, memberCount } of read) {
      resources.push(resource);
      members += memberCount;
    }
    if (members > maxPageMembers) throw tooManyMembers();
  }
  return resources;
}

const tooManyMembers = (): Failure =>
  new Failure(
    'too_many_results',
    `The filter or order compares more than ${maxPageMembers.toLocaleString('en')} members. Filter by members eq with one ID.`,
  );

/** Finds the groups that a filter can select, in the order of their names. */
export async function findGroups(
  lookup: KeyLookup | undefined,
  connection: Connection | undefined,
  { tenant: { tenantId } }: RequestContext,
  deps: GroupViewDependencies,
): Promise<readonly Group[]> {
  const ids = lookup && (await findIds(lookup, { tenantId, connection }, deps));
  const groups = ids
    ? [...(await deps.groups.getAll(tenantId, ids)).values()]
    : await listAll(tenantId, deps);
  return groups
    .filter((group) => !group.deletion && isVisible(group, connection))
    .toSorted((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()));
}

const compare = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/** IDs of groups with a key. Undefined for a key that needs all groups. */
async function findIds(
  { by, value }: KeyLookup,
  {
    tenantId,
    connection,
  }: { readonly tenantId: Uuid; readonly connection: Connection | undefined },
  { groups, memberships }: GroupViewDependencies,
): Promise<readonly Uuid[] | undefined> {
  switch (by) {
    case 'id':
      return [value.toLowerCase()];
    case 'externalId':
      return connection && groups.findByScimId(tenantId, connection.connectionId, value);
    case 'displayName':
      return connection && groups.findByScimName(tenantId, connection.connectionId, value);
    case 'member': {
      const member = { kind: 'user' as const, id: value.toLowerCase() };
      const page = await memberships.listGroups(tenantId, member, {
        after: undefined,
        limit: maxGroups,
      });
      return page.memberships.map(({ groupId }) => groupId);
    }
    default:
      return undefined;
  }
}

async function listAll(
  tenantId: Uuid,
  { groups }: Pick<GroupViewDependencies, 'groups'>,
): Promise<readonly Group[]> {
  const { groups: all } = await groups.list(tenantId, { after: undefined, limit: maxGroups });
  return all;
}
