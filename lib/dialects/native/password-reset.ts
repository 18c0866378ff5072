import * as z from 'zod';
import { hexOf, idOf, idPatterns } from '../../domain/ids.ts';
import { languageOf } from '../../domain/invitations/language.ts';
import type { OpenReset } from '../../domain/resets/complete-reset.ts';
import { linkToken } from '../acceptance-wire.ts';
import { internationalEmail, password } from '../fields.ts';
import { fullName } from '../full-name.ts';
import { type PasswordResetWire, tenantName } from '../password-reset-wire.ts';
import type { Reply } from '../user-wire.ts';
import { inspection } from './acceptance.ts';

/** Looking at a link for a new password: it is shown as an open invitation is. */
export const resetInspection = {
  request: z.strictObject({ token: linkToken }).meta({ id: 'PasswordResetToken' }),
  answer: inspection.answer,
  view: ({ user, tenant, expires, words }: OpenReset, minimumLength: number): Reply => ({
    body: {
      status: 'pending',
      email: user.email,
      name: user.name ?? fullName(user),
      tenant: { name: tenant.name },
      locale: languageOf(user.locale, tenant.locale),
      expiresTime: expires,
      password: { minimumLength, mustNotContain: [...new Set(words.map((word) => word.normalize('NFKC').toLowerCase()))] },
    },
  }),
};

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
