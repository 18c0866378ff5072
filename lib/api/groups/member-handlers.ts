import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  changeMembers,
  type MemberDependencies,
  memberNotFound,
} from '../../domain/groups/change-members.ts';
import {
  listAllMembers,
  listMembers,
  listOwnGroups,
  listUserGroups,
  loadMembers,
  type ListMembersDependencies,
  type UserGroupPage,
} from '../../domain/groups/list-members.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import { noContent } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import type { AuthenticatedRequest, Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { byUserId } from '../users/user-codec.ts';
import { completeMemberListCodecs, groupCodecs, groupMemberCodecs } from './codecs.ts';
import { findGroupId } from './find-group.ts';
import type {
  GroupMemberCodec,
  GroupMemberOperation,
  UpdatableGroupMemberCodec,
} from './member-codec.ts';
import { toUserGroup, userGroupList } from './user-groups.ts';

type Dependencies = MemberDependencies &
  ListMembersDependencies &
  ListPageDependencies & { readonly idPrefix: IdPrefix };

type MemberRequest = AuthenticatedRequest<GroupMemberOperation>;

export const groupMemberHandlers = (deps: Dependencies) => {
  const findGroup = (request: MemberRequest | AuthenticatedRequest<'listAllGroupMembers'>) =>
    findGroupId(groupCodecs[request.dialect], request, deps);
  const getMember = ({ dialect, parameters }: MemberRequest) => {
    const { parseMember, parameter } = groupMemberCodecs[dialect];
    return parseMember(parameters[parameter.name] ?? '');
  };

  const listGroupsOfUser = (
    request: AuthenticatedRequest<'listUserGroups' | 'listOwnGroups'>,
    { user, read }: { user: string; read: (page: PageRequest) => Promise<UserGroupPage> },
  ) => {
    const { dialect, context } = request;
    const query = parseListQuery(userGroupList, request);
    const scope = [context.tenant.tenantId, dialect, ['userGroups', user]] as const;
    const readItems = async (page: PageRequest): Promise<PageItems> => {
      const { groups, next } = await read(page);
      const items = groups.map((each) => ({
        body: toUserGroup(each, deps.idPrefix),
        position: each.groupId,
      }));
      return { items, next };
    };
    return listPage({ codec: userGroupList, query, scope, read: readItems }, deps);
  };

  return {
    listGroupMembers: async (request) => {
      const { dialect, context } = request;
      const { list, toResponse } = groupMemberCodecs[dialect];
      const query = parseListQuery(list, request);
      const kind = list.toKind(query);
      const groupId = await findGroup(request);
      const read = async (page: PageRequest): Promise<PageItems> => {
        const { members, next } = await listMembers({ groupId, kind, ...page }, context, deps);
        const items = members.map((member) => ({
          body: toResponse(member, deps.idPrefix),
          position: member.position,
        }));
        return { items, next };
      };
      const scope = [context.tenant.tenantId, dialect, ['members', groupId, kind]] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    listAllGroupMembers: async (request) => {
      const { kinds, toResponse } = completeMemberListCodecs[request.dialect];
      const groupId = await findGroup(request);
      return { body: toResponse(await listAllMembers({ groupId, kinds }, request.context, deps)) };
    },

    addGroupMembers: async (request) => {
      const { context, dialect } = request;
      const codec: GroupMemberCodec = groupMemberCodecs[dialect];
      const { addInput, toMissingIssue, keepsStatus } = codec;
      const changes = parse(addInput(), request.body);
      const groupId = await findGroup(request);
      const memberships = await changeMembers(
        { groupId, changes, toMissingIssue, keepsStatus },
        context,
        deps,
      );
      if (codec.toAddResponse) return { body: codec.toAddResponse(memberships, deps.idPrefix) };
      const [member] = await loadMembers(memberships, context, deps);
      // The member can be deleted after it was added.
      if (!member) throw memberNotFound();
      return { body: codec.toResponse(member, deps.idPrefix) };
    },

    updateGroupMember: async (request) => {
      const codec: UpdatableGroupMemberCodec = groupMemberCodecs[request.dialect];
      const { updateInput, toMissingIssue } = codec;
      const status = parse(updateInput(), request.body);
      const groupId = await findGroup(request);
      const member = getMember(request);
      const changes = member ? [{ member, status }] : [];
      const memberships = await changeMembers(
        { groupId, changes, toMissingIssue, requiresMembers: true },
        request.context,
        deps,
      );
      if (memberships.length === 0) throw memberNotFound();
      return {
        body: codec.toUpdateResponse?.() ?? codec.toAddResponse(memberships, deps.idPrefix),
      };
    },

    removeGroupMember: async (request) => {
      const groupId = await findGroup(request);
      const member = getMember(request);
      const changes = member ? [{ member, status: undefined }] : [];
      const { toMissingIssue } = groupMemberCodecs[request.dialect];
      await changeMembers(
        { groupId, changes, toMissingIssue, requiresMembers: true },
        request.context,
        deps,
      );
      if (!member) throw memberNotFound();
      return noContent;
    },

    removeGroupMembers: async (request) => {
      const {
        removeInput,
        toMissingIssue,
        removeReply = noContent,
      }: UpdatableGroupMemberCodec = groupMemberCodecs[request.dialect];
      const changes = parse(removeInput(), request.body).map((member) => ({
        member,
        status: undefined,
      }));
      const groupId = await findGroup(request);
      await changeMembers({ groupId, changes, toMissingIssue }, request.context, deps);
      return removeReply;
    },

    listUserGroups: (request) => {
      const { parameters, context } = request;
      const parameter = parameters['userId'] ?? '';
      const ref = byUserId.parseUserRef(parameter);
      return listGroupsOfUser(request, {
        user: parameter,
        read: (page) => listUserGroups({ ref, ...page }, context, deps),
      });
    },

    listOwnGroups: (request) =>
      listGroupsOfUser(request, {
        user: 'me',
        read: (page) => listOwnGroups(page, request.context, deps),
      }),
  } satisfies Operations<RequestContext>;
};
