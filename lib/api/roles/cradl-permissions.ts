import * as z from 'zod';
import { type IdPrefix, formatId } from '../../domain/kernel/ids.ts';
import type { BuiltInPermission, Permission } from '../../domain/access/permissions.ts';

/** Permission of Cradl, with the permissions of Roster that it stands for. */
interface PermissionMapping {
  readonly resource: string;
  readonly action: 'read' | 'write' | 'delegate';
  readonly permissions: readonly BuiltInPermission[];
}

/**
 * Mapping in both directions. If an action maps to several permissions, each also has a resource of
 * its own. The action `*` includes all actions of its resource.
 */
// biome-ignore format: one row per line.
const mappings: readonly PermissionMapping[] = [
  { resource: 'user:*',         action: 'read',     permissions: ['users:read'] },
  { resource: 'user:*',         action: 'write',    permissions: ['users:create', 'users:update', 'users:delete'] },
  { resource: 'user:*:create',  action: 'write',    permissions: ['users:create'] },
  { resource: 'user:*:update',  action: 'write',    permissions: ['users:update'] },
  { resource: 'user:*:delete',  action: 'write',    permissions: ['users:delete'] },
  { resource: 'user:*:erase',   action: 'write',    permissions: ['users:erase'] },
  { resource: 'user:*:verify',  action: 'write',    permissions: ['users:verify'] },
  { resource: 'invitation:*',   action: 'write',    permissions: ['invitations:copy'] },
  { resource: 'role:*',         action: 'read',     permissions: ['roles:read'] },
  { resource: 'role:*',         action: 'write',    permissions: ['roles:write'] },
  { resource: 'role:*',         action: 'delegate', permissions: ['roles:delegate'] },
  { resource: 'group:*',        action: 'read',     permissions: ['groups:read'] },
  { resource: 'group:*',        action: 'write',    permissions: ['groups:write'] },
  { resource: 'app-client:*',   action: 'read',     permissions: ['appClients:read'] },
  { resource: 'app-client:*',   action: 'write',    permissions: ['appClients:write'] },
  { resource: 'organization:*', action: 'read',     permissions: ['tenant:read'] },
  { resource: 'organization:*', action: 'write',    permissions: ['tenant:update'] },
  { resource: 'event:*',        action: 'read',     permissions: ['events:read'] },
  { resource: 'audit-log:*',    action: 'read',     permissions: ['audit:read'] },
  { resource: 'webhook:*',      action: 'read',     permissions: ['webhooks:read'] },
  { resource: 'webhook:*',      action: 'write',    permissions: ['webhooks:write'] },
  { resource: 'connection:*',   action: 'read',     permissions: ['scim:read'] },
  { resource: 'connection:*',   action: 'write',    permissions: ['scim:write'] },
];
const resources = [...new Set(mappings.map(({ resource }) => resource))];

const resourcePattern = /^(?:cradl|las):(.+)$/;
const mapPermissions = (resourceId: string, action: string): readonly Permission[] => {
  const resource = resourcePattern.exec(resourceId)?.[1];
  return mappings
    .filter(
      (mapping) => mapping.resource === resource && (action === '*' || mapping.action === action),
    )
    .flatMap(({ permissions }) => permissions);
};

const permission = () =>
  z
    .strictObject({
      resourceId: z
        .string()
        .min(1, { abort: true })
        .max(64, { abort: true })
        .refine((id) => resources.includes(resourcePattern.exec(id)?.[1] ?? ''), {
          error: `must be one of ${resources.map((resource) => `cradl:${resource}`).join(', ')}`,
          abort: true,
        })
        .meta({ examples: ['cradl:user:*'] }),
      effect: z.literal('allow', { error: 'must be allow' }),
      action: z.enum(['read', 'write', 'delegate', '*']),
    })
    .refine(({ resourceId, action }) => mapPermissions(resourceId, action).length > 0, {
      path: ['action'],
      error: 'must be an action of this resource',
    });

/** Cradl's permission objects, converted to permissions. Unknown ones are rejected. */
export const cradlPermissions = () =>
  z
    .array(permission())
    .max(100)
    .transform((objects): readonly Permission[] =>
      objects.flatMap(({ resourceId, action }) => mapPermissions(resourceId, action)),
    );

export const permissionsResponse = () =>
  z.array(
    z.strictObject({
      resourceId: z.string().min(1),
      effect: z.enum(['allow', 'deny']),
      action: z.enum(['read', 'write', 'delegate', '*']),
    }),
  );

/**
 * Converts permissions to the fewest objects of Cradl, in the order of the table. Permissions of a
 * newer version are omitted.
 */
export function toCradlPermissions(
  permissions: readonly Permission[],
  prefix: IdPrefix,
): z.infer<ReturnType<typeof permissionsResponse>> {
  const coveredPermissions = new Set<Permission>();
  return mappings.flatMap(({ resource, action, permissions: mapped }) => {
    const isHeld = mapped.every((permission) => permissions.includes(permission));
    if (!isHeld || mapped.every((permission) => coveredPermissions.has(permission))) return [];
    for (const permission of mapped) coveredPermissions.add(permission);
    const [kind = '', ...rest] = resource.split(':');
    return [
      {
        resourceId: formatId(prefix, kind as 'user', rest.join(':')),
        effect: 'allow' as const,
        action,
      },
    ];
  });
}
