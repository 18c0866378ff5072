import * as z from 'zod';
import type { UserGroupPage } from '../../domain/groups/list-members.ts';
import { formatId, type IdPrefix, idPatterns, toHex } from '../../domain/kernel/ids.ts';
import { responseSchema } from '../codec.ts';
import { nativeList } from '../lists.ts';
import { membershipStatus } from './member-codec.ts';

const response = responseSchema(() =>
  z
    .strictObject({
      groupId: z.string().regex(idPatterns.group),
      name: z.string(),
      displayName: z.string().nullable(),
      roleIds: z.array(z.string().regex(idPatterns.role)),
      status: membershipStatus(),
      joinedTime: z.iso.datetime(),
      addedBy: z.string(),
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

/** Converts a group of a user to an item of the list. */
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
