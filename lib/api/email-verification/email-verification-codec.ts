import type { VerificationDetails } from '../../domain/email-verification/complete-verification.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { RedeemedLink } from '../../domain/links/redeem-link.ts';
import type { UserRef } from '../../domain/users/user-store.ts';
import type { LazySchema, PathParameter, Reply } from '../codec.ts';

export type EmailVerificationOperation =
  | 'requestOwnEmailVerification'
  | 'cancelOwnEmailVerification'
  | 'requestEmailChange'
  | 'requestUserEmailVerification'
  | 'inspectEmailVerification'
  | 'completeEmailVerification';

/** Email verification in one dialect. */
export interface EmailVerificationCodec {
  readonly pathParameter: PathParameter;
  /** Returns undefined for text that cannot refer to a user. */
  parseUserRef(parameter: string): UserRef | undefined;
  readonly changeInput: LazySchema<{ readonly email: string }>;
  readonly linkInput: LazySchema<{ readonly token: string }>;
  readonly linkResponse: LazySchema;
  toLinkResponse(link: VerificationDetails): Reply;
  readonly response: LazySchema;
  toResponse(link: RedeemedLink, idPrefix: IdPrefix): Reply;
}
