import type { Entity, EntityChange } from '../access/change-entity.ts';
import type { JsonObject } from '../users/user.ts';

/** What a role allows, as the policies see it. */
export const permissions = [
  'users:create',
  'users:read',
  'users:update',
  'users:delete',
  'users:erase',
  'invitations:copy',
  'roles:read',
  'roles:write',
  // Handing out roles in Cradl's API, which asks for it besides (`delegate`).
  'roles:delegate',
  'appClients:read',
  'appClients:write',
  'tenant:read',
  'tenant:update',
] as const;
export type Permission = (typeof permissions)[number];

/** A named set of permissions within one tenant. Its id on the wire is `cradl:role:<slug>`. */
export interface Role {
  readonly slug: string;
  /** For people; a role that came through Cradl's API may have none. */
  readonly name?: string | undefined;
  readonly permissions: readonly Permission[];
}

/** A role that a tenant has made. */
export interface CustomRole extends Role, Entity {
  /** Lower-case UUID. */
  readonly tenantId: string;
  readonly description?: string | undefined;
  readonly metadata?: JsonObject | undefined;
  /** A tombstone: the role counts for nothing any more, and keeps its slug from ever meaning something else. */
  readonly deletion?: { readonly at: string; readonly by: string } | undefined;
}

/** The custom roles of tenants. Every read is strongly consistent, and finds tombstones too. */
export interface RoleStore {
  get(tenantId: string, slug: string): Promise<CustomRole | undefined>;
  /** All that the tenant has ever made, in the order of their slugs. */
  list(tenantId: string): Promise<readonly CustomRole[]>;
  /** `full` where the tenant cannot have one more. Throws `unavailable`. */
  write(change: EntityChange<CustomRole>): Promise<'written' | 'stale' | 'full'>;
}

/** What role slugs look like: the last part of Cradl's role ids, in lower case. */
export const slugPattern = /^[a-z0-9_-]{1,32}$/;

/**
 * The roles that every tenant has. What JITSudo's approvers approve lies outside the directory: here they may look. Nobody
 * is born with `invitations:copy`: whoever holds the link of somebody else's invitation can be that person.
 */
export const builtInRoles: readonly Role[] = [
  {
    slug: 'admin',
    name: 'Admin',
    permissions: permissions.filter((permission) => permission !== 'invitations:copy'),
  },
  { slug: 'approver', name: 'Approver', permissions: ['users:read'] },
  { slug: 'user', name: 'User', permissions: [] },
];

/** Stands above tenants: a token can name it, and no tenant has it. */
export const systemAdministratorRole = 'system_admin';
/** Names that stand for something else, and for no role of any tenant. */
const reservedSlugs: readonly string[] = [systemAdministratorRole, 'owner'];

export const findBuiltInRole = (slug: string): Role | undefined =>
  builtInRoles.find((role) => role.slug === slug);

/** Whether no tenant can use a slug for a role of its own. */
export const isReservedRole = (slug: string): boolean =>
  reservedSlugs.includes(slug) || findBuiltInRole(slug) !== undefined;

/**
 * Limits on the custom roles of a tenant, at a time and over time: deleted roles keep their slugs, and every decision in the
 * tenant reads all of its roles.
 */
export const maxRoles = 200;
export const maxRolesEver = 1000;

/** The roles of a tenant by slug: its own but for those that were deleted, and the built-in ones, which nothing replaces. */
export const indexRoles = (
  custom: readonly (Role & Pick<CustomRole, 'deletion'>)[],
): ReadonlyMap<string, Role> =>
  new Map(
    [
      ...custom.filter(
        ({ slug, deletion: deleted }) => !reservedSlugs.includes(slug) && deleted === undefined,
      ),
      ...builtInRoles,
    ].map((role) => [role.slug, role]),
  );

/**
 * Every permission that the named roles carry together, those included that only a newer version knows; a name that is no
 * role of the tenant counts for nothing.
 */
export const collectPermissions = (
  slugs: readonly string[],
  roles: ReadonlyMap<string, Role>,
): readonly Permission[] =>
  [...new Set(slugs.flatMap((slug) => roles.get(slug)?.permissions ?? []))].toSorted();
