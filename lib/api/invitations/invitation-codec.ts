import type { InvitationWithDelivery } from '../../domain/invitations/manage-invitations.ts';
import type { InvitedUser } from '../../domain/users/user.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { UserRef } from '../../domain/users/user-store.ts';
import type { LazySchema, Reply } from '../codec.ts';
import type { UserListCodec } from '../users/user-codec.ts';

export type InvitationOperation =
  | 'listInvitations'
  | 'getInvitation'
  | 'resendInvitation'
  | 'revokeInvitation'
  | 'copyInvitationLink';

export interface InvitationResponseContext {
  readonly idPrefix: IdPrefix;
  readonly now: Date;
}

/** Invitations in one dialect. */
export interface InvitationCodec {
  readonly list: UserListCodec;
  readonly response: LazySchema;
  /** Returns undefined for path parameters that cannot refer to a user. */
  parseUserRef(parameters: Readonly<Record<string, string | undefined>>): UserRef | undefined;
  toResponse(invitation: InvitationWithDelivery, context: InvitationResponseContext): Reply;
  readonly linkResponse: LazySchema;
  toLinkResponse(user: InvitedUser, link: string): Reply;
}
