import * as z from 'zod';
import type { Delivery } from '../../domain/invitations/delivery.ts';
import {
  type InvitedUser,
  invitationStatuses,
  getInvitationStatus,
} from '../../domain/invitations/invitation.ts';
import { needsInvitationMail } from '../../domain/invitations/invite.ts';
import { toHex, formatId, type IdPrefix, idPatterns } from '../../domain/kernel/ids.ts';
import type { UserFilter } from '../../domain/users/list-users.ts';
import { nativeList } from '../lists.ts';
import type { Reply, UserListCodec } from '../users/user-codec.ts';

const time = z.iso.datetime();

/** An invitation on Roster's own API. */
export const invitationResponse = z
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
        'Counts the links: only the last is good. The `ETag` has the version of the user.',
    }),
    channel: z.enum(['mail', 'copy']).meta({
      description: 'Whether that link goes out by mail, or was handed to whoever asked for it.',
    }),
    invitedTime: time.meta({
      description: 'When the last link was made, which is when its mail was owed.',
    }),
    invitedBy: z.string().meta({ description: 'By whom: the `sub` of the token.' }),
    expiresTime: time.meta({ description: 'From then on it cannot be accepted.' }),
    acceptedTime: time.nullable(),
    refusedRoleIds: z.array(z.string().regex(idPatterns.role)).meta({
      description:
        'Roles that were gone when it was accepted, or that the inviter could not give any more.',
    }),
    revokedTime: time.nullable(),
    revokedBy: z.string().nullable(),
    delivery: z
      .strictObject({
        status: z
          .enum(['none', 'owed', 'sent', 'refused', 'unknown', 'failed', 'bounced', 'complained'])
          .meta({
            description:
              'Of the mail with the last link. While the invitation is pending, one that is `owed` goes out by itself, and one that was `refused`, or of which it is `unknown` whether it went out, is tried again; one that `failed` is not. One that was `sent` may have `bounced`, or its recipient may have `complained`. `none` where no mail went out and none will: of a copied link, or of an invitation that ended before.',
          }),
        time: time.nullable().meta({ description: 'Since when that is so.' }),
        reason: z
          .string()
          .nullable()
          .meta({ description: 'What the mail system had to say, in its own words.' }),
        sentTimes: z
          .array(time)
          .meta({ description: 'When mails went out, of every version; the last twenty.' }),
      })
      .meta({ description: 'How the mail fares.' }),
  })
  .meta({ id: 'Invitation' });

export const toInvitationResponse = (
  { user, delivery }: { readonly user: InvitedUser; readonly delivery: Delivery | undefined },
  { idPrefix, now }: { readonly idPrefix: IdPrefix; readonly now: Date },
): Reply => {
  const { invitation } = user;
  const roleId = (slug: string) => formatId(idPrefix, 'role', slug);
  return {
    headers: { etag: `"${user.version}"` },
    body: {
      invitationId: formatId(idPrefix, 'invitation', toHex(invitation.invitationId)),
      userId: formatId(idPrefix, 'user', toHex(user.userId)),
      email: user.email,
      status: getInvitationStatus(invitation, now),
      roleIds: user.roles.map(roleId),
      locale: user.locale ?? null,
      appClientId:
        user.appClientId === undefined ? null : formatId(idPrefix, 'app-client', user.appClientId),
      version: invitation.version,
      channel: invitation.channel,
      invitedTime: invitation.invitedAt,
      invitedBy: invitation.invitedBy,
      expiresTime: invitation.expiresAt,
      acceptedTime: invitation.acceptedAt ?? null,
      refusedRoleIds: (invitation.refusedRoles ?? []).map(roleId),
      revokedTime: invitation.revocation?.at ?? null,
      revokedBy: invitation.revocation?.by ?? null,
      delivery: { ...toDeliveryStatus(user, delivery), sentTimes: delivery?.sentAt ?? [] },
    },
  };
};

/** What is held back for the recipient's sake looks like what is only owed: how many mails others send there is their affair. */
function toDeliveryStatus(user: InvitedUser, delivery: Delivery | undefined) {
  const { channel, version } = user.invitation;
  const isUnderway =
    delivery?.version !== version || delivery.state === 'sending' || delivery.state === 'deferred';
  if (channel === 'copy' || isUnderway)
    return { status: needsInvitationMail(user) ? 'owed' : 'none', time: null, reason: null };
  return { status: delivery.state, time: delivery.updatedAt, reason: delivery.reason ?? null };
}

/** Those who were ever invited. */
export const invitationList: UserListCodec = {
  ...nativeList(
    {
      itemsLabel: 'invitations',
      field: 'invitations',
      item: invitationResponse,
      id: 'InvitationList',
    },
    {
      status: z
        .enum(invitationStatuses)
        .optional()
        .meta({ description: 'Only those of which this became by now.' }),
    },
  ),
  toFilter: ({ status = 'any' }) => ({ invitation: status as UserFilter['invitation'] }),
};

/** The answer to whoever may hand a link over. */
export const invitationLinkResponse = z
  .strictObject({
    link: z.url().meta({
      description: 'Shown this once. Whoever has it can be the person: hand it to nobody else.',
    }),
    expiresTime: time,
  })
  .meta({ id: 'InvitationLink' });
