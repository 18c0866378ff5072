import * as z from 'zod';
import { formatId, idPatterns, parseGroupId, toHex } from '../../domain/kernel/ids.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { roleIds, shortDescription, shortName } from '../fields.ts';
import { nativeList } from '../lists.ts';
import { requestBody, updateBody } from '../request-body.ts';
import { lineText } from '../text.ts';
import { managedBy, toManagedBy } from '../users/fields/managed-by.ts';
import { groupName, withGroupRoleLimit, type GroupCodec } from './group-codec.ts';

const time = () => z.iso.datetime();

const externalId = () =>
  lineText(255).meta({ description: 'ID in another system, unique in the tenant.' });

const groupRoleIds = () =>
  withGroupRoleLimit(roleIds()).meta({
    description:
      'IDs of the roles that every member has. You can include only roles whose permissions you hold.',
  });

const response = responseSchema(() =>
  z
    .strictObject({
      groupId: z.string().regex(idPatterns.group),
      name: z.string(),
      displayName: z.string().nullable(),
      description: z.string().nullable(),
      externalId: z.string().nullable(),
      managedBy: managedBy(),
      roleIds: z.array(z.string().regex(idPatterns.role)),
      version: z.int().meta({ description: 'Version of the group, starting at 1.' }),
      createdTime: time(),
      createdBy: z.string(),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'Group' }),
);

/** Groups in the native API. */
export const nativeGroup: GroupCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        name: groupName(),
        displayName: shortName().optional(),
        description: shortDescription().optional(),
        externalId: externalId().optional(),
        roleIds: groupRoleIds().optional(),
      },
      'GroupCreate',
    ).transform(({ roleIds: roles = [], ...fields }) => ({ ...fields, roles })),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: groupName().optional(),
        displayName: shortName().nullable().optional(),
        description: shortDescription().nullable().optional(),
        externalId: externalId().nullable().optional(),
        roleIds: groupRoleIds().optional(),
      },
      'GroupChange',
    ).transform(({ roleIds: roles, ...fields }) => ({ ...fields, roles })),
  ),

  parameter: {
    name: 'groupId',
    description: 'ID of the group.',
    example: 'cradl:group:5f0c3d1e9a7b4c2d8e6f1a2b3c4d5e6f',
  },
  parseGroupRef: (parameter) => {
    const groupId = parseGroupId(parameter);
    return groupId === undefined ? undefined : { groupId };
  },

  response,
  list: {
    ...nativeList(
      { itemsLabel: 'groups', field: 'groups', item: response, id: 'GroupList' },
      () => ({
        name: z
          .string()
          .max(512)
          .optional()
          .meta({ description: 'Only the group with this name, without regard to case.' }),
        externalId: z
          .string()
          .max(512)
          .optional()
          .meta({ description: 'Only the group with this external ID.' }),
      }),
    ),
    toFilter: (query) => query,
  },

  toResponse: (group, idPrefix) => ({
    headers: { etag: `"${group.version}"` },
    body: {
      groupId: formatId(idPrefix, 'group', toHex(group.groupId)),
      name: group.name,
      displayName: group.displayName ?? null,
      description: group.description ?? null,
      externalId: group.externalId ?? null,
      managedBy: toManagedBy(group.managedBy, idPrefix),
      roleIds: group.roles.map((slug) => formatId(idPrefix, 'role', slug)),
      version: group.version,
      createdTime: group.createdAt,
      createdBy: group.createdBy,
      updatedTime: group.updatedAt ?? null,
      updatedBy: group.updatedBy ?? null,
    },
  }),
  getLocation: ({ groupId }, idPrefix) =>
    `/v1/groups/${formatId(idPrefix, 'group', toHex(groupId))}`,
};
