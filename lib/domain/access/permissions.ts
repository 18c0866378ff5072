/** Permissions of Roster, which policies check. */
export const permissions = [
  'users:create',
  'users:read',
  'users:update',
  'users:delete',
  'users:erase',
  'users:verify',
  'invitations:copy',
  'roles:read',
  'roles:write',
  // Cradl's API requires this permission to assign roles.
  'roles:delegate',
  'groups:read',
  'groups:write',
  'appClients:read',
  'appClients:write',
  'tenant:read',
  'tenant:update',
  'events:read',
  'audit:read',
  'webhooks:read',
  'webhooks:write',
  'scim:read',
  'scim:write',
] as const;
export type BuiltInPermission = (typeof permissions)[number];

/** Permission of Roster, or one that the deployment declares for its own services. */
export type Permission = `${string}:${string}`;

/** Resource and action, as in `invoices:approve`. */
export const permissionPattern = /^[a-z][a-zA-Z0-9]*:[a-z][a-zA-Z0-9.]*$/;
export const maxPermissionLength = 64;

/** Maximum permissions of a deployment. Each app client and user can hold all of them. */
export const maxDeclaredPermissions = 200;
/** Maximum length of all declared names together, which limits the length of access tokens. */
export const maxDeclaredLength = 2000;

/** Resources of Roster. A later version may add permissions for them. */
const reservedPattern =
  /^(users|invitations|roles|groups|appClients|tenants?|apiKeys|audit|connections|domains|events|imports|organizations|permissions|roster|scim|sessions|system|tokens|webhooks):/;

/** True if a permission belongs to Roster, including permissions that only a newer version knows. */
export const isReservedPermission = (permission: string): boolean =>
  reservedPattern.test(permission);

/**
 * True if a permission of a role takes effect. A permission that the deployment no longer declares
 * has no effect.
 */
export const isActivePermission = (
  permission: Permission,
  declared: readonly Permission[],
): boolean => isReservedPermission(permission) || declared.includes(permission);

/** Lists required permissions that the caller does not hold. */
export const findMissing = (required: readonly string[], granted: readonly string[]): string[] =>
  [...new Set(required)].filter((permission) => !granted.includes(permission)).toSorted();
