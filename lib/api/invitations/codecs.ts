import type { DialectsServing } from '../routes.ts';
import type { InvitationCodec, InvitationOperation } from './invitation-codec.ts';
import { nativeInvitation } from './native.ts';

/** Codecs of every dialect that routes.ts lists for an invitation operation. */
export const invitationCodecs = {
  native: nativeInvitation,
} satisfies Record<DialectsServing<InvitationOperation>, InvitationCodec>;
