import { composed, harmless } from '../invitations/composed-mail.ts';
import type { Mail } from '../invitations/delivery.ts';
import { type Language, languageOf } from '../invitations/language.ts';
import type { Tenant } from '../tenants.ts';
import type { User } from '../users/user.ts';
import type { PasswordNotice } from './password-notice.ts';

interface Words {
  readonly subject: string;
  readonly greeting: (name: string | undefined) => string;
  readonly changed: (tenant: string, email: string, date: string) => string;
  readonly wasYou: string;
  readonly wasNotYou: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    subject: 'Your password has been changed',
    greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
    changed: (tenant, email, date) => `The password for ${email} at ${tenant} was changed on ${date}.`,
    wasYou: 'It was you, or you know of it? Then there is nothing to do.',
    wasNotYou: 'It was not you? Then ask for a new password at once, where you sign in, and tell your administrator:',
  },
  de: {
    subject: 'Ihr Passwort wurde geändert',
    greeting: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
    changed: (tenant, email, date) => `Das Passwort für ${email} bei ${tenant} wurde am ${date} geändert.`,
    wasYou: 'Sie waren das, oder Sie wissen davon? Dann ist nichts zu tun.',
    wasNotYou:
      'Sie waren das nicht? Dann fordern Sie dort, wo Sie sich anmelden, sofort ein neues Passwort an, und sagen Sie es Ihrer Administration:',
  },
};

/** The mail that tells of a changed password. It has no link, so that nobody learns to follow those of its like: where to go is named. */
export function noticeMail(user: User, { email = user.email, changed }: PasswordNotice, tenant: Tenant, sender: string): Mail {
  const language = languageOf(user.locale, tenant.locale);
  const said = words[language];
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(changed));
  return composed({
    from: tenant.sender ?? sender,
    to: email,
    language,
    subject: said.subject,
    lines: [
      said.greeting(harmless(user.name ?? [user.firstName, user.lastName].filter(Boolean).join(' '))),
      said.changed(harmless(tenant.name) ?? tenant.slug, email, `${date} UTC`),
      said.wasYou,
      said.wasNotYou,
      tenant.origin,
    ],
    tags: { tenant: user.tenantId, user: user.userId },
  });
}
