import { isActivePermission, type Permission, permissions } from '../access/permissions.ts';
import type { Entity } from '../kernel/entity.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json-merge-patch.ts';
import type { Timestamp } from '../kernel/time.ts';

/** A named set of permissions in one tenant. Its wire ID is `<prefix>:role:<slug>`. */
export interface Role {
  readonly slug: Slug;
  /** Display name. Roles from Cradl's API may have none. */
  readonly name?: string | undefined;
  readonly permissions: readonly Permission[];
}

/** A role that a tenant created. */
export interface CustomRole extends Role, Entity {
  readonly tenantId: Uuid;
  readonly description?: string | undefined;
  readonly metadata?: JsonObject | undefined;
  /** Marks a tombstone. A deleted role grants nothing, and its slug is never reused. */
  readonly deletion?: { readonly at: Timestamp; readonly by: string } | undefined;
}

/** Last part of Cradl's role IDs, in lower case. */
export const roleSlugPattern = /^[a-z0-9_-]{1,32}$/;

/**
 * Roles of every tenant. JITSudo's approvers approve outside the directory and can only read here.
 * No built-in role has `invitations:copy`: the holder of a copied link can act as the invited user.
 */
export const builtInRoles: readonly Role[] = [
  {
    slug: 'admin',
    name: 'Admin',
    permissions: permissions.filter((permission) => permission !== 'invitations:copy'),
  },
  { slug: 'approver', name: 'Approver', permissions: ['users:read'] },
  { slug: 'user', name: 'User', permissions: [] },
  {
    slug: 'provisioner',
    name: 'Provisioner',
    permissions: [
      'users:create',
      'users:read',
      'users:update',
      'users:delete',
      'groups:read',
      'groups:write',
    ],
  },
];

/** Role name in tokens of system administrators. No tenant has this role. */
export const systemAdministratorRole = 'system_admin';
/** Slugs with a special meaning in a dialect. */
const reservedSlugs: readonly Slug[] = [systemAdministratorRole, 'owner'];

export const findBuiltInRole = (slug: Slug): Role | undefined =>
  builtInRoles.find((role) => role.slug === slug);

/** True if no tenant can use the slug for a custom role. */
export const isReservedRole = (slug: Slug): boolean =>
  reservedSlugs.includes(slug) || findBuiltInRole(slug) !== undefined;

/** Maximum custom roles of a tenant at a time. Every decision in the tenant reads all of them. */
export const maxRoles = 200;
/** Maximum custom roles of a tenant over time. Deleted roles keep their slugs. */
export const maxRolesEver = 1000;

/**
 * Builds the roles of a tenant by slug: built-in roles, and custom roles without tombstones and
 * ineffective permissions. The role `admin` also has the permissions that the deployment declares.
 */
export function indexRoles(
  custom: readonly (Role & Pick<CustomRole, 'deletion'>)[],
  declared: readonly Permission[],
): ReadonlyMap<Slug, Role> {
  const customRoles = custom
    .filter(({ slug, deletion }) => !reservedSlugs.includes(slug) && deletion === undefined)
    .map((role) => ({ ...role, permissions: selectActivePermissions(role, declared) }));
  const ownRoles = builtInRoles.map((role) =>
    role.slug === 'admin' ? { ...role, permissions: [...role.permissions, ...declared] } : role,
  );
  return new Map([...customRoles, ...ownRoles].map((role) => [role.slug, role]));
}

/** Selects the permissions of a stored role that take effect. */
export const selectActivePermissions = (
  role: Pick<Role, 'permissions'>,
  declared: readonly Permission[],
): readonly Permission[] =>
  role.permissions.filter((permission) => isActivePermission(permission, declared));

/**
 * Collects the permissions of roles, including permissions of Roster that only a newer version
 * knows. Ignores slugs that are not roles of the tenant.
 */
export const collectPermissions = (
  slugs: readonly Slug[],
  roles: ReadonlyMap<Slug, Role>,
): readonly Permission[] =>
  [...new Set(slugs.flatMap((slug) => roles.get(slug)?.permissions ?? []))].toSorted();
