import { composed } from '../invitations/composed-mail.ts';
import type { Mail } from '../invitations/delivery.ts';
import { type Language, languageOf } from '../invitations/language.ts';
import type { Tenant } from '../tenants.ts';
import type { User } from '../users/user.ts';
import type { AccountDetail, AccountNotice } from './account-notice.ts';
import { getGreetingName, getMailTenantName } from './mail-names.ts';

interface Words {
  readonly details: Readonly<Record<AccountDetail, string>>;
  readonly subject: (details: string) => string;
  readonly greeting: (name: string | undefined) => string;
  readonly changed: (details: string, tenant: string, email: string, date: string) => string;
  readonly wasYou: string;
  readonly wasNotYou: string;
  /** In its place where there may be no way to a new password any more, or another way in than by one. */
  readonly onlyAdministrator: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    details: { password: 'your password', email: 'your e-mail address', identity: 'your sign-in by another service' },
    subject: (details) => `Changed: ${details}`,
    greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
    changed: (details, tenant, email, date) => `This was changed on ${date}, in the account of ${email} at ${tenant}: ${details}.`,
    wasYou: 'It was you, or you know of it? Then there is nothing to do.',
    wasNotYou: 'It was not you? Then ask for a new password at once, where you sign in, and tell your administrator:',
    onlyAdministrator: 'It was not you? Then tell your administrator at once:',
  },
  de: {
    details: { password: 'Ihr Passwort', email: 'Ihre E-Mail-Adresse', identity: 'Ihre Anmeldung über einen anderen Dienst' },
    subject: (details) => `Geändert: ${details}`,
    greeting: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
    changed: (details, tenant, email, date) => `Das wurde am ${date} im Konto von ${email} bei ${tenant} geändert: ${details}.`,
    wasYou: 'Sie waren das, oder Sie wissen davon? Dann ist nichts zu tun.',
    wasNotYou:
      'Sie waren das nicht? Dann fordern Sie dort, wo Sie sich anmelden, sofort ein neues Passwort an, und sagen Sie es Ihrer Administration:',
    onlyAdministrator: 'Sie waren das nicht? Dann sagen Sie es sofort Ihrer Administration:',
  },
};

/**
 * The mail that tells what has been changed, and not what it is now. It has no link, so that nobody learns to follow those of its like:
 * where to go is named.
 */
export function noticeMail(
  user: User,
  { email, details, changed }: AccountNotice & { readonly email: string },
  tenant: Tenant,
  sender: string,
): Mail {
  const language = languageOf(user.locale, tenant.locale);
  const said = words[language];
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(changed));
  const named = new Intl.ListFormat(language).format(details.map((detail) => said.details[detail]));
  const isPasswordAlone = details.every((detail) => detail === 'password');
  return composed({
    from: tenant.sender ?? sender,
    to: email,
    language,
    subject: said.subject(named),
    lines: [
      said.greeting(getGreetingName(user)),
      said.changed(named, getMailTenantName(tenant), email, `${date} UTC`),
      said.wasYou,
      isPasswordAlone ? said.wasNotYou : said.onlyAdministrator,
      tenant.origin,
    ],
    tags: { tenant: user.tenantId, user: user.userId },
  });
}
