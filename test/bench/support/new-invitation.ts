import { randomUUID } from 'node:crypto';
import type { Invitation } from '../../../lib/domain/invitations/invitation.ts';

/** Invitation of a user without a password, created by an administrator of the sample issuer. */
export const newInvitation = (time: Date, administrator: string) =>
  ({
    invitationId: randomUUID(),
    version: 1,
    keyId: '1',
    channel: 'mail',
    invitedAt: time.toISOString(),
    invitedBy: administrator,
    expiresAt: new Date(time.getTime() + 7 * 24 * 3600 * 1000).toISOString(),
    inviter: {
      issuer: 'http://localhost:00000',
      subject: administrator,
      roles: ['admin'],
    },
  }) satisfies Invitation;
