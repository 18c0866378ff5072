import { diffFields } from '../../../domain/access/change-entity.ts';
import type { RequestContext } from '../../../domain/access/request-context.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { uuidPattern, type Uuid } from '../../../domain/kernel/ids.ts';
import { changeProvisionedUser } from '../../../domain/provisioning/change-provisioned-user.ts';
import { deprovisionUser } from '../../../domain/provisioning/deprovision-user.ts';
import {
  type CreationDependencies,
  provisionUser,
} from '../../../domain/provisioning/provision-user.ts';
import {
  authorizeRead,
  getProvisionedUser,
  loadUsers,
  type ViewedUser,
} from '../../../domain/provisioning/read-users.ts';
import type { User } from '../../../domain/users/user.ts';
import type { Reply } from '../../codec.ts';
import type { Operations } from '../../http/request.ts';
import { mentionsAttribute } from '../filter/filter.ts';
import {
  type ListParameters,
  parseListParameters,
  parseProjection,
  type RawParameters,
} from '../lists/list-parameters.ts';
import { type ResourcePage, toListResponse } from '../lists/list-response.ts';
import { readSearch } from '../lists/read-search.ts';
import { parseResource } from '../parse-resource.ts';
import { applyPatch } from '../patch/apply-patch.ts';
import { includesAttribute, project, type Projection } from '../project.ts';
import { readQuery } from '../query.ts';
import { toResourceReply } from '../reply.ts';
import type { ScimDependencies, ScimRequest } from '../scim-request.ts';
import { withConnection } from '../scim-request.ts';
import { readMember } from '../resource-attributes.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { rosterUserUrn } from '../schema/roster-user.ts';
import { buildUserSchema } from '../schema/user.ts';
import { type ListDependencies, listScimUsers } from './list-users.ts';
import { type ResourceDependencies, toUserResources } from './to-resources.ts';
import { toProvisionedUser, toScimUser } from './user-resource.ts';

export interface ScimUserDependencies
  extends ScimDependencies,
    CreationDependencies,
    ListDependencies,
    ResourceDependencies {}

/** Users of SCIM (RFC 7644 §3). */
export const scimUserHandlers = (deps: ScimUserDependencies) => {
  const handle = withConnection(deps);
  return {
    scimCreateUser: handle(async (request) => {
      const { body, connection, context, log } = request;
      const schema = buildUserSchema(connection);
      const projection = parseProjection(readQuery(request));
      const { resource } = parseResource(body, schema, log);
      const target = toProvisionedUser(resource, connection ?? {});
      const create = provisionUser({ connection, log, target }, context, deps);
      const user = await create.catch((error: unknown) => {
        throw addLocation(error, deps);
      });
      log.subject({ userId: user.userId });
      log.changed(Object.keys(resource));
      return replyWithUser(user, { request, projection }, deps);
    }),

    scimGetUser: handle(async (request) => {
      const { connection, context } = request;
      const projection = parseProjection(readQuery(request));
      const withGroups = includesAttribute('groups', projection);
      const view = { connection, withGroups };
      const user = await nameId(
        getProvisionedUser(readUserId(request), view, context, deps),
        request,
      );
      return toReply(user, { request, projection }, deps);
    }),

    scimListUsers: handle(async (request) => {
      const page = await listUsers(readQuery(request), request, deps);
      return { body: toListResponse(page) };
    }),

    scimSearchUsers: handle(async (request) => {
      const page = await listUsers(readSearch(request), request, deps);
      return { body: toListResponse(page) };
    }),

    scimReplaceUser: handle(async (request) => {
      const { body, connection, log } = request;
      const schema = buildUserSchema(connection);
      const { resource, mentioned } = parseResource(body, schema, log, readUserId(request));
      const replace = (current: ScimResource): ScimResource => ({
        ...keepAbsent(current, mentioned),
        ...resource,
      });
      return changeUser(request, replace, deps);
    }),

    scimPatchUser: handle(async (request) => {
      const { body, connection, log } = request;
      const schema = buildUserSchema(connection);
      return changeUser(request, (current) => applyPatch(current, body, schema, log), deps);
    }),

    scimDeleteUser: handle(async (request) => {
      const { connection, context, log, ifMatch } = request;
      const userId = readUserId(request);
      if (userId !== undefined) log.subject({ userId });
      await nameId(deprovisionUser({ userId, ifMatch, connection, log }, context, deps), request);
      return { body: undefined };
    }),
  } satisfies Operations<RequestContext>;
};

/** ID in the path. Undefined for a text that no user has as ID. */
function readUserId({ parameters }: ScimRequest): Uuid | undefined {
  const id = parameters['userId']?.toLowerCase();
  return id !== undefined && uuidPattern.test(id) ? id : undefined;
}

/** Adds the ID of the request to `not_found`, which is the same for every ID. */
const nameId = <Result>(result: Promise<Result>, { parameters }: ScimRequest): Promise<Result> =>
  result.catch((error: unknown) => {
    const isMissing = error instanceof Failure && error.code === 'not_found';
    throw isMissing
      ? new Failure('not_found', `The user ${parameters['userId']} does not exist in this tenant`)
      : error;
  });

/** Attributes that a PUT without them leaves unchanged. */
export function keepAbsent(current: ScimResource, mentioned: ReadonlySet<string>): ScimResource {
  const entries = Object.entries(current).filter(
    ([name]) =>
      !mentioned.has(name) &&
      (['id', 'active', 'roles', 'entitlements'].includes(name) || name.startsWith('urn:')),
  );
  return Object.fromEntries(entries);
}

async function changeUser(
  request: ScimRequest,
  change: (current: ScimResource) => ScimResource,
  deps: ScimUserDependencies,
): Promise<Reply> {
  const { connection, context, log, ifMatch } = request;
  const projection = parseProjection(readQuery(request));
  const userId = readUserId(request);
  if (userId !== undefined) log.subject({ userId });
  let before: ScimResource = {};
  const apply = (current: User) => {
    before = toScimUser(current, connection);
    return toProvisionedUser(change(before), connection ?? {}, current);
  };
  const user = await nameId(
    changeProvisionedUser({ userId, ifMatch, apply, connection, log }, context, deps),
    request,
  );
  log.changed(listChanges(before, toScimUser(user, connection)));
  return replyWithUser(user, { request, projection }, deps);
}

/** Lists changed attributes. The read-only ones of the extension change with others. */
function listChanges(before: ScimResource, after: ScimResource): readonly string[] {
  const [earlier, later] = [before, after].map((resource) =>
    readMember(resource[rosterUserUrn], 'description'),
  );
  const names = diffFields(before, after);
  return names.filter((name) => name !== rosterUserUrn || earlier !== later);
}

interface ReplyOptions {
  readonly request: ScimRequest;
  readonly projection: Projection;
}

/** Answers a change with the user. Reads the groups unless the change did. */
export async function replyWithUser(
  user: ViewedUser,
  { request, projection }: ReplyOptions,
  deps: ScimUserDependencies,
): Promise<Reply> {
  const { connection, context } = request;
  if (user.groups || !includesAttribute('groups', projection))
    return toReply(user, { request, projection }, deps);
  const view = { connection, withGroups: true };
  const [read] = await loadUsers([user.userId], view, context, deps);
  return toReply({ ...user, groups: read?.groups ?? [] }, { request, projection }, deps);
}

async function toReply(
  user: ViewedUser,
  { request: { connection, context }, projection }: ReplyOptions,
  deps: ScimUserDependencies,
): Promise<Reply> {
  const { tenantId } = context.tenant;
  const options = { tenantId, connection, baseUrl: deps.baseUrl };
  const [resource = {}] = await toUserResources([user], options, deps);
  return toResourceReply(resource, project(resource, projection, buildUserSchema(connection)));
}

/** Lists users by the parameters of a query or a SearchRequest. */
async function listUsers(
  raw: RawParameters,
  request: ScimRequest,
  deps: ScimUserDependencies,
): Promise<ResourcePage> {
  const schema = buildUserSchema(request.connection);
  const parameters = parseListParameters(raw, schema, request.log);
  authorizeRead(request.context, deps);
  return listUserResources(parameters, request, deps);
}

/** Lists users after the policy decision. */
export async function listUserResources(
  parameters: ListParameters,
  { connection, context }: ScimRequest,
  deps: ScimUserDependencies,
): Promise<ResourcePage> {
  const schema = buildUserSchema(connection);
  const { filter, projection, sort } = parameters;
  const filtersGroups = filter !== undefined && mentionsAttribute(filter, 'groups');
  const withGroups =
    includesAttribute('groups', projection) ||
    filtersGroups ||
    sort?.path.attribute.name === 'groups';
  const { tenantId } = context.tenant;
  const options = { tenantId, connection, baseUrl: deps.baseUrl };
  const toResources = (users: readonly ViewedUser[]) => toUserResources(users, options, deps);
  const request = { parameters, connection, withGroups, filtersGroups, toResources };
  const page = await listScimUsers(request, context, deps);
  return {
    ...page,
    resources: page.resources.map((resource) => project(resource, projection, schema)),
  };
}

/** Adds the URL of the user who has the username, if the connection manages the user. */
function addLocation(error: unknown, { baseUrl }: ScimUserDependencies): unknown {
  if (!(error instanceof Failure)) return error;
  const { userId, ...details } = error.details;
  if (typeof userId !== 'string') return error;
  const location = `${baseUrl}/Users/${userId}`;
  return new Failure(error.code, error.message, { details: { ...details, location } });
}
