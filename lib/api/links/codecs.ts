import type { DialectsServing } from '../routes.ts';
import type { AcceptanceCodec } from './acceptance-codec.ts';
import { jitsudoAcceptance } from './acceptance-jitsudo.ts';
import { nativeAcceptance } from './acceptance-native.ts';
import { type LinkInspectionCodec, linkInspection } from './inspection.ts';
import type { PasswordResetCodec, PasswordResetOperation } from './reset-codec.ts';
import { jitsudoPasswordReset } from './reset-jitsudo.ts';
import { nativePasswordReset } from './reset-native.ts';

/** Codecs of every dialect that routes.ts lists for the acceptance of an invitation. */
export const acceptanceCodecs = {
  native: nativeAcceptance,
  jitsudo: jitsudoAcceptance,
} satisfies Record<DialectsServing<'acceptInvitation'>, AcceptanceCodec>;

/** Codecs of every dialect that routes.ts lists for a password reset. */
export const passwordResetCodecs = {
  native: nativePasswordReset,
  jitsudo: jitsudoPasswordReset,
} satisfies Record<DialectsServing<PasswordResetOperation>, PasswordResetCodec>;

/** Codecs of every dialect that routes.ts lists for inspecting a link. */
export const linkInspectionCodecs = {
  native: linkInspection,
} satisfies Record<
  DialectsServing<'inspectInvitation' | 'inspectPasswordReset'>,
  LinkInspectionCodec
>;
