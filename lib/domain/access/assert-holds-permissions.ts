import { Failure } from '../kernel/failure.ts';
import { findMissing, type Permission } from './permissions.ts';
import type { RequestContext } from './request-context.ts';

/** Resource with permissions, for messages. */
interface Grantee {
  /** Subject of the message, such as `The user`. */
  readonly subject: string;
  /** Verb and resources of the notice, such as `change only users`. */
  readonly action: string;
}

/**
 * Throws `forbidden` if a resource has permissions that the caller lacks. Prevents privilege
 * escalation: a caller who can change the resource could use its permissions. System administrators
 * hold all permissions.
 */
export function assertHoldsPermissions(
  permissions: readonly Permission[],
  { principal }: Pick<RequestContext, 'principal'>,
  grantee: Grantee,
): void {
  if (principal.systemAdministrator) return;
  const missingPermissions = findMissing(permissions, principal.permissions);
  if (missingPermissions.length > 0) throw exceedsCaller(grantee, missingPermissions);
}

/** `forbidden` for a resource with more rights than the caller. */
export const exceedsCaller = (
  { subject, action }: Grantee,
  missingPermissions: readonly string[] = [],
): Failure =>
  new Failure('forbidden', `${subject} has permissions that you do not have`, {
    notices: [`You can ${action} whose permissions you hold.`],
    missingPermissions,
  });
