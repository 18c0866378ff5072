/** What a role allows, as the policies see it. */
export const permissions = [
  'users:create',
  'users:read',
  'users:update',
  'users:delete',
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
  readonly name: string;
  readonly permissions: readonly Permission[];
}

/**
 * The roles that every tenant has. What JITSudo's approvers approve lies outside the directory: here they may look. Nobody
 * is born with `invitations:copy`: whoever holds the link of somebody else's invitation can be that person.
 */
const builtInRoles: readonly Role[] = [
  { slug: 'admin', name: 'Admin', permissions: permissions.filter((permission) => permission !== 'invitations:copy') },
  { slug: 'approver', name: 'Approver', permissions: ['users:read'] },
  { slug: 'user', name: 'User', permissions: [] },
];

/** Stands above tenants: a token can name it, and no tenant has it. */
export const systemAdministratorRole = 'system_admin';
/** Names that no tenant can use for a role of its own. */
const reserved: readonly string[] = [systemAdministratorRole, 'owner'];

/** The roles of a tenant by slug: its own, and the built-in ones, which nothing replaces. */
export const rolesBySlug = (custom: readonly Role[]): ReadonlyMap<string, Role> =>
  new Map([...custom.filter(({ slug }) => !reserved.includes(slug)), ...builtInRoles].map((role) => [role.slug, role]));

/**
 * Every permission that the named roles carry together, those included that only a newer version knows; a name that is no
 * role of the tenant counts for nothing.
 */
export const permissionsOf = (slugs: readonly string[], roles: ReadonlyMap<string, Role>): readonly Permission[] =>
  [...new Set(slugs.flatMap((slug) => roles.get(slug)?.permissions ?? []))].toSorted();
