import type { RequestContext } from '../../../domain/access/request-context.ts';
import { type Group, maxListedMembers } from '../../../domain/groups/group.ts';
import { Failure } from '../../../domain/kernel/failure.ts';
import { uuidPattern, type Uuid } from '../../../domain/kernel/ids.ts';
import { changeProvisionedGroup } from '../../../domain/provisioning/change-provisioned-group.ts';
import {
  authorizeGroup,
  deprovisionGroup,
  provisionGroup,
  readManagedGroup,
} from '../../../domain/provisioning/provision-group.ts';
import type { MembersOperation } from '../../../domain/provisioning/provisioned-members.ts';
import { noContent, type Reply } from '../../codec.ts';
import type { Operations } from '../../http/request.ts';
import {
  parseListParameters,
  parseProjection,
  type RawParameters,
} from '../lists/list-parameters.ts';
import { toListResponse } from '../lists/list-response.ts';
import { readSearch } from '../lists/read-search.ts';
import { parseResource } from '../parse-resource.ts';
import { applyPatch } from '../patch/apply-patch.ts';
import { readMemberIds, splitMemberOperations } from '../patch/member-operations.ts';
import { includesAttribute, project } from '../project.ts';
import { readQuery } from '../query.ts';
import { toResourceReply } from '../reply.ts';
import type { ScimResource } from '../schema/attribute.ts';
import { buildGroupSchema } from '../schema/group.ts';
import { type ScimDependencies, type ScimRequest, withConnection } from '../scim-request.ts';
import { toProvisionedGroup, toScimGroup } from './group-resource.ts';
import { type GroupListDependencies, listScimGroups } from './list-groups.ts';
import { readGroupResource } from './read-groups.ts';

type Dependencies = ScimDependencies & GroupListDependencies;

const schema = buildGroupSchema();
/** For 50,000 members. */
const maxBodyBytes = 4 * 1024 * 1024;

/** Groups of SCIM (RFC 7644 §3). A connection sees and changes its own groups. */
export const scimGroupHandlers = (deps: Dependencies) => {
  const handle = withConnection(deps);
  return {
    scimCreateGroup: handle(
      async (request) => {
        const { body, context, log } = request;
        const { resource } = parseResource(body, schema, log);
        const operations = toAdditions(resource, request);
        authorizeGroup(undefined, context, deps);
        const { connection } = request;
        const input = toProvisionedGroup(resource);
        const group = await provisionGroup({ input, connection }, context, deps);
        const { groupId } = group;
        log.subject({ groupId });
        log.changed(Object.keys(resource).filter((name) => name !== 'members'));
        const change = { groupId, connection, apply: () => input, operations, log };
        if (operations.length > 0) await changeProvisionedGroup(change, context, deps);
        return replyWithGroup(group, request, deps);
      },
      { maxBodyBytes },
    ),

    scimGetGroup: handle(async (request) => {
      const { connection, context } = request;
      deps.policy.authorize(context, 'readGroup', { groupAdministrator: false });
      const group = await nameId(
        readManagedGroup(readGroupId(request), connection, context, deps),
        request,
      );
      return replyWithGroup(group, request, deps);
    }),

    scimListGroups: handle(async (request) => ({
      body: await listGroups(readQuery(request), request, deps),
    })),

    scimSearchGroups: handle(async (request) => ({
      body: await listGroups(readSearch(request), request, deps),
    })),

    scimReplaceGroup: handle(
      async (request) => {
        const { body, log } = request;
        const { resource, mentioned } = parseResource(body, schema, log, readGroupId(request));
        const members = mentioned.has('members') ? toReplacement(resource, request) : [];
        const change = { apply: () => toProvisionedGroup(resource), members };
        return replyWithGroup(await changeGroup(request, change, deps), request, deps);
      },
      { maxBodyBytes },
    ),

    scimPatchGroup: handle(
      async (request) => {
        const { body, log } = request;
        const { rest, members } = splitMemberOperations(body, schema, log);
        const apply = (current: ScimResource) =>
          toProvisionedGroup(applyPatch(current, rest, schema, log));
        const group = await changeGroup(request, { apply, members }, deps);
        return replyWithGroup(group, request, deps, maxListedMembers);
      },
      { maxBodyBytes },
    ),

    scimDeleteGroup: handle(async (request) => {
      const { context, ifMatch } = request;
      const groupId = readGroupId(request);
      authorizeGroup(groupId, context, deps);
      const { connection } = request;
      await nameId(deprovisionGroup({ groupId, connection, ifMatch }, context, deps), request);
      return noContent;
    }),
  } satisfies Operations<RequestContext>;
};

function readGroupId({ parameters, log }: ScimRequest): Uuid | undefined {
  const groupId = parameters['groupId']?.toLowerCase() ?? '';
  if (!uuidPattern.test(groupId)) return undefined;
  log.subject({ groupId });
  return groupId;
}

/** Names the ID in the message about a missing group. */
const nameId = <T>(result: Promise<T>, { parameters }: ScimRequest): Promise<T> =>
  result.catch((error: unknown) => {
    const isMissing = error instanceof Failure && error.code === 'not_found';
    throw isMissing
      ? new Failure('not_found', `The group ${parameters['groupId']} does not exist in this tenant`)
      : error;
  });

type MembersLog = Pick<ScimRequest, 'log'>;

const readIds = ({ members = [] }: ScimResource, { log }: MembersLog): readonly string[] =>
  readMemberIds(members as readonly unknown[], log);

function toAdditions(resource: ScimResource, request: MembersLog): readonly MembersOperation[] {
  const ids = readIds(resource, request);
  return ids.length === 0 ? [] : [{ kind: 'add', ids }];
}

function toReplacement(resource: ScimResource, request: MembersLog): readonly MembersOperation[] {
  const ids = readIds(resource, request);
  return [ids.length === 0 ? { kind: 'clear' } : { kind: 'replace', ids }];
}

interface GroupChange {
  readonly apply: (current: ScimResource) => ReturnType<typeof toProvisionedGroup>;
  readonly members: readonly MembersOperation[];
}

/** Changes the attributes and members of a group. */
async function changeGroup(
  request: ScimRequest,
  { apply, members: operations }: GroupChange,
  deps: Dependencies,
): Promise<Group> {
  const { context, ifMatch, log } = request;
  const groupId = readGroupId(request);
  authorizeGroup(groupId, context, deps);
  const { connection } = request;
  const toTarget = (group: Group) =>
    apply(toScimGroup({ group, version: { version: 0 } }, deps.baseUrl));
  const { group, changed } = await nameId(
    changeProvisionedGroup(
      { groupId, connection, ifMatch, apply: toTarget, operations, log },
      context,
      deps,
    ),
    request,
  );
  log.changed(changed);
  return group;
}

/** Answers with the group, or without content if it has more members than `maxMembers`. */
async function replyWithGroup(
  group: Group,
  request: ScimRequest,
  deps: Dependencies,
  maxMembers?: number,
): Promise<Reply> {
  const projection = parseProjection(readQuery(request));
  const withMembers = includesAttribute('members', projection);
  const { resource, memberCount } = await readGroupResource(group, withMembers, deps);
  if (maxMembers !== undefined && memberCount > maxMembers) return { ...noContent, status: 204 };
  return toResourceReply(resource, project(resource, projection, schema));
}

async function listGroups(raw: RawParameters, request: ScimRequest, deps: Dependencies) {
  const { connection, context, log } = request;
  deps.policy.authorize(context, 'readGroup', { groupAdministrator: false });
  const parameters = parseListParameters(raw, schema, log);
  return toListResponse(await listScimGroups(parameters, connection, context, deps));
}
