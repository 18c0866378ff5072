import type { DialectsServing } from '../routes.ts';
import { jitsudoSignIn } from './jitsudo.ts';
import { nativeSignIn } from './native.ts';
import type { SignInCodec } from './sign-in-codec.ts';

/** Codecs of every dialect that routes.ts lists for signing in. */
export const signInCodecs = {
  native: nativeSignIn,
  jitsudo: jitsudoSignIn,
} satisfies Record<DialectsServing<'signIn'>, SignInCodec>;
