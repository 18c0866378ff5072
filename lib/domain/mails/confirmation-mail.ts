import { composed } from '../invitations/composed-mail.ts';
import type { Mail } from '../invitations/delivery.ts';
import { type Language, languageOf } from '../invitations/language.ts';
import type { ConfirmableCredential } from '../credentials/confirm-credential.ts';
import { confirmationLink } from '../links.ts';
import type { Tenant } from '../tenants.ts';
import type { User } from '../users/user.ts';
import { getGreetingName, getMailTenantName } from './mail-names.ts';

interface Words {
  readonly subjects: Readonly<Record<ConfirmableCredential, string>>;
  readonly greeting: (name: string | undefined) => string;
  readonly requested: Readonly<Record<ConfirmableCredential, (tenant: string, email: string) => string>>;
  readonly action: string;
  readonly until: (date: string) => string;
  readonly ignore: string;
}

const words: Readonly<Record<Language, Words>> = {
  en: {
    subjects: { email: 'Confirm your email address', identity: 'Confirm your sign-in with another service' },
    greeting: (name) => (name === undefined ? 'Hello,' : `Hello ${name},`),
    requested: {
      email: (tenant, email) => `Confirm that ${email} is your email address at ${tenant}. Open this link and sign in:`,
      identity: (tenant, email) =>
        `Confirm that you sign in to your account ${email} at ${tenant} with another service. Open this link in the browser where you're signed in with that service:`,
    },
    action: 'Confirm',
    until: (date) => `This link expires on ${date} and works once. Please don't share it.`,
    ignore: "If you didn't request this, you can ignore this email.",
  },
  de: {
    subjects: { email: 'Bestätigen Sie Ihre E-Mail-Adresse', identity: 'Bestätigen Sie Ihre Anmeldung über einen anderen Dienst' },
    greeting: (name) => (name === undefined ? 'Guten Tag,' : `Guten Tag ${name},`),
    requested: {
      email: (tenant, email) =>
        `Bitte bestätigen Sie, dass ${email} Ihre E-Mail-Adresse bei ${tenant} ist. Öffnen Sie diesen Link und melden Sie sich an:`,
      identity: (tenant, email) =>
        `Bitte bestätigen Sie, dass Sie sich mit einem anderen Dienst bei Ihrem Konto ${email} bei ${tenant} anmelden. Öffnen Sie diesen Link dort, wo Sie damit angemeldet sind:`,
    },
    action: 'Bestätigen',
    until: (date) => `Der Link gilt bis ${date} und für ein einziges Mal. Bitte geben Sie ihn nicht weiter.`,
    ignore: 'Wenn Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren.',
  },
};

/** Mail with the link that confirms a credential. */
export function confirmationMail(
  user: User,
  tenant: Tenant,
  { credential, token, expiresAt }: { readonly credential: ConfirmableCredential; readonly token: string; readonly expiresAt: Date },
  sender: string,
): Mail {
  const language = languageOf(user.locale, tenant.locale);
  const { subjects, greeting, requested, action, until, ignore } = words[language];
  const link = confirmationLink(tenant, token, language);
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(expiresAt);
  return composed({
    from: tenant.sender ?? sender,
    to: user.email,
    language,
    subject: subjects[credential],
    lines: [
      greeting(getGreetingName(user)),
      requested[credential](getMailTenantName(tenant), user.email),
      link,
      until(`${date} UTC`),
      ignore,
    ],
    link,
    action,
    tags: { tenant: user.tenantId, user: user.userId },
  });
}
