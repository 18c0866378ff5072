import type { Permission } from '../access/permissions.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';

/** Upper bound for the permissions of a credential that another principal set. */
export interface CredentialLimit {
  /** Effective permissions of the principal at that time, sorted, separated by spaces. */
  readonly permissions: string;
  /** `sub` of the principal. */
  readonly setBy: string;
  readonly setAt: Timestamp;
}

/** Credentials of a user that can have a limit. */
export type CredentialKind = 'password' | 'email' | 'identity';

/** Limits of a user's credentials. A credential without an entry is the account holder's own. */
export type CredentialLimits = { readonly [Kind in CredentialKind]?: CredentialLimit | undefined };

/** Credentials that the account holder can confirm. A password is replaced by a reset instead. */
export const confirmableCredentials = [
  'email',
  'identity',
] as const satisfies readonly CredentialKind[];
export type ConfirmableCredential = (typeof confirmableCredentials)[number];

/** Confirmation that the account holder requested. The link is mailed to the account's email. */
export interface CredentialConfirmation {
  readonly confirmationId: Uuid;
  readonly credential: ConfirmableCredential;
  /** Key that signs the link. */
  readonly keyId: string;
  /**
   * The user's `resetGeneration` at the request. A new email, identity, password or status
   * invalidates the link.
   */
  readonly generation: number;
  readonly requestedAt: Timestamp;
}

interface CredentialSetter {
  readonly subject: string;
  readonly systemAdministrator: boolean;
  readonly permissions: readonly Permission[];
}

/** Builds the limit of a credential that the caller sets. System administrators set no limit. */
export function buildCredentialLimit(
  { principal }: { readonly principal: CredentialSetter },
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
  limit: Pick<CredentialLimit, 'permissions'> | undefined,
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

/** Replaces the limits of the credentials in `changes`. Returns undefined if no limit remains. */
export function replaceLimits(
  limits: CredentialLimits | undefined,
  changes: CredentialLimits,
): CredentialLimits | undefined {
  const entries = Object.entries({ ...limits, ...changes }).filter(
    ([, limit]) => limit !== undefined,
  );
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
