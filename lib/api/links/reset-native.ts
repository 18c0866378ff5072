import * as z from 'zod';
import { toHex, formatId, idPatterns } from '../../domain/kernel/ids.ts';
import { anyEmail } from '../email-address.ts';
import { linkToken, password, tenantSlugOrId } from '../fields.ts';
import { signInName } from '../users/fields/user-name.ts';
import type { PasswordResetCodec } from './reset-codec.ts';
import { requestBody } from '../request-body.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { getAccountName } from '../../domain/users/user.ts';

export const nativePasswordReset: PasswordResetCodec = {
  requestInput: buildOnce(() =>
    requestBody(
      {
        tenant: tenantSlugOrId().optional(),
        email: anyEmail()
          .optional()
          .meta({ description: 'Email. Required unless `userName` is set.' }),
        userName: signInName()
          .optional()
          .meta({ description: 'Username. Required unless `email` is set.' }),
      },
      'PasswordResetRequest',
    )
      .refine((body) => (body.email === undefined) !== (body.userName === undefined), {
        path: ['email'],
        error: 'is required unless userName is set, and cannot be combined with it',
      })
      .transform(({ tenant, email, userName = '' }) => ({
        tenant,
        account: email === undefined ? { userName } : { email },
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
      email: getAccountName(user),
      continueUrl: tenant.origin,
    },
  }),
};
