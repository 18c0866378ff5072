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
      locale: z.enum(languages).meta({ description: 'Of the languages of mails the one of the person, else of the tenant, else English.' }),
      expiresTime: z.iso.datetime(),
      password: z
        .strictObject({
          minimumLength: z.int().meta({ description: 'In characters, after NFKC.' }),
          mustNotContain: z.array(z.string()).meta({
            description:
              'What anybody knows of the person, in lower case. Those of four characters or more must not occur in it, in any case.',
          }),
        })
        .meta({ description: 'What the password will be held against when it is chosen, besides lists of common ones and patterns.' }),
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
      password: { minimumLength, mustNotContain: [...new Set(words.map((word) => word.normalize('NFKC').toLowerCase()))] },
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
      refusedRoleIds: z
        .array(z.string().regex(idPatterns.role))
        .meta({ description: 'Roles that the account did not get: gone by now, or no longer the inviter’s to give.' }),
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
