import { composed } from '../invitations/composed-mail.ts';
import type { Mail } from '../invitations/delivery.ts';
import { type Language, languageOf } from '../invitations/language.ts';
import { resetLink } from '../links.ts';
import type { Tenant } from '../tenants.ts';
import type { User } from '../users/user.ts';
import { getGreetingName, getMailTenantName } from '../mails/mail-names.ts';

interface Words {
  readonly subject: string;
  readonly greeting: (name: string | undefined) => string;
  readonly asked: (tenant: string, email: string) => string;
  readonly action: string;
  readonly until: (date: string) => string;
  readonly ignore: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    subject: 'Choose a new password',
    greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
    asked: (tenant, email) => `Somebody, probably you, has asked for a new password for ${email} at ${tenant}. Choose one here:`,
    action: 'Choose a new password',
    until: (date) => `The link is good until ${date}, and for one use. It is for you alone: please do not pass it on.`,
    ignore: 'It was not you? Then do nothing: your password stays as it is.',
  },
  de: {
    subject: 'Wählen Sie ein neues Passwort',
    greeting: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
    asked: (tenant, email) =>
      `Jemand, wahrscheinlich Sie, hat für ${email} bei ${tenant} ein neues Passwort angefordert. Wählen Sie es hier:`,
    action: 'Neues Passwort wählen',
    until: (date) => `Der Link gilt bis ${date} und für ein einziges Mal. Er ist nur für Sie: Bitte geben Sie ihn nicht weiter.`,
    ignore: 'Sie waren das nicht? Dann tun Sie nichts: Ihr Passwort bleibt, wie es ist.',
  },
};

/** The mail with the link for a new password. `expires` is ISO 8601. */
export function resetMail(user: User, tenant: Tenant, { token, expires }: { token: string; expires: string }, sender: string): Mail {
  const language = languageOf(user.locale, tenant.locale);
  const { subject, greeting, asked, action, until, ignore } = words[language];
  const link = resetLink(tenant, token, language);
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(expires));
  return composed({
    from: tenant.sender ?? sender,
    to: user.email,
    language,
    subject,
    lines: [greeting(getGreetingName(user)), asked(getMailTenantName(tenant), user.email), link, until(`${date} UTC`), ignore],
    link,
    action,
    tags: { tenant: user.tenantId, user: user.userId },
  });
}
