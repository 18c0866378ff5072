import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  collectInactivePermissions,
  needsOwnPassword,
} from '../../domain/credential-limits/inactive-permissions.ts';
import { findPendingEmail } from '../../domain/email-verification/email-verification.ts';
import type { ListedUser, UserWithSignIn } from '../../domain/users/user.ts';
import { type IdPrefixes, selectIdPrefix } from '../codec.ts';
import type { ResponseContext } from './user-codec.ts';

/** Derives what a response shows about a user from the tenant of the caller. */
export const toResponseContext = (
  user: ListedUser & Pick<UserWithSignIn, 'lastSignInAt'>,
  { tenant, dialect }: RequestContext,
  { now, ...prefixes }: IdPrefixes & { readonly now: () => Date },
): ResponseContext => ({
  idPrefix: selectIdPrefix(dialect, prefixes),
  isOwner: tenant.ownerUserId === user.userId,
  mustChangePassword: needsOwnPassword(user, tenant),
  lastSignInAt: user.lastSignInAt ?? null,
  inactivePermissions: collectInactivePermissions(user, tenant),
  pendingEmail: findPendingEmail(user.emailVerification, now()),
});
