/** The fields of tenants that dialects share: one rule for each, whatever it is called on the wire. */
import * as z from 'zod';
import { languageList, languages } from '../../domain/mail/language.ts';
import { isOrigin, isPageUrl } from '../../domain/tenants/urls.ts';
import { slugPattern } from '../../domain/tenants/slug.ts';
import { internationalEmail, languageTag, longName, shortName, urlText } from '../fields.ts';

export const slug = z
  .string()
  .max(63, { abort: true })
  .regex(slugPattern, 'must be 1 to 63 lowercase letters, digits and inner hyphens')
  .meta({
    description:
      'The label of the tenant in host names. Unique for good: what a tenant had, no other gets.',
    examples: ['acme'],
  });

export const tenantName = shortName.meta({
  description: 'Display name, also used in mails.',
  examples: ['Acme'],
});

/** Language of mails to users without a locale of their own. */
export const tenantLocale = languageTag
  .regex(
    new RegExp(`^(${languages.join('|')})(-|$)`),
    `must be a BCP 47 language tag of ${languageList}`,
  )
  .meta({
    description: `Language of mails to users without a \`locale\` in one of these languages: ${languageList}.`,
    examples: ['en'],
  });

const maxUrlBytes = 2048;

export const origin = urlText(maxUrlBytes)
  .refine(isOrigin, 'must be an https origin without a path')
  .meta({
    description: 'Where links in mails lead, and nowhere else.',
    examples: ['https://acme.example.com'],
  });

const page = urlText(maxUrlBytes).refine(
  isPageUrl,
  'must be an https URL without a query or a fragment',
);

export const acceptUrl = page.meta({
  description: 'The page on which its people accept invitations, in place of `<origin>/accept`.',
  examples: ['https://acme.example.com/welcome'],
});

export const resetUrl = page.meta({
  description: 'The page on which its people choose a new password, in place of `<origin>/reset`.',
  examples: ['https://acme.example.com/new-password'],
});

export const confirmUrl = page.meta({
  description:
    'The page on which account holders confirm an email or identity, instead of `<origin>/confirm`. Needed to confirm identities, because that takes a token of the identity.',
  examples: ['https://acme.example.com/confirm-email'],
});

export const sender = internationalEmail.meta({
  description:
    "Sender of its mails in place of the deployment's. It must be an address that the deployment sends from (`mail.senders` of its configuration).",
  examples: ['hello@acme.example.com'],
});

export const administratorsSetPasswords = z.boolean().meta({
  description:
    'Whether administrators set the passwords of others, which Credible’s API has; else only system administrators do. For the owner of the tenant, or a system administrator, to say.',
});

export const requireOwnPassword = z.boolean().meta({
  description:
    'If true, a password that another user set carries no roles until the account holder changes it. Set by the owner of the tenant or a system administrator.',
});

export const invitationDays = z.int().min(1).max(30).meta({
  description: "For how many days its invitations are good, in place of the deployment's.",
});

export const ownerEmail = internationalEmail.meta({
  description: 'Who is to own the tenant: invited by mail, as an administrator.',
  examples: ['jsmith@example.com'],
});

export const ownerName = longName;
