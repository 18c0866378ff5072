import type { GatewayAnswer } from '../gateway/response.ts';
import type { Mail } from '../fakes/mailbox.ts';

/**
 * A mail is the work of whoever made it: in its frame it runs nothing, sends nothing and loads nothing. What somebody clicks
 * in it opens in a window of its own.
 */
const sandbox = 'allow-popups allow-popups-to-escape-sandbox';
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
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

/** Browsers get slow with many frames. */
const shown = 50;

/** The first 50 mails as a page to read them in, the first of them open. */
export function mailboxPage(mails: readonly Mail[]): GatewayAnswer {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mailbox (${mails.length})</title>
<base target="_blank">
<style>${style}</style>
<h1>Mailbox</h1>
<p>${mails.length === 0 ? 'No mail has been sent yet.' : 'What would have been sent from here, the newest first. Nothing has left this machine.'}</p>
${mails.slice(0, shown).map(showMail).join('\n')}
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

function showMail({ time, from, to, subject, text, html, tags }: Mail, index: number): string {
  const labels = Object.entries(tags).map(([name, value]) => `${name} ${value}`);
  return `<details${index === 0 ? ' open' : ''}>
<summary><strong>${escape(subject)}</strong> to ${escape(to.join(', '))} <small>${escape(time)}</small></summary>
<small>From ${escape(from)}${labels.length === 0 ? '' : ` · ${escape(labels.join(' · '))}`}</small>
<div class="mail">
${html === '' ? '' : `<iframe title="As HTML" loading="lazy" sandbox="${sandbox}" srcdoc="${escape(`<base target="_blank">${html}`)}"></iframe>`}
<pre>${linked(text)}</pre>
</div>
</details>`;
}

/** Text with its web addresses as links; what follows a sentence's end belongs to none. */
function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/)
    .map((part, index) =>
      index % 2 === 0
        ? escape(part)
        : `<a href="${escape(part)}" rel="noopener noreferrer">${escape(part)}</a>`,
    )
    .join('');
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
