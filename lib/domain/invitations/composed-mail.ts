import { toAsciiAddress } from '../mails/ascii-address.ts';
import type { Mail } from './delivery.ts';
import type { Language } from './language.ts';

/** What a mail says, before it is put together. */
interface Content extends Pick<Mail, 'from' | 'to' | 'subject' | 'tags'> {
  readonly language: Language;
  /** Its paragraphs; one of them is the link, where there is one. */
  readonly lines: readonly string[];
  readonly link?: string;
  /** What stands on the button that the link becomes. */
  readonly action?: string;
}

/** A mail as text and as HTML, which say the same. */
export function composed({ from, to, subject, language, lines, link, action = '', ...mail }: Content): Mail {
  const paragraph = (line: string) =>
    link !== undefined && line === link
      ? `<p><a href="${escaped(link)}" style="${button}">${escaped(action)}</a></p>`
      : `<p>${escaped(line)}</p>`;
  return {
    ...mail,
    from: toAsciiAddress(from),
    to: toAsciiAddress(to),
    subject,
    text: `${lines.join('\n\n')}\n`,
    html: `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${escaped(subject)}</title><body style="${body}">${lines.map(paragraph).join('\n')}</body></html>`,
  };
}

// Mail programs take no style sheets. The button is in the colour of the page that it leads to.
const body = 'font:16px/1.5 system-ui,sans-serif;color:#1c2430;max-width:34rem;margin:2rem auto;padding:0 1rem';
const button = 'display:inline-block;padding:.6rem 1.2rem;border-radius:.6rem;background:#3a4fa8;color:#fff;text-decoration:none';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
