import * as z from 'zod';
import { toHex, formatId, idPatterns } from '../../domain/kernel/ids.ts';
import { password, tenantSlugOrId } from '../fields.ts';
import { signInName } from '../users/fields/user-name.ts';
import { requestBody } from '../request-body.ts';
import type { SignInCodec } from './sign-in-codec.ts';
import { buildOnce, responseSchema } from '../codec.ts';

export const nativeSignIn: SignInCodec = {
  signInInput: buildOnce(() =>
    requestBody(
      {
        tenant: tenantSlugOrId().optional(),
        email: signInName()
          .optional()
          .meta({ description: 'Email. Required unless `userName` is set.' }),
        userName: signInName()
          .optional()
          .meta({ description: 'Username. Required unless `email` is set.' }),
        password: password(),
        audience: z.string().max(512).optional().meta({
          description:
            'Service that the token is for: one of the `resourceServers` of the deployment. Roster does not accept tokens for other services. Default: Roster.',
        }),
      },
      'SignIn',
    )
      .refine((body) => (body.email === undefined) !== (body.userName === undefined), {
        path: ['email'],
        error: 'is required unless userName is set, and cannot be combined with it',
      })
      .transform((body) => ({
        tenant: body.tenant,
        password: body.password,
        audience: body.audience,
        account:
          body.email === undefined ? { userName: body.userName ?? '' } : { email: body.email },
      })),
  ),
  tenantField: 'tenant',
  response: responseSchema(() =>
    z
      .strictObject({
        accessToken: z.string().meta({ description: 'Access token for `Authorization: Bearer`.' }),
        tokenType: z.literal('Bearer'),
        expiresIn: z.int().meta({ description: 'Lifetime in seconds.' }),
        userId: z.string().regex(idPatterns.user),
        mustChangePassword: z.boolean().meta({
          description:
            'True if another user set the password. The token then works only for changing it.',
        }),
      })
      .meta({ id: 'SignedIn' }),
  ),
  toResponse: ({ user, mustChangePassword, accessToken, expiresIn }, { idPrefix }) => ({
    body: {
      accessToken,
      tokenType: 'Bearer',
      expiresIn,
      userId: formatId(idPrefix, 'user', toHex(user.userId)),
      mustChangePassword,
    },
  }),
};
