import { invitationLink } from '../links.ts';
import type { TenantWithRoles } from '../tenants.ts';
import { composed } from './composed-mail.ts';
import type { Mail } from './delivery.ts';
import type { Invited } from './invitation.ts';
import { type Language, languageOf } from './language.ts';
import { getGreetingName, getMailTenantName } from '../mails/mail-names.ts';

interface Words {
  readonly subject: string;
  readonly greeting: (name: string | undefined) => string;
  readonly invited: (tenant: string, email: string) => string;
  readonly action: string;
  readonly until: (date: string) => string;
  readonly ignore: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    subject: 'You are invited to set up your account',
    greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
    invited: (tenant, email) => `${tenant} has made an account for ${email}. Choose a password to make it yours:`,
    action: 'Set up your account',
    until: (date) => `The link is good until ${date}, and for one use. It is for you alone: please do not pass it on.`,
    ignore: 'You did not expect this? Then do nothing: without you nobody can use the account.',
  },
  de: {
    subject: 'Sie sind eingeladen, Ihr Konto einzurichten',
    greeting: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
    invited: (tenant, email) => `${tenant} hat ein Konto für ${email} angelegt. Wählen Sie ein Passwort, damit es Ihres wird:`,
    action: 'Konto einrichten',
    until: (date) => `Der Link gilt bis ${date} und für ein einziges Mal. Er ist nur für Sie: Bitte geben Sie ihn nicht weiter.`,
    ignore: 'Sie haben das nicht erwartet? Dann tun Sie nichts: Ohne Sie kann niemand das Konto benutzen.',
  },
};

/** The mail of an invitation: one fixed subject, and in its text no name that could be taken for anything but one. */
export function invitationMail(user: Invited, tenant: TenantWithRoles, token: string, sender: string): Mail {
  const language = languageOf(user.locale, tenant.locale);
  const { subject, greeting, invited, action, until, ignore } = words[language];
  const link = invitationLink(tenant, token, language);
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(
    new Date(user.invitation.expires),
  );
  const lines = [greeting(getGreetingName(user)), invited(getMailTenantName(tenant), user.email), link, until(`${date} UTC`), ignore];
  return composed({
    from: tenant.sender ?? sender,
    to: user.email,
    language,
    subject,
    lines,
    link,
    action,
    tags: { tenant: user.tenantId, user: user.userId, version: String(user.invitation.version) },
  });
}
