import type { DialectsServing } from '../routes.ts';
import type {
  AppClientCodec,
  AppClientOperation,
  UpdatableAppClientCodec,
} from './app-client-codec.ts';
import { cradlAppClient } from './cradl.ts';
import { jitsudoAppClient } from './jitsudo.ts';
import { nativeAppClient, rotateSecretInput } from './native.ts';
import type { LazySchema } from '../codec.ts';

/** Codecs of every dialect that routes.ts lists for an app client operation. */
export const appClientCodecs = {
  native: nativeAppClient,
  cradl: cradlAppClient,
  jitsudo: jitsudoAppClient,
} satisfies Record<DialectsServing<AppClientOperation>, AppClientCodec> &
  Record<DialectsServing<'updateAppClient'>, UpdatableAppClientCodec>;

export const rotateSecretInputs = {
  native: rotateSecretInput,
} satisfies Record<
  DialectsServing<'createAppClientSecret'>,
  LazySchema<{ readonly overlapSeconds: number }>
>;
