import * as z from 'zod';
import type { Open } from '../../domain/invitations/accept-invitation.ts';
import { languageOf, languages } from '../../domain/invitations/language.ts';
import { hexOf, idOf, idPatterns } from '../../domain/ids.ts';
import { type AcceptanceWire, linkToken } from '../acceptance-wire.ts';
import { password } from '../fields.ts';
import { fullName } from '../full-name.ts';
import type { Reply } from '../user-wire.ts';

export const inspection = {
  request: z.strictObject({ token: linkToken }).meta({ id: 'InvitationToken' }),
  answer: z
    .strictObject({
      status: z.literal('pending'),
      email: z.string(),
      name: z.string().nullable(),
      tenant: z.strictObject({ name: z.string() }),
      locale: z.enum(languages),
      expiresTime: z.iso.datetime(),
      password: z
        .strictObject({
          minimumLength: z.int(),
          mustNotContain: z.array(z.string()).meta({ description: 'What anybody knows of the person, in lower case.' }),
        })
        .meta({ description: 'What the password will be held against, besides lists and patterns.' }),
    })
    .meta({ id: 'OpenInvitation' }),
  view: ({ user, tenant, words }: Open, minimumLength: number): Reply => ({
    body: {
      status: 'pending',
      email: user.email,
      name: user.name ?? fullName(user),
      tenant: { name: tenant.name },
      locale: languageOf(user.locale, tenant.locale),
      expiresTime: user.invitation.expires,
      password: { minimumLength, mustNotContain: words.map((word) => word.normalize('NFKC').toLowerCase()) },
    },
  }),
};

/** Accepting, on Roster's own API. */
export const nativeAcceptance: AcceptanceWire = {
  request: z.strictObject({ token: linkToken, password }).meta({ id: 'InvitationAcceptance' }),
  answer: z
    .strictObject({
      userId: z.string().regex(idPatterns.user),
      email: z.string(),
      status: z.literal('active'),
      refusedRoleIds: z.array(z.string().regex(idPatterns.role)),
      continueUrl: z.string().meta({ description: 'Where the person goes on: the origin of the tenant.' }),
    })
    .meta({ id: 'AcceptedInvitation' }),
  view: ({ user, tenant }, idPrefix) => ({
    body: {
      userId: idOf(idPrefix, 'user', hexOf(user.userId)),
      email: user.email,
      status: 'active',
      refusedRoleIds: (user.invitation.refusedRoles ?? []).map((slug) => idOf(idPrefix, 'role', slug)),
      continueUrl: tenant.origin,
    },
  }),
};
