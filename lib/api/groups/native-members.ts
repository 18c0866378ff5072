import * as z from 'zod';
import {
  maxMemberChanges,
  type Membership,
  type MembershipStatus,
  type MemberRef,
} from '../../domain/groups/group.ts';
import type { Member } from '../../domain/groups/list-members.ts';
import {
  formatId,
  getIdName,
  type IdPrefix,
  idPatterns,
  parseGroupId,
  parseUserId,
  toHex,
} from '../../domain/kernel/ids.ts';
import { formatDisplayName } from '../../domain/users/user.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { nativeList } from '../lists.ts';
import { requestBody, updateBody } from '../request-body.ts';
import {
  type ListedGroupMemberCodec,
  memberList,
  membershipStatus,
  type UpdatableGroupMemberCodec,
} from './member-codec.ts';

const memberIdPattern = new RegExp(
  [idPatterns.user, idPatterns['app-client'], idPatterns.group]
    .map(({ source }) => source)
    .join('|'),
);

/** Parses the ID of a user, app client or group. */
function parseMember(memberId: string): MemberRef | undefined {
  const [userId, groupId] = [parseUserId(memberId), parseGroupId(memberId)];
  if (userId !== undefined) return { kind: 'user', id: userId };
  if (groupId !== undefined) return { kind: 'group', id: groupId };
  return idPatterns['app-client'].test(memberId) && memberId.length <= 128
    ? { kind: 'appClient', id: getIdName(memberId) }
    : undefined;
}

const idKinds = { user: 'user', appClient: 'app-client', group: 'group' } as const;

const formatMemberId = ({ kind, id }: MemberRef, idPrefix: IdPrefix): string =>
  formatId(idPrefix, idKinds[kind], kind === 'appClient' ? id : toHex(id));

const memberIdMessage = 'must be the ID of a user, app client or group';

const memberId = () =>
  z
    .string()
    .max(128, { abort: true })
    .refine((id) => parseMember(id) !== undefined, memberIdMessage)
    .meta({
      description: 'ID of a user, app client or group.',
      examples: ['cradl:user:d7a0c1b2e3f44a5b8c6d7e8f9a0b1c2d'],
    });

const isUnique = (ids: readonly string[]): boolean => {
  const members = ids.map(parseMember).map((member) => `${member?.kind} ${member?.id}`);
  return new Set(members).size === members.length;
};

const repeatedMember = 'must name each member once';

const memberType = () => z.enum(['user', 'appClient', 'group']);

const membershipFields = () => ({
  memberId: z.string().regex(memberIdPattern),
  type: memberType().meta({ description: 'Type of the member.' }),
  status: membershipStatus(),
  joinedTime: z.iso.datetime(),
  addedBy: z.string(),
});

const membership = responseSchema(() =>
  z.strictObject(membershipFields()).meta({ id: 'GroupMembership' }),
);

const response = responseSchema(() =>
  z
    .strictObject({
      ...membershipFields(),
      name: z.string().nullable(),
      email: z.string().nullable().meta({ description: 'Email of a user, otherwise null.' }),
      active: z
        .boolean()
        .meta({ description: 'False for a user who is suspended or has not accepted yet.' }),
    })
    .meta({ id: 'GroupMember' }),
);

const toMembership = (
  { member, status: memberStatus, joinedAt, addedBy }: Membership,
  idPrefix: IdPrefix,
) => ({
  memberId: formatMemberId(member, idPrefix),
  type: member.kind,
  status: memberStatus,
  joinedTime: joinedAt,
  addedBy,
});

/** Fields of the user, app client or group itself. */
function toMemberFields(member: Member) {
  if ('user' in member) {
    const { user } = member;
    const name = user.name ?? formatDisplayName(user);
    return { name, email: user.email ?? null, active: user.status === 'active' };
  }
  const { name, displayName } =
    'group' in member ? member.group : { name: member.appClient.name, displayName: undefined };
  return { name: displayName ?? name ?? null, email: null, active: true };
}

/** Members of groups in the native API. */
export const nativeGroupMember: ListedGroupMemberCodec & UpdatableGroupMemberCodec = {
  parameter: {
    name: 'memberId',
    description: 'ID of a user, app client or group.',
    example: 'cradl:user:d7a0c1b2e3f44a5b8c6d7e8f9a0b1c2d',
  },
  parseMember,

  addInput: buildOnce(() =>
    requestBody(
      {
        members: memberList(
          requestBody({
            memberId: memberId(),
            status: membershipStatus().default('member'),
          }),
          (entry) => parseMember(entry.memberId)?.kind,
          maxMemberChanges,
        ).refine((entries) => isUnique(entries.map((entry) => entry.memberId)), repeatedMember),
      },
      'GroupMembersAdd',
    ).transform((body) =>
      body.members.map((entry) => ({
        member: parseMember(entry.memberId) as MemberRef,
        status: entry.status,
      })),
    ),
  ),
  removeInput: buildOnce(() =>
    requestBody(
      {
        memberIds: memberList(memberId(), (id) => parseMember(id)?.kind, maxMemberChanges).refine(
          isUnique,
          repeatedMember,
        ),
      },
      'GroupMembersRemove',
    ).transform(({ memberIds }) => memberIds.map((id) => parseMember(id) as MemberRef)),
  ),
  updateInput: buildOnce(() =>
    updateBody({ status: membershipStatus().optional() }, 'GroupMemberChange').transform(
      (body) => body.status as MembershipStatus,
    ),
  ),
  toMissingIssue: (index) => ({
    path: `members.${index}.memberId`,
    message: 'must be the ID of a user, app client or group of this tenant',
  }),

  list: {
    ...nativeList(
      { itemsLabel: 'members', field: 'members', item: response, id: 'GroupMemberList' },
      () => ({
        type: memberType().optional().meta({ description: 'Only members of this type.' }),
      }),
    ),
    toKind: ({ type }) => type as MemberRef['kind'] | undefined,
  },
  response,
  toResponse: (member, idPrefix) => ({
    ...toMembership(member, idPrefix),
    ...toMemberFields(member),
  }),

  addResponse: responseSchema(() =>
    z.strictObject({ members: z.array(membership()) }).meta({ id: 'GroupMembersAdded' }),
  ),
  toAddResponse: (memberships, idPrefix) => ({
    members: memberships.map((each) => toMembership(each, idPrefix)),
  }),
};
