import * as z from 'zod';
import type { Delivery } from '../../domain/invitations/delivery.ts';
import { getInvitationStatus, invitationStatuses } from '../../domain/invitations/invitation.ts';
import { type InvitedUser, getAccountName } from '../../domain/users/user.ts';
import { needsInvitationMail } from '../../domain/invitations/invite.ts';
import { toHex, formatId, idPatterns } from '../../domain/kernel/ids.ts';
import type { UserFilter } from '../../domain/users/lists/user-filter.ts';
import { nativeList } from '../lists.ts';
import { byUserId, type UserListCodec } from '../users/user-codec.ts';
import type { InvitationCodec } from './invitation-codec.ts';
import { responseSchema } from '../codec.ts';

const time = () => z.iso.datetime();

export const invitationResponse = responseSchema(() =>
  z
    .strictObject({
      invitationId: z.string().regex(idPatterns.invitation),
      userId: z.string().regex(idPatterns.user),
      email: z.string(),
      status: z.enum(invitationStatuses),
      roleIds: z.array(z.string().regex(idPatterns.role)),
      locale: z.string().nullable(),
      appClientId: z.string().regex(idPatterns['app-client']).nullable(),
      version: z.int().min(1).meta({
        description:
          'Number of the link. Only the latest works. The `ETag` has the version of the user instead.',
      }),
      channel: z.enum(['mail', 'copy']).meta({
        description:
          '`mail` if the latest link is emailed, `copy` if it was returned to the caller.',
      }),
      invitedTime: time().meta({
        description: 'Creation time of the latest link.',
      }),
      invitedBy: z.string().meta({ description: '`sub` of the token of the inviter.' }),
      expiresTime: time().meta({ description: 'Expiration time of the latest link.' }),
      acceptedTime: time().nullable(),
      refusedRoleIds: z.array(z.string().regex(idPatterns.role)).meta({
        description:
          'Roles that were not assigned at acceptance, because they no longer existed or the inviter could no longer grant them.',
      }),
      revokedTime: time().nullable(),
      revokedBy: z.string().nullable(),
      delivery: z
        .strictObject({
          status: z
            .enum([
              'none',
              'pending',
              'sent',
              'rejected',
              'unknown',
              'failed',
              'bounced',
              'complained',
            ])
            .meta({
              description:
                'Status of the email with the latest link. `pending`: waiting to be sent. `sent`: accepted by SES. `rejected` and `unknown`: retried while the invitation is pending. `failed`: not retried. `bounced` and `complained`: reported after sending. `none`: no email, for a copied link or an invitation that ended before.',
            }),
          time: time().nullable().meta({ description: 'Time of the last change of the status.' }),
          reason: z.string().nullable().meta({ description: 'Reason reported by SES.' }),
          sentTimes: z
            .array(time())
            .meta({ description: 'Times at which the last 20 emails were sent, for all links.' }),
        })
        .meta({ description: 'Delivery of the email.' }),
    })
    .meta({ id: 'Invitation' }),
);

const toInvitationResponse: InvitationCodec['toResponse'] = (
  { user, delivery },
  { idPrefix, now },
) => {
  const { invitation } = user;
  const toRoleId = (slug: string) => formatId(idPrefix, 'role', slug);
  return {
    headers: { etag: `"${user.version}"` },
    body: {
      invitationId: formatId(idPrefix, 'invitation', toHex(invitation.invitationId)),
      userId: formatId(idPrefix, 'user', toHex(user.userId)),
      email: getAccountName(user),
      status: getInvitationStatus(invitation, now),
      roleIds: user.roles.map(toRoleId),
      locale: user.locale ?? null,
      appClientId:
        user.appClientId === undefined ? null : formatId(idPrefix, 'app-client', user.appClientId),
      version: invitation.version,
      channel: invitation.channel,
      invitedTime: invitation.invitedAt,
      invitedBy: invitation.invitedBy,
      expiresTime: invitation.expiresAt,
      acceptedTime: invitation.acceptedAt ?? null,
      refusedRoleIds: (invitation.refusedRoles ?? []).map(toRoleId),
      revokedTime: invitation.revocation?.at ?? null,
      revokedBy: invitation.revocation?.by ?? null,
      delivery: { ...toDeliveryStatus(user, delivery), sentTimes: delivery?.sentAt ?? [] },
    },
  };
};

/**
 * A mail deferred by the recipient's limit looks like a pending one, because the limit would reveal
 * mails of other tenants.
 */
function toDeliveryStatus(user: InvitedUser, delivery: Delivery | undefined) {
  const { channel, version } = user.invitation;
  const isUnderway =
    delivery?.version !== version || delivery.state === 'sending' || delivery.state === 'deferred';
  if (channel === 'copy' || isUnderway)
    return { status: needsInvitationMail(user) ? 'pending' : 'none', time: null, reason: null };
  return { status: delivery.state, time: delivery.updatedAt, reason: delivery.reason ?? null };
}

export const invitationList: UserListCodec = {
  ...nativeList(
    {
      itemsLabel: 'invitations',
      field: 'invitations',
      item: invitationResponse,
      id: 'InvitationList',
    },
    () => ({
      status: z
        .enum(invitationStatuses)
        .optional()
        .meta({ description: 'Status of the invitation.' }),
    }),
  ),
  toFilter: ({ status = 'any' }) => ({ invitation: status as UserFilter['invitation'] }),
};

export const invitationLinkResponse = responseSchema(() =>
  z
    .strictObject({
      link: z.url().meta({
        description:
          'Link, returned only once. Its holder can take over the account: give it only to the user.',
      }),
      expiresTime: time(),
    })
    .meta({ id: 'InvitationLink' }),
);

export const nativeInvitation: InvitationCodec = {
  list: invitationList,
  response: invitationResponse,
  parseUserRef: ({ userId = '' }) => byUserId.parseUserRef(userId),
  toResponse: toInvitationResponse,
  linkResponse: invitationLinkResponse,
  toLinkResponse: ({ invitation }, link) => ({
    body: { link, expiresTime: invitation.expiresAt },
  }),
};
