import * as z from 'zod';
import { languages, selectLanguage } from '../../domain/mail/language.ts';
import { getMinimumLength } from '../../domain/credentials/password-policy.ts';
import type { LinkDetails } from '../../domain/links/redeem-link.ts';
import { pageBrandingResponse, toPageBrandingResponse } from '../branding/responses.ts';
import { linkToken } from '../fields.ts';
import { formatDisplayName, getAccountName } from '../../domain/users/user.ts';
import { requestBody } from '../request-body.ts';
import { buildOnce, type LazySchema, type Reply, responseSchema } from '../codec.ts';

export interface LinkInspectionCodec {
  readonly inspectInput: LazySchema<{ readonly token: string }>;
  readonly response: LazySchema;
  toResponse(link: LinkDetails, deploymentMinimum: number): Reply;
}

/** Inspection of an invitation or reset link, before a password is chosen. */
export const linkInspection: LinkInspectionCodec = {
  inspectInput: buildOnce(() => requestBody({ token: linkToken() }, 'LinkToken')),
  response: responseSchema(() =>
    z
      .strictObject({
        status: z.literal('pending'),
        email: z.string(),
        name: z.string().nullable(),
        tenant: z.strictObject({ name: z.string() }),
        branding: pageBrandingResponse().nullable(),
        identity: z.strictObject({ issuer: z.string(), subject: z.string() }).nullable().meta({
          description: 'Identity at another issuer that can also sign in to the account.',
        }),
        locale: z.enum(languages).meta({
          description: 'Language of the email.',
        }),
        expiresTime: z.iso.datetime(),
        password: z
          .strictObject({
            minimumLength: z
              .int()
              .meta({ description: 'Minimum length in characters, after NFKC.' }),
            mustNotContain: z.array(z.string()).meta({
              description:
                'Personal words in lower case. The password must not contain one of 4 characters or more, regardless of case.',
            }),
          })
          .meta({
            description: 'Password rules, in addition to checks for common passwords and patterns.',
          }),
      })
      .meta({ id: 'OpenLink' }),
  ),
  toResponse: ({ user, tenant, expiresAt, personalWords }, deploymentMinimum) => ({
    body: {
      status: 'pending',
      email: getAccountName(user),
      name: user.name ?? formatDisplayName(user),
      tenant: { name: tenant.name },
      branding: toPageBrandingResponse(tenant),
      identity: user.identity ?? null,
      locale: selectLanguage(user, tenant),
      expiresTime: expiresAt,
      password: {
        minimumLength: getMinimumLength(tenant, deploymentMinimum),
        mustNotContain: [
          ...new Set(personalWords.map((word) => word.normalize('NFKC').toLowerCase())),
        ],
      },
    },
  }),
};
