import * as z from 'zod';
import type { Member } from '../../domain/groups/list-members.ts';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import { formatDisplayName, getAccountName } from '../../domain/users/user.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { jitsudoList } from '../lists.ts';
import { requestBody } from '../request-body.ts';
import type { ListedGroupMemberCodec } from './member-codec.ts';

const response = responseSchema(() =>
  z
    .strictObject({
      id: z.guid().meta({ description: 'ID of the user.' }),
      email: z.string(),
      name: z.string(),
      active: z
        .boolean()
        .meta({ description: 'False for a user who is suspended or has not accepted yet.' }),
      membership_source: z
        .literal('local')
        .meta({ description: 'System that added the member, which is this directory.' }),
      joined_at: z.iso.datetime().meta({ description: 'Time at which the member was added.' }),
    })
    .meta({ id: 'JitsudoGroupMember' }),
);

/** Throws for other members, because the list and the input name only users. */
function toResponse(member: Member): object {
  if (!('user' in member)) throw new Error('A member in JITSudo is a user');
  const { user, joinedAt } = member;
  return {
    id: user.userId,
    email: getAccountName(user),
    name: user.name ?? formatDisplayName(user) ?? getAccountName(user),
    active: user.status === 'active',
    membership_source: 'local',
    joined_at: joinedAt,
  };
}

/**
 * Members of groups in JITSudo, `/v1/groups/{id}/members` (jitsudo-docs, operations addGroupMember
 * and listGroupMembers). They are users without a status.
 */
export const jitsudoGroupMember: ListedGroupMemberCodec = {
  parameter: {
    name: 'memberId',
    description: 'ID of the user.',
    example: '01234567-89ab-4def-8123-456789abcdef',
  },
  parseMember: (id) => (uuidPattern.test(id) ? { kind: 'user', id: id.toLowerCase() } : undefined),

  addInput: buildOnce(() =>
    requestBody(
      {
        user_id: z
          .string()
          .max(36, { abort: true })
          .regex(uuidPattern, 'must be the ID of a user')
          .meta({ description: 'ID of the user.', format: 'uuid' }),
      },
      'JitsudoGroupMemberAdd',
    ).transform(({ user_id: id }) => [
      { member: { kind: 'user' as const, id: id.toLowerCase() }, status: 'member' as const },
    ]),
  ),
  keepsStatus: true,
  toMissingIssue: () => ({ path: 'user_id', message: 'must be the ID of a user of this tenant' }),

  list: {
    ...jitsudoList({ itemsLabel: 'members', item: response, id: 'JitsudoGroupMemberList' }),
    toKind: () => 'user',
  },
  response,
  toResponse,
  addResponse: response,
};
