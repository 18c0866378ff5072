import type { RequestContext } from '../access/request-context.ts';
import type { Slug } from '../kernel/ids.ts';
import { selectEffectiveRoles } from './effective-roles.ts';
import type { Role } from './role.ts';

/** Levels of users and groups in an organization of Credible, highest first. */
export const levels = ['admin', 'modeler', 'member'] as const;
export type Level = (typeof levels)[number];

/** Role of every tenant that is created as an organization of Credible. */
export const modelerRole: Role = {
  slug: 'modeler',
  name: 'Modeler',
  permissions: ['groups:read', 'users:read'],
};

/** Role that a level stands for. */
export const roleByLevel = {
  admin: 'admin',
  modeler: modelerRole.slug,
  member: 'user',
} as const satisfies Readonly<Record<Level, Slug>>;

/** Finds the highest level among roles. */
export const findLevel = (roles: readonly Slug[]): Level | undefined =>
  levels.find((level) => roles.includes(roleByLevel[level]));

/** Replaces the roles of all levels by that of one. Undefined removes them. */
export function replaceLevel(roles: readonly Slug[], level: Level | undefined): readonly Slug[] {
  const levelRoles: readonly Slug[] = Object.values(roleByLevel);
  const otherRoles = roles.filter((slug) => !levelRoles.includes(slug));
  return level === undefined ? otherRoles : [...otherRoles, roleByLevel[level]];
}

/**
 * Finds the caller's level in their home tenant. Roles beyond the limit of the credential in use
 * give no level.
 */
export function findCallerLevel(context: RequestContext): Level | undefined {
  const { principal, tenant } = context;
  if (principal.tenantId !== tenant.tenantId) return undefined;
  return findLevel(selectEffectiveRoles(context));
}
