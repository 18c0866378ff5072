import type { RequestContext } from '../../../domain/access/request-context.ts';
import type { Group } from '../../../domain/groups/group.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { authorizeRead } from '../../../domain/provisioning/read-users.ts';
import type { Operations } from '../../http/request.ts';
import { findGroups } from '../groups/list-groups.ts';
import { type GroupViewDependencies, readGroupResource } from '../groups/read-groups.ts';
import { mentionsAttribute } from '../filter/filter.ts';
import { findKeyLookup } from '../filter/key-lookup.ts';
import { matches } from '../filter/matches.ts';
import { openListCursor, sealListCursor } from '../lists/list-cursor.ts';
import {
  type ListParameters,
  parseListParameters,
  type RawParameters,
} from '../lists/list-parameters.ts';
import { type ResourcePage, toListResponse } from '../lists/list-response.ts';
import { readSearch } from '../lists/read-search.ts';
import { includesAttribute, project } from '../project.ts';
import { readQuery } from '../query.ts';
import type { ResourceSchema, ScimResource } from '../schema/attribute.ts';
import { buildGroupSchema } from '../schema/group.ts';
import { buildUserSchema } from '../schema/user.ts';
import { type ScimRequest, withConnection } from '../scim-request.ts';
import { listUserResources, type ScimUserDependencies } from '../users/handlers.ts';

type Dependencies = ScimUserDependencies & GroupViewDependencies;

const groupSchema = buildGroupSchema();

/** Lists of users and groups together (RFC 7644 §3.4.2.1 and §3.4.3). Users are first. */
export const searchHandlers = (deps: Dependencies) => {
  const handle = withConnection(deps);
  return {
    scimList: handle(async (request) => ({
      body: toListResponse(await listAll(readQuery(request), request, deps)),
    })),

    scimSearch: handle(async (request) => ({
      body: toListResponse(await listAll(readSearch(request), request, deps)),
    })),
  } satisfies Operations<RequestContext>;
};

/** Parameters of both types. Undefined for a type that lacks an attribute of the filter. */
interface AllParameters {
  readonly userParameters: ListParameters | undefined;
  readonly groupParameters: ListParameters | undefined;
}

function parseAll(raw: RawParameters, { connection, log }: ScimRequest): AllParameters {
  const parse = (schema: ResourceSchema): ListParameters | Failure => {
    try {
      return parseListParameters(raw, schema, log);
    } catch (error) {
      if (error instanceof Failure && error.code === 'invalid_filter') return error;
      throw error;
    }
  };
  const [users, groups] = [parse(buildUserSchema(connection)), parse(groupSchema)];
  if (users instanceof Failure && groups instanceof Failure) throw users;
  return {
    userParameters: users instanceof Failure ? undefined : users,
    groupParameters: groups instanceof Failure ? undefined : groups,
  };
}

async function listAll(
  raw: RawParameters,
  request: ScimRequest,
  deps: Dependencies,
): Promise<ResourcePage> {
  const parameters = parseAll(raw, request);
  const { paging } = parameters.userParameters ??
    parameters.groupParameters ?? { paging: undefined };
  if (!paging) throw new Error('One of the types has parameters');
  authorizeRead(request.context, deps);
  return paging.kind === 'index'
    ? pageByIndex(parameters, paging, request, deps)
    : pageByCursor(parameters, paging.cursor, request, deps);
}

const emptyPage: ResourcePage = { resources: [], totalResults: 0 };

/** Users of one page, then groups if the page has room. The total is the sum. */
async function pageByIndex(
  { userParameters, groupParameters }: AllParameters,
  { startIndex, count }: { readonly startIndex: number; readonly count: number },
  request: ScimRequest,
  deps: Dependencies,
): Promise<ResourcePage> {
  const [users, groups] = await Promise.all([
    userParameters ? listUserResources(userParameters, request, deps) : emptyPage,
    findMatchingGroups(groupParameters, request, deps),
  ]);
  const userTotal = users.totalResults ?? 0;
  const start = Math.max(0, startIndex - 1 - userTotal);
  // A page of large users is short.
  const hasAllUsers = startIndex - 1 + users.resources.length >= userTotal;
  const room = hasAllUsers ? count - users.resources.length : 0;
  const page = await toGroupResources(groups.slice(start, start + room), groupParameters, deps);
  return {
    resources: [...users.resources, ...page],
    totalResults: userTotal + groups.length,
    startIndex,
  };
}

/** Position in the list: a cursor of users, or the index of a group. */
type Position = { readonly users: string } | { readonly group: number };

async function pageByCursor(
  { userParameters, groupParameters }: AllParameters,
  cursor: string,
  request: ScimRequest,
  deps: Dependencies,
): Promise<ResourcePage> {
  const parameters = userParameters ?? groupParameters;
  if (!parameters) throw new Error('One of the types has parameters');
  const { connection, context } = request;
  const list = {
    tenantId: context.tenant.tenantId,
    connectionId: connection?.connectionId,
    resourceType: 'all',
    parameters,
  };
  const opened = await openListCursor(cursor, list, deps);
  const position = (opened === undefined ? { users: '' } : JSON.parse(opened)) as Position;
  const seal = (next: Position) => sealListCursor(JSON.stringify(next), list, deps);
  const { count } = parameters.paging;
  let users: ResourcePage = emptyPage;
  if ('users' in position && userParameters) {
    const paging = { kind: 'cursor' as const, cursor: position.users, count };
    users = await listUserResources({ ...userParameters, paging }, request, deps);
    if (users.nextCursor !== undefined)
      return {
        ...users,
        totalResults: undefined,
        nextCursor: await seal({ users: users.nextCursor }),
      };
  }
  const groups = await findMatchingGroups(groupParameters, request, deps);
  const start = 'group' in position ? position.group : 0;
  const end = start + count - users.resources.length;
  return {
    resources: [
      ...users.resources,
      ...(await toGroupResources(groups.slice(start, end), groupParameters, deps)),
    ],
    totalResults: undefined,
    ...(end < groups.length && { nextCursor: await seal({ group: end }) }),
  };
}

/** Finds the groups that match. A caller without `groups:read` gets none. */
async function findMatchingGroups(
  parameters: ListParameters | undefined,
  { connection, context }: ScimRequest,
  deps: Dependencies,
): Promise<readonly Group[]> {
  const { permissions, systemAdministrator } = context.principal;
  if (!parameters || !(systemAdministrator || permissions.includes('groups:read'))) return [];
  const { filter } = parameters;
  const groups = await findGroups(filter && findKeyLookup(filter), connection, context, deps);
  if (!filter) return groups;
  const withMembers = mentionsAttribute(filter, 'members');
  const found: Group[] = [];
  for (const group of groups) {
    const { resource } = await readGroupResource(group, withMembers, deps);
    if (matches(filter, resource)) found.push(group);
  }
  return found;
}

async function toGroupResources(
  groups: readonly Group[],
  parameters: ListParameters | undefined,
  deps: Dependencies,
): Promise<readonly ScimResource[]> {
  const { projection = {} } = parameters ?? {};
  const withMembers = includesAttribute('members', projection);
  const resources: ScimResource[] = [];
  for (const group of groups) {
    const { resource } = await readGroupResource(group, withMembers, deps);
    resources.push(project(resource, projection, groupSchema));
  }
  return resources;
}
