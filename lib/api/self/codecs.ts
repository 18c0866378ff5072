import type { DialectsServing } from '../routes.ts';
import { cradlProfile } from './cradl.ts';
import { jitsudoSelf } from './jitsudo.ts';
import { nativeSelf } from './native.ts';
import type { PasswordChangeCodec, ProfileCodec, SelfCodec } from './self-codec.ts';

/** Codecs of every dialect that routes.ts lists for an operation on the caller's own account. */
export const selfCodecs = {
  native: nativeSelf,
  cradl: cradlProfile,
  jitsudo: jitsudoSelf,
} satisfies Record<DialectsServing<'getOwnUser' | 'updateOwnUser'>, SelfCodec> &
  Record<DialectsServing<'changeOwnPassword'>, PasswordChangeCodec> &
  Record<DialectsServing<'getProfile' | 'updateProfile'>, ProfileCodec>;
