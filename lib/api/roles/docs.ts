import { exampleCreatedTime, exampleUpdatedTime, versionErrors } from '../doc-parts.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import { cradlRole } from './cradl.ts';
import { permissionListCodecs } from './codecs.ts';
import { nativeRole } from './native.ts';
import { type RoleOperation, rolePathParameter, type RoleCodec } from './role-codec.ts';

interface Dialect {
  readonly codec: RoleCodec;
  /** Request body of a create. */
  readonly create: object;
  readonly role: object;
  /** Fields that every update changes. */
  readonly change: object;
}

const roleId = rolePathParameter.example;
const texts = {
  name: 'Auditor',
  description: 'Reads all users and roles.',
  metadata: { costCenter: 4711 },
};
const created = {
  roleId,
  ...texts,
  createdTime: exampleCreatedTime,
  createdBy: 'admin',
  updatedTime: null,
  updatedBy: null,
};
const updated = { updatedTime: exampleUpdatedTime, updatedBy: 'admin' };
const cradlPermissions = [
  { resourceId: 'cradl:user:*', effect: 'allow', action: 'read' },
  { resourceId: 'cradl:role:*', effect: 'allow', action: 'read' },
];

const dialects: Readonly<Record<'native' | 'cradl', Dialect>> = {
  native: {
    codec: nativeRole,
    create: { roleId, ...texts, permissions: ['users:read', 'roles:read'] },
    role: {
      ...created,
      permissions: ['roles:read', 'users:read'],
      undeclaredPermissions: [],
      builtIn: false,
      version: 1,
    },
    change: { version: 2, ...updated },
  },
  cradl: {
    codec: cradlRole,
    create: { ...texts, permissions: cradlPermissions },
    role: {
      ...created,
      permissions: cradlPermissions,
    },
    change: updated,
  },
};

const describe =
  (content: (dialect: Dialect) => OperationContent) =>
  (name: 'native' | 'cradl'): OperationContent => ({
    parameter: rolePathParameter,
    hasEtag: name === 'native',
    ...content(dialects[name]),
  });

const writeErrors = { ...versionErrors('role'), role_built_in: {}, owner_protected: {} };

/** OpenAPI texts of roles. */
export const roleDoc: ResourceDoc<RoleOperation | 'listPermissions'> = {
  name: 'Roles',
  description: 'Named sets of permissions: the built-in roles and the custom roles of a tenant.',
  operations: {
    createRole: {
      summary: 'Create a role',
      description:
        'Creates a custom role of the tenant. Requires the permission `roles:write`. You can include only permissions that you hold. The permissions `resource:action` that the deployment declares have no effect in Roster. Access tokens list them for your own services. A tenant can have 200 custom roles at a time, and 1,000 over time including deleted ones, because a role ID is never reused.',
      dialectNotes: {
        cradl: `The role ID is generated. Permissions have the effect \`allow\`; resources and actions without a meaning in Roster are 400.

| resource | \`read\` | \`write\` | \`delegate\` |
|---|---|---|---|
| \`cradl:user:*\` | \`users:read\` | \`users:create\`, \`users:update\`, \`users:delete\` | |
| \`cradl:user:*:create\` | | \`users:create\` | |
| \`cradl:user:*:update\` | | \`users:update\` | |
| \`cradl:user:*:delete\` | | \`users:delete\` | |
| \`cradl:user:*:erase\` | | \`users:erase\` | |
| \`cradl:user:*:verify\` | | \`users:verify\` | |
| \`cradl:invitation:*\` | | \`invitations:copy\` | |
| \`cradl:role:*\` | \`roles:read\` | \`roles:write\` | \`roles:delegate\` |
| \`cradl:group:*\` | \`groups:read\` | \`groups:write\` | |
| \`cradl:app-client:*\` | \`appClients:read\` | \`appClients:write\` | |
| \`cradl:organization:*\` | \`tenant:read\` | \`tenant:update\` | |
| \`cradl:event:*\` | \`events:read\` | | |
| \`cradl:audit-log:*\` | \`audit:read\` | | |
| \`cradl:webhook:*\` | \`webhooks:read\` | \`webhooks:write\` | |
| \`cradl:connection:*\` | \`scim:read\` | \`scim:write\` | |

The action \`*\` means all actions of its resource.`,
      },
      errors: { role_exists: {}, role_limit_reached: {} },
      content: describe(({ codec, create, role }) => ({
        request: { schema: codec.createInput(), example: create },
        response: { schema: codec.response(), example: role },
        responseDescription: 'The created role.',
        ...(codec.getLocation && { location: `/v1/roles/${roleId}` }),
      })),
    },
    listRoles: {
      summary: 'List roles',
      description:
        'Returns the built-in and custom roles of the tenant in the order of their IDs, one page at a time. `nextToken` requests the next page and is valid for 30 days. Requires the permission `roles:read`.',
      content: describe(({ codec: { list }, role }) => ({
        query: list.query(),
        response: { schema: list.response(), example: list.toResponse([role], undefined) },
        responseDescription: 'A page of roles.',
        hasEtag: false,
      })),
    },
    getRole: {
      summary: 'Get a role',
      description: 'Returns a built-in or custom role. Requires the permission `roles:read`.',
      content: describe(({ codec, role }) => ({
        response: { schema: codec.response(), example: role },
        responseDescription: 'The role.',
      })),
    },
    listPermissions: {
      summary: 'List permissions',
      description:
        'Returns the permissions that roles can have, in the order of their names: those of Roster, and those that the deployment declares for its own services. Requires the permission `roles:read`.',
      content: (dialect) => {
        const { response, toResponse } = permissionListCodecs[dialect];
        const { body } = toResponse(['invoices:approve']);
        return {
          response: { schema: response(), example: body as object },
          responseDescription: 'The permissions.',
        };
      },
    },
    updateRole: {
      summary: 'Update a role',
      description:
        'Changes only the fields in the body, for all holders of the role, within 30 seconds. Null or blank text removes a value. Requires the permission `roles:write` and all permissions that the role has and gets, because an update grants them to all holders. The owner of the tenant must keep their permissions. Built-in roles cannot be updated: 409.',
      dialectNotes: {
        native: 'Merges `metadata` (RFC 7396).',
        cradl: 'Replaces `metadata`. A role keeps its permissions that Cradl does not have.',
      },
      errors: writeErrors,
      content: describe(({ codec, role, change }) => {
        const update = { name: 'Inspector' };
        return {
          request: { schema: codec.updateInput(), example: update },
          response: { schema: codec.response(), example: { ...role, ...change, ...update } },
          responseDescription: 'The updated role.',
          acceptsIfMatch: true,
        };
      }),
    },
    deleteRole: {
      summary: 'Delete a role',
      description:
        'Deletes a custom role. Within 30 seconds it has no effect for users, app clients, tokens and invitations that still name it. Its ID is never reused. Requires the permission `roles:write` and all permissions of the role. Built-in roles cannot be deleted: 409.',
      dialectNotes: { cradl: 'Returns the deleted role.' },
      errors: writeErrors,
      content: describe(({ codec, role }) => ({
        ...(codec.returnsDeleted && { response: { schema: codec.response(), example: role } }),
        responseDescription: codec.returnsDeleted ? 'The deleted role.' : 'No content.',
        acceptsIfMatch: true,
        hasEtag: false,
      })),
    },
  },
};
