import * as z from 'zod';
import { anyEmail } from '../email-address.ts';
import { linkToken, password, tenantSlugOrId } from '../fields.ts';
import type { PasswordResetCodec } from './reset-codec.ts';
import { requestBody } from '../request-body.ts';
import { linkErrorMapping } from './jitsudo-errors.ts';
import { buildOnce, responseSchema } from '../codec.ts';

/** Password reset of JITSudo (jitsudo-docs, operations requestPasswordReset and resetPassword). */
export const jitsudoPasswordReset: PasswordResetCodec = {
  requestInput: buildOnce(() =>
    requestBody(
      { email: anyEmail(), tenant_slug: tenantSlugOrId().optional() },
      'JitsudoPasswordResetRequest',
    ).transform((body) => ({
      account: { email: body.email },
      tenant: body.tenant_slug,
    })),
  ),
  tenantField: 'tenant_slug',
  completeInput: buildOnce(() =>
    requestBody({ token: linkToken(), new_password: password() }, 'JitsudoPasswordReset').transform(
      (body) => ({
        token: body.token,
        password: body.new_password,
      }),
    ),
  ),
  response: responseSchema(() =>
    z.strictObject({ message: z.string() }).meta({ id: 'JitsudoPasswordResetDone' }),
  ),
  toResponse: () => ({ body: { message: 'Password reset' } }),
  mapError: linkErrorMapping('newPassword'),
};
