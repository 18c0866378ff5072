/** Permissions that roles grant and policies check. */
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
] as const;
export type Permission = (typeof permissions)[number];

/** Lists required permissions that the caller does not hold. */
export const findMissing = (required: readonly string[], granted: readonly string[]): string[] =>
  [...new Set(required)].filter((permission) => !granted.includes(permission)).toSorted();
