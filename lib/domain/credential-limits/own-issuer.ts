import { invalidInput } from '../kernel/failure.ts';
import type { Identity } from '../users/user.ts';

/**
 * Throws `invalid_input` for an identity of Roster's own issuer. Its subjects are user IDs and app client IDs, which need no
 * identity: an app client could otherwise act as a user.
 */
export function assertForeignIdentity(
  identity: Identity | null | undefined,
  ownIssuer: { readonly issuer: string },
): void {
  if (identity?.issuer !== ownIssuer.issuer) return;
  throw invalidInput({ path: 'identity.issuer', message: 'cannot be the issuer of this service' });
}
