import * as z from 'zod';
import { toHex, formatId, idPatterns } from '../../domain/kernel/ids.ts';
import { anyEmail } from '../email-address.ts';
import { linkToken, password, tenantSlugOrId } from '../fields.ts';
import type { PasswordResetCodec } from './reset-codec.ts';
import { requestBody } from '../request-body.ts';
import { buildOnce, responseSchema } from '../codec.ts';

export const nativePasswordReset: PasswordResetCodec = {
  requestInput: buildOnce(() =>
    requestBody(
      { tenant: tenantSlugOrId().optional(), email: anyEmail() },
      'PasswordResetRequest',
    ).transform(({ tenant, email }) => ({
      tenant,
      email,
    })),
  ),
  tenantField: 'tenant',
  completeInput: buildOnce(() =>
    requestBody({ token: linkToken(), password: password() }, 'PasswordResetCompletion'),
  ),
  response: responseSchema(() =>
    z
      .strictObject({
        userId: z.string().regex(idPatterns.user),
        email: z.string(),
        continueUrl: z
          .string()
          .meta({ description: 'URL to continue at, the origin of the tenant.' }),
      })
      .meta({ id: 'PasswordResetCompleted' }),
  ),
  toResponse: ({ user, tenant }, idPrefix) => ({
    body: {
      userId: formatId(idPrefix, 'user', toHex(user.userId)),
      email: user.email,
      continueUrl: tenant.origin,
    },
  }),
};
