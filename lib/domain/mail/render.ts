import type { Mail } from './mail.ts';
import { toAsciiAddress } from './senders.ts';
import type { Language } from './language.ts';

interface MailContent extends Pick<Mail, 'from' | 'to' | 'subject' | 'tags'> {
  readonly language: Language;
  /** Includes the link, if any. */
  readonly paragraphs: readonly string[];
  readonly link?: string;
  /** Text of the button. */
  readonly action?: string;
}

/** Renders a mail as text and as HTML with the same content. */
export function renderMail({
  from,
  to,
  subject,
  language,
  paragraphs,
  link,
  action = '',
  tags,
}: MailContent): Mail {
  const toHtml = (paragraph: string) =>
    link !== undefined && paragraph === link
      ? `<p><a href="${escapeHtml(link)}" style="${buttonStyle}">${escapeHtml(action)}</a></p>`
      : `<p>${escapeHtml(paragraph)}</p>`;
  return {
    tags,
    from: toAsciiAddress(from),
    to: toAsciiAddress(to),
    subject,
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${escapeHtml(subject)}</title><body style="${bodyStyle}">${paragraphs.map(toHtml).join('\n')}</body></html>`,
  };
}

// Mail clients ignore style sheets. The button has the accent color of the pages.
const bodyStyle =
  'font:16px/1.5 system-ui,sans-serif;color:#1c2430;max-width:34rem;margin:2rem auto;padding:0 1rem';
const buttonStyle =
  'display:inline-block;padding:.6rem 1.2rem;border-radius:.6rem;background:#3a4fa8;color:#fff;text-decoration:none';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

const formats: Partial<Record<Language, Intl.DateTimeFormat>> = {};

/** Creates the format of a language once, because that takes longer than rendering a mail. */
const getFormat = (language: Language): Intl.DateTimeFormat =>
  (formats[language] ??= new Intl.DateTimeFormat(language, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  }));

/** Formats a time as in `December 7, 2026 at 1:52 AM UTC`. */
export const formatTime = (time: Date, language: Language): string =>
  `${getFormat(language).format(time)} UTC`;
