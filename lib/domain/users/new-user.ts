import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit, replaceLimits } from '../credential-limits/credential-limit.ts';
import {
  assertMailQuota,
  buildInvitation,
  type InvitationSettings,
} from '../invitations/invite.ts';
import type { CreationRecord, CreateUserInput, User } from './user.ts';

/**
 * The user that a draft becomes in the tenant of a call, before anything is written. Throws `too_many_requests` for who would
 * have to be invited while the tenant has sent as many mails as it may.
 */
export function buildUser(
  { password, passwordHash, sendInvitation = true, ...draft }: CreateUserInput,
  context: RequestContext,
  settings: InvitationSettings,
): User {
  // The account holder chooses the password of a local account that comes without one, once they are invited.
  const isPending =
    draft.authProvider === 'local' && password === undefined && passwordHash === undefined;
  const isInvited = isPending && sendInvitation;
  if (isInvited) assertMailQuota(context.tenant, settings.now());
  const limit = buildCredentialLimit(context, settings.now());
  // The email gets no limit: the mailbox defines the account holder.
  const credentialLimits = replaceLimits(undefined, {
    password: password === undefined && passwordHash === undefined ? undefined : limit,
    identity: draft.identity === undefined ? undefined : limit,
  });
  return {
    ...draft,
    roles: [...new Set(draft.roles)],
    tenantId: context.tenant.tenantId,
    userId: randomUUID(),
    profileId: randomUUID(),
    status: isPending ? 'invite_pending' : 'active',
    ...(credentialLimits && { credentialLimits }),
    ...((password !== undefined || passwordHash !== undefined) && { isPasswordSetByOther: true }),
    ...(isInvited && { invitation: buildInvitation(context, settings) }),
    emailVerified: false,
    hasAvatar: draft.avatar !== undefined,
    version: 1,
    createdAt: settings.now().toISOString(),
    createdBy: context.principal.subject,
  };
}

/** How the user of a call comes about. */
export const buildCreationRecord = ({
  principal,
  requestId,
  decisions,
}: RequestContext): CreationRecord => ({
  requestId,
  issuer: principal.issuer,
  policies: decisions.flatMap(({ policies }) => policies),
});
