import * as z from 'zod';
import { type IdPrefix, uuidPattern } from '../../domain/kernel/ids.ts';
import type { RedeemedLink } from '../../domain/links/redeem-link.ts';
import { tenantSlugPattern } from '../../domain/tenants/slug.ts';
import { trimText } from '../characters.ts';
import type { ErrorMapping, Reply } from '../codec.ts';

/** Slug or ID of the tenant, in requests without a token. */
export const tenantSlugOrId = z
  .string()
  .overwrite(trimText)
  .refine((name) => name !== '', { error: 'is required', abort: true })
  .max(63, { abort: true })
  .refine(
    (name) => tenantSlugPattern.test(name.toLowerCase()) || uuidPattern.test(name),
    'must be the slug or the ID of a tenant',
  )
  .meta({
    description:
      'Slug or ID of the tenant. Optional if `X-Tenant-ID` or the host names the tenant.',
    examples: ['acme'],
  });

export type PasswordResetOperation = 'requestPasswordReset' | 'completePasswordReset';

/** Password resets in one dialect. */
export interface PasswordResetCodec {
  readonly requestInput: z.ZodType<{ readonly email: string; readonly tenant: string | undefined }>;
  /** Field of `requestInput` that names the tenant. */
  readonly tenantField: string;
  readonly completeInput: z.ZodType<{ readonly token: string; readonly password: string }>;
  readonly response: z.ZodType;
  toResponse(link: RedeemedLink, idPrefix: IdPrefix): Reply;
  readonly mapError?: ErrorMapping;
}

/** The same for every request, so it does not reveal whether an account exists. */
export const resetRequestedResponse = {
  schema: z.strictObject({ message: z.string() }).meta({ id: 'PasswordResetRequested' }),
  body: {
    message: 'If an account has this email, a reset link is on its way',
  },
};
