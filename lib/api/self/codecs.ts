import type { DialectsServing } from '../routes.ts';
import { jitsudoSelf } from './jitsudo.ts';
import { nativeSelf } from './native.ts';
import type { SelfCodec, SelfOperation } from './self-codec.ts';

/** Codecs of every dialect that routes.ts lists for an operation on the caller's own account. */
export const selfCodecs = {
  native: nativeSelf,
  jitsudo: jitsudoSelf,
} satisfies Record<DialectsServing<SelfOperation>, SelfCodec>;
