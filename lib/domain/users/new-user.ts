import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { inferActor, toActor } from '../access/actor.ts';
import { buildInitialVersion } from '../access/change-entity.ts';
import type { DeploymentContext, RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit, replaceLimits } from '../credential-limits/credential-limit.ts';
import {
  assertMailQuota,
  buildInvitation,
  type InvitationSettings,
} from '../invitations/invite.ts';
import { invalidInput } from '../kernel/failure.ts';
import { mirrorUuid } from '../kernel/ids.ts';
import type { CreationRecord } from './user-store.ts';
import type { CreateUserInput, User } from './user.ts';

/** New user, after the tenant's default role was applied. */
export type NewUserInput = Omit<CreateUserInput, 'acceptWeakPasswordHash' | 'roles'> &
  Pick<User, 'roles'>;

/**
 * Builds a new user. Throws `invalid_input` for an invitation without an email, and
 * `too_many_requests` if an invitation exceeds the tenant's limit of mails.
 */
export function buildUser(
  {
    password,
    passwordHash,
    sendInvitation = true,
    emailVerified = false,
    status,
    createdAt,
    mustChangePassword,
    ...profile
  }: NewUserInput,
  context: RequestContext,
  settings: InvitationSettings,
): User {
  const now = settings.now();
  const hasPassword = password !== undefined || passwordHash !== undefined;
  const needsPassword = profile.authProvider === 'local' && !hasPassword;
  const isPending = needsPassword && status === undefined;
  const isInvited = isPending && sendInvitation;
  if (isInvited && profile.email === undefined)
    throw invalidInput({ path: 'email', message: 'is required for an invitation' });
  if (isInvited) assertMailQuota(context.tenant, now);
  const limit = buildCredentialLimit(context, now);
  // The email gets no limit: the mailbox defines the account holder.
  const credentialLimits = replaceLimits(undefined, {
    password: hasPassword ? limit : undefined,
    identity: profile.identity === undefined ? undefined : limit,
  });
  const userId = randomUUID();
  return {
    ...profile,
    roles: [...new Set(profile.roles)],
    tenantId: context.tenant.tenantId,
    userId,
    profileId: mirrorUuid(userId),
    status: isPending ? 'invite_pending' : (status ?? 'active'),
    ...(needsPassword && !isPending && { hasNoPassword: true }),
    ...(credentialLimits && { credentialLimits }),
    ...(hasPassword && { isPasswordSetByOther: true }),
    ...(mustChangePassword && { mustChangePassword }),
    // The store omits a time of the invitation that equals the creation.
    ...(isInvited && { invitation: buildInvitation(context, { ...settings, now: () => now }) }),
    emailVerified,
    ...(emailVerified && { emailVerifiedBy: 'administrator' }),
    hasAvatar: profile.avatar !== undefined,
    ...buildInitialVersion(context, now),
    ...(createdAt !== undefined && { createdAt }),
  };
}

export function buildCreationRecord({
  principal,
  requestId,
  decisions,
}: DeploymentContext): CreationRecord {
  const actor = toActor(principal);
  return {
    requestId,
    issuer: principal.issuer,
    policies: decisions.flatMap(({ policies }) => policies),
    // The item of an invited user is close to 1 KiB.
    ...(!isDeepStrictEqual(actor, inferActor(principal.subject)) && { actor }),
  };
}
