import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import {
  authorizeCreate,
  type CreateUserDependencies,
  createUser,
  type CreateUserRequest,
  type CreateUserResult,
} from '../users/create-user.ts';
import type { User } from '../users/user.ts';
import { getInvitationStatus } from './invitation.ts';
import { reinvite } from './reinvite.ts';

/** Within this time, the same caller's request counts as a retry. */
const retryWindowMs = 60_000;

/**
 * Creates a user, or invites the existing user with this email again if their invitation expired.
 * Throws like `createUser`.
 */
export async function createOrReinvite(
  request: CreateUserRequest,
  cachedContext: RequestContext,
  deps: CreateUserDependencies,
): Promise<CreateUserResult> {
  try {
    return await createUser(request, cachedContext, deps);
  } catch (error) {
    if (!isEmailTaken(error)) throw error;
    const context = await request.readCurrentContext();
    authorizeCreate(request.input, context, deps.policy);
    const user = await reinviteExpired(request.input.email ?? '', context, deps);
    if (!user) throw error;
    return { user };
  }
}

const isEmailTaken = (error: unknown): boolean =>
  error instanceof Failure && error.code === 'user_exists' && error.details.field === 'email';

/** Undefined unless the invitation expired, or the same caller has just replaced it. */
async function reinviteExpired(
  email: string,
  context: RequestContext,
  deps: CreateUserDependencies,
): Promise<User | undefined> {
  const user = await deps.users.get(context.tenant.tenantId, { email }, false);
  const invitation = user?.status === 'invite_pending' ? user.invitation : undefined;
  if (!user || !invitation) return undefined;
  const now = deps.now();
  const status = getInvitationStatus(invitation, now);
  if (status === 'expired') return reinvite({ ref: { userId: user.userId } }, context, deps);
  const isRetry =
    invitation.version > 1 &&
    invitation.invitedBy === context.principal.subject &&
    now.getTime() - Date.parse(invitation.invitedAt) < retryWindowMs;
  return status === 'pending' && isRetry ? user : undefined;
}
