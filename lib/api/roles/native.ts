import * as z from 'zod';
import { formatId, idPatterns, getIdName } from '../../domain/kernel/ids.ts';
import { findBuiltInRole, roleSlugPattern } from '../../domain/roles/role.ts';
import {
  isActivePermission,
  maxDeclaredPermissions,
  maxPermissionLength,
  type Permission,
  permissions,
} from '../../domain/access/permissions.ts';
import { nativeList } from '../lists.ts';
import { updateBody, requestBody } from '../request-body.ts';
import { roleDescription, roleMetadata, roleName, type RoleCodec } from './role-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

const maxPermissions = permissions.length + maxDeclaredPermissions;

/** Permissions of a role. The handler checks that they exist. */
const permissionsField = () =>
  z
    .array(
      z
        .string()
        .max(maxPermissionLength, { abort: true })
        .transform((permission) => permission as Permission)
        .meta({ examples: ['users:read'] }),
    )
    .max(maxPermissions)
    .meta({
      description:
        'Permissions of the role, of those that `GET /v1/permissions` lists. You can include only permissions that you hold.',
    });

const roleId = () =>
  z
    .string()
    .max(64, { abort: true })
    .refine(
      (id) => idPatterns.role.test(id) && roleSlugPattern.test(getIdName(id)),
      'must be a role ID such as cradl:role:auditor, in lower case',
    )
    .meta({
      description:
        'ID of the role, as in access tokens. It cannot be changed. Default: a generated ID.',
      examples: ['cradl:role:auditor'],
    });

const response = responseSchema(() =>
  z
    .strictObject({
      roleId: z.string().regex(idPatterns.role),
      name: z.string().nullable(),
      description: z.string().nullable(),
      permissions: z.array(z.string()).meta({
        description: 'Permissions of the role. Later versions can add values.',
      }),
      undeclaredPermissions: z.array(z.string()).meta({
        description:
          'Permissions of the role that the deployment no longer declares. They have no effect. A change of `permissions` removes them.',
      }),
      metadata: z.record(z.string(), z.unknown()),
      builtIn: z
        .boolean()
        .meta({ description: 'True for a role that every tenant has and that cannot be changed.' }),
      version: z.int().meta({ description: 'Version of the role, starting at 1.' }),
      createdTime: time().nullable().meta({ description: 'Null for a built-in role.' }),
      createdBy: z.string().nullable(),
      updatedTime: time().nullable(),
      updatedBy: z.string().nullable(),
    })
    .meta({ id: 'Role' }),
);

export const nativeRole: RoleCodec = {
  createInput: buildOnce(() =>
    requestBody(
      {
        roleId: roleId().optional(),
        name: roleName(),
        description: roleDescription().optional(),
        permissions: permissionsField(),
        metadata: roleMetadata().optional(),
      },
      'RoleCreate',
    ).transform(({ roleId: id, ...rest }) => ({
      ...rest,
      slug: id === undefined ? undefined : getIdName(id),
    })),
  ),

  updateInput: buildOnce(() =>
    updateBody(
      {
        name: roleName().optional(),
        description: roleDescription().nullable().optional(),
        permissions: permissionsField().optional(),
        metadata: roleMetadata().nullable().optional(),
      },
      'RoleChange',
    ),
  ),

  response,
  list: nativeList({ itemsLabel: 'roles', field: 'roles', item: response, id: 'RoleList' }),

  toResponse: (role, { idPrefix, declaredPermissions }) => ({
    headers: { etag: `"${role.version ?? 1}"` },
    body: {
      roleId: formatId(idPrefix, 'role', role.slug),
      name: role.name ?? null,
      description: role.description ?? null,
      permissions: role.permissions.filter((permission) =>
        isActivePermission(permission, declaredPermissions),
      ),
      undeclaredPermissions: role.permissions.filter(
        (permission) => !isActivePermission(permission, declaredPermissions),
      ),
      metadata: role.metadata ?? {},
      builtIn: findBuiltInRole(role.slug) !== undefined,
      version: role.version ?? 1,
      createdTime: role.createdAt ?? null,
      createdBy: role.createdBy ?? null,
      updatedTime: role.updatedAt ?? null,
      updatedBy: role.updatedBy ?? null,
    },
  }),
  getLocation: ({ slug }, idPrefix) => `/v1/roles/${formatId(idPrefix, 'role', slug)}`,
  returnsDeleted: false,
};
