import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit } from '../credential-limits/credential-limit.ts';
import { tooManyRequests } from '../kernel/limits.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { InvitedUser, User } from '../users/user.ts';
import type { Invitation, Inviter } from './invitation.ts';

export interface InvitationSettings {
  readonly now: () => Date;
  /** Key that signs new links. */
  readonly linkKeyId: string;
  /** Lifetime of invitations in tenants that do not set their own. */
  readonly invitationDays: number;
}

const dayMs = 24 * 3600 * 1000;

/**
 * Builds a first invitation, or the next version of an earlier one. The caller becomes the inviter.
 */
export function buildInvitation(
  context: RequestContext,
  { now, linkKeyId, invitationDays }: InvitationSettings,
  {
    earlier,
    channel = 'mail',
  }: { earlier?: Invitation | undefined; channel?: Invitation['channel'] } = {},
): Invitation {
  const time = now();
  const limit = channel === 'copy' ? buildCredentialLimit(context, time) : undefined;
  const days = context.tenant.invitationDays ?? invitationDays;
  return {
    invitationId: earlier?.invitationId ?? randomUUID(),
    version: (earlier?.version ?? 0) + 1,
    keyId: linkKeyId,
    channel,
    ...(limit && { limit }),
    invitedAt: time.toISOString(),
    invitedBy: context.principal.subject,
    expiresAt: new Date(time.getTime() + days * dayMs).toISOString(),
    inviter: toInviter(context),
  };
}

/** Throws `too_many_requests` while the tenant has reached its limit of mails. */
export function assertMailQuota({ mailHoldUntil }: TenantWithRoles, now: Date): void {
  const remainingMs = mailHoldUntil === undefined ? 0 : Date.parse(mailHoldUntil) - now.getTime();
  if (remainingMs > 0) throw tooManyRequests('tenant_mails', remainingMs / 1000);
}

/** Converts the caller to the inviter of an invitation. */
export function toInviter({ principal }: RequestContext): Inviter {
  const { issuer, subject, subjectIsUser, systemAdministrator, roles, appClient } = principal;
  const flags = { ...(systemAdministrator && { systemAdministrator }) };
  return appClient
    ? { appClient, ...flags }
    : { issuer, subject, ...(subjectIsUser && { subjectIsUser }), ...flags, roles };
}

/** True for a user with an open invitation by mail, sent or not. */
export const needsInvitationMail = (user: User): user is InvitedUser =>
  user.email !== undefined &&
  user.status === 'invite_pending' &&
  user.invitation !== undefined &&
  user.invitation.channel === 'mail' &&
  user.invitation.acceptedAt === undefined &&
  user.invitation.revocation === undefined;
