import * as z from 'zod';
import { internationalEmail, linkToken, password } from '../fields.ts';
import { type PasswordResetWire, tenantName } from '../password-reset-wire.ts';
import { linkFailures } from './link-failures.ts';

/** JITSudo, request-password-reset and reset-password (jitsudo-docs, operations requestPasswordReset, resetPassword). */
export const jitsudoPasswordReset: PasswordResetWire = {
  request: z
    .object({ email: internationalEmail, tenant_slug: tenantName.optional() })
    .meta({ id: 'JitsudoPasswordResetRequest' })
    .transform((body) => ({ email: body.email, tenant: body.tenant_slug })),
  tenantField: 'tenant_slug',
  completion: z
    .object({ token: linkToken, new_password: password })
    .meta({ id: 'JitsudoPasswordReset' })
    .transform((body) => ({ token: body.token, password: body.new_password })),
  answer: z.strictObject({ message: z.string() }).meta({ id: 'JitsudoPasswordResetDone' }),
  view: () => ({ body: { message: 'Password reset' } }),
  asDocumented: linkFailures('newPassword'),
};
