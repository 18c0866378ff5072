import type { GatewayResponse } from '../gateway/response.ts';
import type { Mail } from '../fakes/mailbox.ts';

/**
 * Sandbox of the frame that shows a mail. Mails contain names that callers choose, so they cannot
 * run scripts, submit forms or load resources of other hosts. Links open in a new window.
 */
const sandbox = 'allow-popups allow-popups-to-escape-sandbox';
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  // Logos of tenants.
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  `sandbox ${sandbox}`,
];

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 80rem; margin: 2rem auto; padding: 0 1rem; }
  details { border-top: 1px solid #8886; padding: .75rem 0; }
  summary { cursor: pointer; }
  small { opacity: .7; }
  .mail { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem; margin-top: .75rem; }
  iframe { width: 100%; height: 32rem; border: 1px solid #8886; background: #fff; }
  pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/** Many frames make browsers slow. */
const maxMails = 50;

/** Renders the first 50 mails as a page. The first mail is open. */
export function renderMailboxPage(mails: readonly Mail[]): GatewayResponse {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mailbox (${mails.length})</title>
<base target="_blank">
<style>${style}</style>
<h1>Mailbox</h1>
<p>${mails.length === 0 ? 'No mail has been sent yet.' : 'Mail that Roster would have sent, newest first. No mail leaves this machine.'}</p>
${mails.slice(0, maxMails).map(renderMail).join('\n')}
`;
  return {
    status: 200,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['content-security-policy', policy.join('; ')],
      ['referrer-policy', 'no-referrer'],
      ['x-content-type-options', 'nosniff'],
      ['cache-control', 'no-store'],
    ],
    body: Buffer.from(body),
  };
}

function renderMail({ time, from, to, subject, text, html, tags }: Mail, index: number): string {
  const labels = Object.entries(tags).map(([name, value]) => `${name} ${value}`);
  return `<details${index === 0 ? ' open' : ''}>
<summary><strong>${escapeHtml(subject)}</strong> to ${escapeHtml(to.join(', '))} <small>${escapeHtml(time)}</small></summary>
<small>From ${escapeHtml(from)}${labels.length === 0 ? '' : ` · ${escapeHtml(labels.join(' · '))}`}</small>
<div class="mail">
${html === '' ? '' : `<iframe title="As HTML" loading="lazy" sandbox="${sandbox}" srcdoc="${escapeHtml(`<base target="_blank">${html}`)}"></iframe>`}
<pre>${linkUrls(text)}</pre>
</div>
</details>`;
}

/** Escapes text and turns web addresses into links, without the punctuation after them. */
function linkUrls(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/)
    .map((part, index) =>
      index % 2 === 0
        ? escapeHtml(part)
        : `<a href="${escapeHtml(part)}" rel="noopener noreferrer">${escapeHtml(part)}</a>`,
    )
    .join('');
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
