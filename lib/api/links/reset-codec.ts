import * as z from 'zod';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { ResetAccount } from '../../domain/password-resets/password-reset.ts';
import type { RedeemedLink } from '../../domain/links/redeem-link.ts';
import { type ErrorMapping, type LazySchema, type Reply, responseSchema } from '../codec.ts';

export type PasswordResetOperation = 'requestPasswordReset' | 'completePasswordReset';

/** Password resets in one dialect. */
export interface PasswordResetCodec {
  readonly requestInput: LazySchema<{
    readonly account: ResetAccount;
    readonly tenant: string | undefined;
  }>;
  /** Field of `requestInput` that names the tenant. */
  readonly tenantField: string;
  readonly completeInput: LazySchema<{ readonly token: string; readonly password: string }>;
  readonly response: LazySchema;
  toResponse(link: RedeemedLink, idPrefix: IdPrefix): Reply;
  readonly mapError?: ErrorMapping;
}

/** The same for every request, so it does not reveal whether an account exists. */
export const resetRequestedResponse = {
  schema: responseSchema(() =>
    z.strictObject({ message: z.string() }).meta({ id: 'PasswordResetRequested' }),
  ),
  body: {
    message: 'If this account exists, a reset link is on its way to its email',
  },
};
