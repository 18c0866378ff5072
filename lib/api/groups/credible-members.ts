import * as z from 'zod';
import type { Member } from '../../domain/groups/list-members.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { requestBody } from '../request-body.ts';
import {
  type CompleteMemberListCodec,
  memberList,
  membershipStatus,
  type UpdatableGroupMemberCodec,
} from './member-codec.ts';
import { parseUserGroupId, userGroupIdField } from './user-group-id.ts';
import { getAccountName } from '../../domain/users/user.ts';

const addInput = buildOnce(() =>
  requestBody(
    {
      members: memberList(
        requestBody({
          userGroupId: userGroupIdField(),
          status: membershipStatus().default('member'),
        }),
        ({ userGroupId }) => userGroupId.kind,
      ),
    },
    'CredibleMembersAdd',
  ).transform((body) =>
    body.members.map(({ userGroupId: member, ...entry }) => ({ member, status: entry.status })),
  ),
);

const removeInput = buildOnce(() =>
  requestBody(
    {
      members: memberList(
        requestBody({
          userGroupId: userGroupIdField(),
          status: membershipStatus().optional().meta({ description: 'Has no effect.' }),
        }),
        ({ userGroupId }) => userGroupId.kind,
      ),
    },
    'CredibleMembersRemove',
  ).transform((body) => body.members.map(({ userGroupId }) => userGroupId)),
);

const changed = responseSchema(() =>
  z
    .strictObject({
      code: z.literal('ok').meta({ description: 'Always `ok`.' }),
      message: z.string(),
    })
    .meta({ id: 'CredibleMembersChanged' }),
);

const response = responseSchema(() =>
  z
    .strictObject({
      userGroupId: z.string().meta({ description: '`user:<email>` or `group:<name>`.' }),
      status: membershipStatus(),
    })
    .meta({ id: 'CredibleGroupMember' }),
);

/** Throws for an app client, because the list and the input name users and groups. */
function toResponse(member: Member) {
  if ('appClient' in member) throw new Error('A member in Credible is a user or group');
  const userGroupId =
    'user' in member ? `user:${getAccountName(member.user)}` : `group:${member.group.name}`;
  return { userGroupId, status: member.status };
}

const succeed = (message: string) => ({ code: 'ok', message });

/** Members of Credible's groups, `…/groups/{groupName}/members` (admin API). */
export const credibleGroupMember: UpdatableGroupMemberCodec = {
  parameter: {
    name: 'memberName',
    description: 'Email of a user or name of a nested group, also with `user:` or `group:`.',
    example: 'jsmith@example.com',
  },
  parseMember: (name) =>
    parseUserGroupId(name) ?? parseUserGroupId(`${name.includes('@') ? 'user' : 'group'}:${name}`),

  addInput,
  removeInput,
  updateInput: buildOnce(() =>
    requestBody({ status: membershipStatus() }, 'CredibleMemberChange').transform(
      (body) => body.status,
    ),
  ),
  toMissingIssue: (index) => ({
    path: `members.${index}.userGroupId`,
    message: 'must be a user or group of this organization',
  }),

  response,
  toResponse,
  addResponse: changed,
  toAddResponse: () => succeed('Members added'),
  toUpdateResponse: () => succeed('Member updated'),
  removeReply: { body: succeed('Members removed') },
};

/** All users and nested groups of a group. Credible has no app clients as members. */
export const credibleMemberList: CompleteMemberListCodec = {
  kinds: ['group', 'user'],
  response: responseSchema(() =>
    z.strictObject({ members: z.array(response()) }).meta({ id: 'CredibleMemberList' }),
  ),
  toResponse: (list) => ({
    members: list.map(toResponse).toSorted((a, b) => (a.userGroupId < b.userGroupId ? -1 : 1)),
  }),
};
