import type * as z from 'zod';
import type { ConfirmableCredential } from '../../domain/credential-limits/credential-limit.ts';
import type { DialectsServing } from '../routes.ts';
import { confirmCredentialInput, requestConfirmationInput } from './credential-confirmation.ts';
import { jitsudoSelf } from './jitsudo.ts';
import { nativeSelf } from './native.ts';
import type { SelfCodec, SelfOperation } from './self-codec.ts';

/** Codecs of every dialect that routes.ts lists for an operation on the caller's own account. */
export const selfCodecs = {
  native: nativeSelf,
  jitsudo: jitsudoSelf,
} satisfies Record<DialectsServing<SelfOperation>, SelfCodec>;

export const requestConfirmationInputs = {
  native: requestConfirmationInput,
} satisfies Record<
  DialectsServing<'requestCredentialConfirmation'>,
  z.ZodType<{ readonly credential: ConfirmableCredential }>
>;

export const confirmCredentialInputs = {
  native: confirmCredentialInput,
} satisfies Record<DialectsServing<'confirmCredential'>, z.ZodType<{ readonly token: string }>>;
