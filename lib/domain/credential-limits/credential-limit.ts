import type { RequestContext } from '../access/request-context.ts';
import type { Permission } from '../roles/role.ts';

/** Upper bound for the permissions that a credential can carry, because another principal set the credential. */
export interface CredentialLimit {
  /** Effective permissions of the principal at that moment, sorted, separated by spaces. */
  readonly permissions: string;
  /** The `sub` of the principal. */
  readonly setBy: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly setAt: string;
}

/** Credentials of a user that can have a limit. */
export type CredentialKind = 'password' | 'email' | 'identity';

/** Limits of a user's credentials. A credential without an entry is the account holder's own. */
export type CredentialLimits = { readonly [Kind in CredentialKind]?: CredentialLimit | undefined };

/** Builds the limit of a credential that the caller sets for another user. System administrators leave no limit. */
export function buildCredentialLimit(
  { principal }: RequestContext,
  now: Date,
): CredentialLimit | undefined {
  if (principal.systemAdministrator) return undefined;
  return {
    permissions: principal.permissions.toSorted().join(' '),
    setBy: principal.subject,
    setAt: now.toISOString(),
  };
}

/** Removes the permissions that exceed a limit. */
export function limitPermissions(
  permissions: readonly Permission[],
  limit: CredentialLimit | undefined,
): readonly Permission[] {
  if (limit === undefined) return permissions;
  const allowed = new Set(limit.permissions.split(' '));
  return permissions.filter((permission) => allowed.has(permission));
}

/** True if a credential with this limit carries all of the permissions. */
export const fitsLimit = (
  permissions: readonly Permission[],
  limit: CredentialLimit | undefined,
): boolean => limitPermissions(permissions, limit).length === permissions.length;

/** Replaces the limits of the credentials named in `changes`. Undefined if no limit is left. */
export function replaceLimits(
  limits: CredentialLimits | undefined,
  changes: CredentialLimits,
): CredentialLimits | undefined {
  const entries = Object.entries({ ...limits, ...changes }).filter(
    ([, limit]) => limit !== undefined,
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
