import type { DialectsServing } from '../routes.ts';
import type {
  EmailVerificationCodec,
  EmailVerificationOperation,
} from './email-verification-codec.ts';
import { nativeEmailVerification } from './native.ts';

/** Codecs of every dialect that routes.ts lists for the verification of an email. */
export const emailVerificationCodecs = {
  native: nativeEmailVerification,
} satisfies Record<DialectsServing<EmailVerificationOperation>, EmailVerificationCodec>;
