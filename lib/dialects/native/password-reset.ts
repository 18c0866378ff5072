import * as z from 'zod';
import { hexOf, idOf, idPatterns } from '../../domain/ids.ts';
import { internationalEmail, linkToken, password } from '../fields.ts';
import { type PasswordResetWire, tenantName } from '../password-reset-wire.ts';

/** A new password by a link, on Roster's own API. */
export const nativePasswordReset: PasswordResetWire = {
  request: z
    .strictObject({ tenant: tenantName.optional(), email: internationalEmail })
    .meta({ id: 'PasswordResetRequest' })
    .transform(({ tenant, email }) => ({ tenant, email })),
  tenantField: 'tenant',
  completion: z.strictObject({ token: linkToken, password }).meta({ id: 'PasswordResetCompletion' }),
  answer: z
    .strictObject({
      userId: z.string().regex(idPatterns.user),
      email: z.string(),
      continueUrl: z.string().meta({ description: 'Where the person goes on: the origin of the tenant.' }),
    })
    .meta({ id: 'PasswordResetCompleted' }),
  view: ({ user, tenant }, idPrefix) => ({
    body: { userId: idOf(idPrefix, 'user', hexOf(user.userId)), email: user.email, continueUrl: tenant.origin },
  }),
};
