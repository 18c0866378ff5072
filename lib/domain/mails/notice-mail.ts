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
  readonly severalChanged: (tenant: string, email: string) => string;
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
    severalChanged: (tenant, email) => `These changes were made to the account of ${email} at ${tenant}:`,
    wasYou: 'It was you, or you know of it? Then there is nothing to do.',
    wasNotYou: 'It was not you? Then ask for a new password at once, where you sign in, and tell your administrator:',
    onlyAdministrator: 'It was not you? Then tell your administrator at once:',
  },
  de: {
    details: { password: 'Ihr Passwort', email: 'Ihre E-Mail-Adresse', identity: 'Ihre Anmeldung über einen anderen Dienst' },
    subject: (details) => `Geändert: ${details}`,
    greeting: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
    changed: (details, tenant, email, date) => `Das wurde am ${date} im Konto von ${email} bei ${tenant} geändert: ${details}.`,
    severalChanged: (tenant, email) => `Im Konto von ${email} bei ${tenant} gab es diese Änderungen:`,
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
  email: string,
  notices: readonly [AccountNotice, ...AccountNotice[]],
  tenant: Tenant,
  sender: string,
): Mail {
  const language = languageOf(user.locale, tenant.locale);
  const said = words[language];
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  const formatDate = ({ changed }: AccountNotice) => `${format.format(new Date(changed))} UTC`;
  const formatDetails = (details: readonly AccountDetail[]) =>
    new Intl.ListFormat(language).format(details.map((detail) => said.details[detail]));
  const [first, ...more] = notices;
  const details = [...new Set(notices.flatMap((notice) => notice.details))];
  const tenantName = getMailTenantName(tenant);
  const isPasswordAlone = details.every((detail) => detail === 'password');
  return composed({
    from: tenant.sender ?? sender,
    to: email,
    language,
    subject: said.subject(formatDetails(details)),
    lines: [
      said.greeting(getGreetingName(user)),
      ...(more.length === 0
        ? [said.changed(formatDetails(details), tenantName, email, formatDate(first))]
        : [said.severalChanged(tenantName, email), ...notices.map((notice) => `${formatDate(notice)}: ${formatDetails(notice.details)}`)]),
      said.wasYou,
      isPasswordAlone ? said.wasNotYou : said.onlyAdministrator,
      tenant.origin,
    ],
    tags: { tenant: user.tenantId, user: user.userId },
  });
}
