import { domainToASCII } from 'node:url';
import { invitationLink } from '../links.ts';
import type { TenantWithRoles } from '../tenants.ts';
import type { Mail } from './delivery.ts';
import type { Invited } from './invitation.ts';
import { type Language, languageOf } from './language.ts';

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
  const lines = [
    greeting(harmless(user.name ?? [user.firstName, user.lastName].filter(Boolean).join(' '))),
    invited(harmless(tenant.name) ?? tenant.slug, user.email),
    link,
    until(`${date} UTC`),
    ignore,
  ];
  const paragraph = (line: string) =>
    line === link ? `<p><a href="${escaped(link)}" style="${button}">${escaped(action)}</a></p>` : `<p>${escaped(line)}</p>`;
  return {
    from: tenant.sender ?? sender,
    to: addressOf(user.email),
    subject,
    text: `${lines.join('\n\n')}\n`,
    html: `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${escaped(subject)}</title><body style="${body}">${lines.map(paragraph).join('\n')}</body></html>`,
    tags: { tenant: user.tenantId, user: user.userId, version: String(user.invitation.version) },
  };
}

// Mail programs take no style sheets.
const body = 'font:16px/1.5 system-ui,sans-serif;color:#1c2430;max-width:34rem;margin:2rem auto;padding:0 1rem';
const button = 'display:inline-block;padding:.6rem 1.2rem;border-radius:.4rem;background:#1f5f8b;color:#fff;text-decoration:none';

/** As mail systems want it: a domain that is not ASCII goes by its A-label, which names the same mailbox. */
function addressOf(email: string): string {
  const at = email.lastIndexOf('@');
  return `${email.slice(0, at)}@${domainToASCII(email.slice(at + 1)) || email.slice(at + 1)}`;
}

const longestName = 64;

/**
 * A name as it can stand in a mail that people trust; undefined for what is no mere name. A mail program would make a link
 * of anything like an address, so that `Free money at evil.example` could be one.
 */
function harmless(name: string): string | undefined {
  if (name.length > longestName * 2) return undefined;
  const plain = name.normalize('NFC').trim();
  const isNameLike = /^[\p{L}\p{M}\p{N} '’&(),+-]+(\.( |$)[\p{L}\p{M}\p{N} '’&(),+-]*)*$/u.test(plain);
  return isNameLike && [...plain].length <= longestName ? plain : undefined;
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
