import { composed } from '../invitations/composed-mail.ts';
import type { Mail } from '../invitations/delivery.ts';
import { type Language, languageOf } from '../invitations/language.ts';
import type { TenantWithRoles } from '../tenants.ts';
import { collectInactivePermissions } from '../users/inactive-permissions.ts';
import type { User } from '../users/user.ts';
import type { AccountDetail, AccountNotice } from './account-notice.ts';
import { getGreetingName, getMailTenantName } from './mail-names.ts';

interface Words {
  readonly details: Readonly<Record<AccountDetail, string>>;
  readonly subject: (details: string) => string;
  readonly greeting: (name: string | undefined) => string;
  readonly changed: (details: string, tenant: string, email: string, date: string) => string;
  readonly createdSubject: (tenant: string) => string;
  readonly created: (tenant: string, email: string, date: string) => string;
  /** The creator of an account knows its first password. */
  readonly chooseOwnPassword: string;
  readonly linkedIdentity: (service: string) => string;
  readonly unknownService: string;
  readonly inactivePermissions: string;
  readonly severalChanged: (tenant: string, email: string) => string;
  readonly wasYou: string;
  readonly wasNotYou: string;
  /** In its place where there may be no way to a new password any more, or another way in than by one. */
  readonly onlyAdministrator: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    details: {
      account: 'your new account',
      password: 'your password',
      email: 'your email address',
      identity: 'your sign-in with another service',
      permissions: 'your permissions',
      confirmation: 'a requested confirmation',
    },
    createdSubject: (tenant) => `Your account at ${tenant}`,
    created: (tenant, email, date) => `An account with a password was created for ${email} at ${tenant} on ${date}.`,
    chooseOwnPassword: 'The person who created the account may know your password. To keep it private, reset it where you sign in.',
    linkedIdentity: (service) => `This sign-in service is now linked to your account: ${service}.`,
    unknownService: "a service that we don't recognize",
    inactivePermissions:
      'Some of your permissions are inactive because another person set your password. To activate them, reset your password by email where you sign in.',
    subject: (details) => `Changed: ${details}`,
    greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
    changed: (details, tenant, email, date) => `This was changed on ${date}, in the account of ${email} at ${tenant}: ${details}.`,
    severalChanged: (tenant, email) => `These changes were made to your account ${email} at ${tenant}:`,
    wasYou: 'It was you, or you know of it? Then there is nothing to do.',
    wasNotYou: 'It was not you? Then ask for a new password at once, where you sign in, and tell your administrator:',
    onlyAdministrator: 'It was not you? Then tell your administrator at once:',
  },
  de: {
    details: {
      account: 'Ihr neues Konto',
      password: 'Ihr Passwort',
      email: 'Ihre E-Mail-Adresse',
      identity: 'Ihre Anmeldung über einen anderen Dienst',
      permissions: 'Ihre Berechtigungen',
      confirmation: 'eine angeforderte Bestätigung',
    },
    createdSubject: (tenant) => `Ihr Konto bei ${tenant}`,
    created: (tenant, email, date) => `Am ${date} wurde für ${email} ein Konto mit Passwort bei ${tenant} angelegt.`,
    chooseOwnPassword:
      'Wer es angelegt hat, kennt vielleicht das Passwort. Bitte setzen Sie es dort, wo Sie sich anmelden, zurück, damit nur Sie es kennen.',
    linkedIdentity: (service) => `Diese Anmeldung über einen anderen Dienst gilt für Ihr Konto: ${service}.`,
    unknownService: 'ein uns unbekannter Dienst',
    inactivePermissions:
      'Einige Ihrer Berechtigungen ruhen, weil jemand anders Ihr Passwort gesetzt hat. Setzen Sie Ihr Passwort dort, wo Sie sich anmelden, per E-Mail zurück, um sie zu aktivieren.',
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
  tenant: TenantWithRoles,
  { sender, identityIssuers }: { readonly sender: string; readonly identityIssuers: readonly string[] },
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
  const isPasswordAlone = details.every((detail) => detail !== 'email' && detail !== 'identity');
  const isCreation = details.includes('account') && more.length === 0;
  const service =
    user.identity && identityIssuers.includes(user.identity.issuer) ? new URL(user.identity.issuer).host : said.unknownService;
  return composed({
    from: tenant.sender ?? sender,
    to: email,
    language,
    subject: isCreation ? said.createdSubject(tenantName) : said.subject(formatDetails(details)),
    lines: [
      said.greeting(getGreetingName(user)),
      ...(isCreation
        ? [said.created(tenantName, email, formatDate(first)), said.chooseOwnPassword]
        : more.length === 0
          ? [said.changed(formatDetails(details), tenantName, email, formatDate(first))]
          : [
              said.severalChanged(tenantName, email),
              ...notices.map((notice) => `${formatDate(notice)}: ${formatDetails(notice.details)}`),
            ]),
      ...(details.includes('identity') && user.identity ? [said.linkedIdentity(service)] : []),
      ...(collectInactivePermissions(user, tenant).length > 0 ? [said.inactivePermissions] : []),
      ...(isCreation ? [] : [said.wasYou]),
      isPasswordAlone ? said.wasNotYou : said.onlyAdministrator,
      tenant.origin,
    ],
    tags: { tenant: user.tenantId, user: user.userId },
  });
}
