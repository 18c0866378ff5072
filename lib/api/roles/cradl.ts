import * as z from 'zod';
import { formatId, cradlIdPatterns } from '../../domain/kernel/ids.ts';
import { nativeList } from '../lists.ts';
import { updateBody, requestBody } from '../request-body.ts';
import { roleDescription, roleMetadata, roleName, type RoleCodec } from './role-codec.ts';
import { cradlPermissions, permissionsResponse, toCradlPermissions } from './cradl-permissions.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const response = responseSchema(() =>
  z
    .strictObject({
      roleId: z.string().regex(cradlIdPatterns.role),
      name: z.string().nullable(),
      description: z.string().nullable(),
      permissions: permissionsResponse(),
      metadata: z.record(z.string(), z.unknown()),
      createdTime: time().nullable(),
      createdBy: z.string().nullable(),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'CradlRole' }),
);

/**
 * Roles of Cradl, `/roles` (docs.cradl.ai, api-reference/get-roles and delete-roles). Roster
 * generates the IDs.
 */
export const cradlRole: RoleCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        name: roleName().optional(),
        description: roleDescription().optional(),
        permissions: cradlPermissions().optional(),
        metadata: roleMetadata().optional(),
      },
      'CradlRoleCreate',
    ).transform(({ permissions = [], ...rest }) => ({ ...rest, permissions })),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: roleName().nullable().optional(),
        description: roleDescription().nullable().optional(),
        permissions: cradlPermissions().optional(),
        metadata: roleMetadata().nullable().optional(),
      },
      'CradlRoleChange',
    ),
  ),
  replacesMetadata: true,
  keepsDeclaredPermissions: true,

  response,
  list: nativeList({ itemsLabel: 'roles', field: 'roles', item: response, id: 'CradlRoleList' }),

  toResponse: (role, { idPrefix }) => ({
    body: {
      roleId: formatId(idPrefix, 'role', role.slug),
      name: role.name ?? null,
      description: role.description ?? null,
      permissions: toCradlPermissions(role.permissions, idPrefix),
      metadata: role.metadata ?? {},
      createdTime: role.createdAt ?? null,
      createdBy: role.createdBy ?? null,
      updatedTime: role.updatedAt ?? null,
      updatedBy: role.updatedBy ?? null,
    },
  }),
  returnsDeleted: true,
};
