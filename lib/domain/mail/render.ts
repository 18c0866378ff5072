import { deriveAccentColors } from '../branding/accent-colors.ts';
import { getLogoUrl } from '../branding/branding.ts';
import type { Tenant } from '../tenants/tenant.ts';
import type { Mail } from './mail.ts';
import { getMailTenantName } from './mail-names.ts';
import { toAsciiAddress } from './senders.ts';
import type { Language } from './language.ts';

interface MailContent extends Pick<Mail, 'from' | 'to' | 'subject' | 'tags'> {
  readonly tenant: Tenant;
  readonly language: Language;
  /** Includes the link, if any. */
  readonly paragraphs: readonly string[];
  readonly link?: string;
  /** Text of the button. */
  readonly action?: string;
}

/** Renders a mail as text and as HTML with the same content. */
export function renderMail({
  tenant,
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
      ? `<p><a href="${escapeHtml(link)}" style="${buildButtonStyle(tenant)}">${escapeHtml(action)}</a></p>`
      : `<p>${escapeHtml(paragraph)}</p>`;
  return {
    tags,
    from: toAsciiAddress(from),
    to: toAsciiAddress(to),
    subject,
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${escapeHtml(subject)}</title><body style="${bodyStyle}">${[...renderLogo(tenant), ...paragraphs.map(toHtml)].join('\n')}</body></html>`,
  };
}

// Mail clients ignore style sheets.
const bodyStyle =
  'font:16px/1.5 system-ui,sans-serif;color:#1c2430;max-width:34rem;margin:2rem auto;padding:0 1rem';
/** Default of the pages. */
const defaultAccentColor = '#3a4fa8';

function buildButtonStyle({ branding }: Tenant): string {
  const { button, onButton } = deriveAccentColors(branding?.accentColor ?? defaultAccentColor);
  return `display:inline-block;padding:.6rem 1.2rem;border-radius:.6rem;background:${button};color:${onButton};text-decoration:none`;
}

const maxLogoSize = { width: 240, height: 48 };

/**
 * Renders the logo, if any. Its URL is the same in all mails, so it does not reveal who opens one.
 * Dark color schemes get a white background, because logos are often dark.
 */
function renderLogo(tenant: Tenant): readonly string[] {
  const url = getLogoUrl(tenant);
  const { width = 1, height = 1 } = tenant.branding?.logo ?? {};
  if (url === undefined) return [];
  const scale = Math.min(1, maxLogoSize.width / width, maxLogoSize.height / height);
  const [shownWidth, shownHeight] = [width, height].map((side) =>
    Math.max(1, Math.round(side * scale)),
  );
  return [
    `<p><img src="${escapeHtml(url)}" alt="${escapeHtml(getMailTenantName(tenant))}" width="${shownWidth}" height="${shownHeight}" style="display:block;border:0;background:#fff"></p>`,
  ];
}

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
