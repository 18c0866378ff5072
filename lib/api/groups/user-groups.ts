import * as z from 'zod';
import { membershipStatuses } from '../../domain/groups/group.ts';
import type { UserGroupPage } from '../../domain/groups/list-members.ts';
import { formatId, type IdPrefix, idPatterns, toHex } from '../../domain/kernel/ids.ts';
import { responseSchema } from '../codec.ts';
import { nativeList } from '../lists.ts';

const response = responseSchema(() =>
  z
    .strictObject({
      groupId: z.string().regex(idPatterns.group),
      name: z.string(),
      displayName: z.string().nullable(),
      roleIds: z.array(z.string().regex(idPatterns.role)),
      status: z.enum(membershipStatuses).meta({
        description: 'An `admin` can also change the members of the group.',
      }),
      joinedTime: z.iso.datetime().meta({ description: 'Time at which the member was added.' }),
      addedBy: z.string().meta({ description: '`sub` of the token that added the member.' }),
    })
    .meta({ id: 'UserGroup' }),
);

/** Groups of a user in the native API. */
export const userGroupList = nativeList({
  itemsLabel: 'groups',
  field: 'groups',
  item: response,
  id: 'UserGroupList',
});

export const toUserGroup = (
  { group, status, joinedAt, addedBy }: UserGroupPage['groups'][number],
  idPrefix: IdPrefix,
) => ({
  groupId: formatId(idPrefix, 'group', toHex(group.groupId)),
  name: group.name,
  displayName: group.displayName ?? null,
  roleIds: group.roles.map((slug) => formatId(idPrefix, 'role', slug)),
  status,
  joinedTime: joinedAt,
  addedBy,
});
