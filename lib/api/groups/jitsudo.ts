import * as z from 'zod';
import { uuidPattern } from '../../domain/kernel/ids.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { roleNames, shortDescription } from '../fields.ts';
import { jitsudoList } from '../lists.ts';
import { requestBody, updateBody } from '../request-body.ts';
import { groupName, withGroupRoleLimit, type GroupCodec } from './group-codec.ts';

const time = () => z.iso.datetime();

const roles = () =>
  withGroupRoleLimit(roleNames()).meta({
    description:
      'Names of the roles that every member has. You can include only roles whose permissions you hold.',
  });

const response = responseSchema(() =>
  z
    .strictObject({
      id: z.guid(),
      name: z.string(),
      description: z.string().nullable(),
      roles: z.array(z.string()),
      created_at: time(),
      updated_at: time(),
    })
    .meta({ id: 'JitsudoGroup' }),
);

/**
 * Groups of JITSudo, `/v1/groups`. Its documentation covers members and the deletion (jitsudo-docs,
 * operations addGroupMember, listGroupMembers and deleteGroup). The fields of a group follow those
 * of its other resources.
 */
export const jitsudoGroup: GroupCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        name: groupName(),
        description: shortDescription().optional(),
        roles: roles().optional(),
      },
      'JitsudoGroupCreate',
    ).transform(({ roles: names = [], ...fields }) => ({ ...fields, roles: names })),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: groupName().optional(),
        description: shortDescription().nullable().optional(),
        roles: roles().optional(),
      },
      'JitsudoGroupChange',
    ),
  ),

  parameter: {
    name: 'id',
    description: 'ID of the group.',
    example: '5f0c3d1e-9a7b-4c2d-8e6f-1a2b3c4d5e6f',
  },
  parseGroupRef: (id) => (uuidPattern.test(id) ? { groupId: id.toLowerCase() } : undefined),

  response,
  list: {
    ...jitsudoList({ itemsLabel: 'groups', item: response, id: 'JitsudoGroupList' }),
    toFilter: () => ({}),
  },

  toResponse: (group) => ({
    body: {
      id: group.groupId,
      name: group.name,
      description: group.description ?? null,
      roles: group.roles,
      created_at: group.createdAt,
      updated_at: group.updatedAt ?? group.createdAt,
    },
  }),
};
