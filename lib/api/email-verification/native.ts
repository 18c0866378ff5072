import * as z from 'zod';
import { formatId, idPatterns, toHex } from '../../domain/kernel/ids.ts';
import { languages, selectLanguage } from '../../domain/mail/language.ts';
import { pageBrandingResponse, toPageBrandingResponse } from '../branding/responses.ts';
import { buildOnce, responseSchema } from '../codec.ts';
import { internationalEmail } from '../email-address.ts';
import { linkToken } from '../fields.ts';
import { requestBody } from '../request-body.ts';
import { byUserId } from '../users/user-codec.ts';
import type { EmailVerificationCodec } from './email-verification-codec.ts';
import { getAccountName } from '../../domain/users/user.ts';

export const nativeEmailVerification: EmailVerificationCodec = {
  ...byUserId,
  changeInput: buildOnce(() => requestBody({ email: internationalEmail() }, 'EmailChangeRequest')),
  linkInput: buildOnce(() => requestBody({ token: linkToken() }, 'EmailVerificationToken')),
  linkResponse: responseSchema(() =>
    z
      .strictObject({
        status: z.literal('pending'),
        email: z.string().meta({ description: 'Address that the link verifies.' }),
        tenant: z.strictObject({ name: z.string() }),
        branding: pageBrandingResponse().nullable(),
        locale: z.enum(languages).meta({ description: 'Language of the email.' }),
        expiresTime: z.iso.datetime(),
      })
      .meta({ id: 'OpenEmailVerification' }),
  ),
  toLinkResponse: ({ user, tenant, email, expiresAt }) => ({
    body: {
      status: 'pending',
      email,
      tenant: { name: tenant.name },
      branding: toPageBrandingResponse(tenant),
      locale: selectLanguage(user, tenant),
      expiresTime: expiresAt,
    },
  }),
  response: responseSchema(() =>
    z
      .strictObject({
        userId: z.string().regex(idPatterns.user),
        email: z.string().meta({ description: 'Verified email of the user.' }),
        continueUrl: z
          .string()
          .meta({ description: 'URL to continue at, the origin of the tenant.' }),
      })
      .meta({ id: 'EmailVerified' }),
  ),
  toResponse: ({ user, tenant }, idPrefix) => ({
    body: {
      userId: formatId(idPrefix, 'user', toHex(user.userId)),
      email: getAccountName(user),
      continueUrl: tenant.origin,
    },
  }),
};
