import * as z from 'zod';
import { invalid } from '../../domain/failure.ts';
import { linkToken } from '../acceptance-wire.ts';
import { internationalEmail, password } from '../fields.ts';
import { type PasswordResetWire, tenantName } from '../password-reset-wire.ts';

const badToken: readonly string[] = ['not_found', 'invitation_expired', 'invitation_used'];

/** JITSudo, request-password-reset and reset-password (jitsudo-docs, operations requestPasswordReset, resetPassword): 400 for a bad token and for a weak password. */
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
  asDocumented: (failure) => {
    if (failure.code === 'password_rejected') return invalid({ path: 'newPassword', message: failure.message });
    return badToken.includes(failure.code) ? invalid({ path: 'token', message: failure.message }) : failure;
  },
};
