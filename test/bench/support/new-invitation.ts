import { randomUUID } from 'node:crypto';
import type { Invitation } from '../../../lib/domain/invitations/invitation.ts';

/**
 * Invitation attributes of a user without a password, created by an administrator of the sample
 * issuer.
 */
export const newInvitation = (time: Date): Invitation => ({
  invitationId: randomUUID(),
  version: 1,
  keyId: '1',
  channel: 'mail',
  invitedAt: time.toISOString(),
  invitedBy: randomUUID(),
  expiresAt: new Date(time.getTime() + 7 * 24 * 3600 * 1000).toISOString(),
  inviter: {
    issuer: 'http://localhost:00000',
    subject: randomUUID(),
    roles: ['admin'],
  },
});
