import { createHash } from 'node:crypto';
import type { GatewayResponse } from '../gateway/response.ts';
import { type GatewayRequest, getHeader } from '../gateway/request-event.ts';
import { jsonResponse } from '../gateway/server.ts';

interface LivePage {
  readonly title: string;
  readonly description: string;
  /** Pages to switch to, by label. */
  readonly links?: Readonly<Record<string, string>>;
  /** Label of each column, and the path of its value in an item, such as `actor.id`. */
  readonly columns: Readonly<Record<string, string>>;
  /** Newest first. */
  readonly items: readonly object[];
  /** Name of the items in the JSON form. */
  readonly name: string;
  /** Further members of the JSON form. */
  readonly details?: object;
}

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 90rem; margin: 2rem auto; padding: 0 1rem; }
  nav a { margin-right: 1rem; }
  table { border-collapse: collapse; width: 100%; font-size: .875rem; }
  th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
  th, summary { white-space: nowrap; }
  td { overflow-wrap: anywhere; }
  pre { margin: 0; white-space: pre-wrap; }
  summary { cursor: pointer; }
`;

// Values contain names that callers choose, so the script writes them as text only.
const script = `
const { name, columns } = JSON.parse(document.body.dataset.page);
const rows = document.querySelector('tbody');
const empty = document.querySelector('#empty');
let renderedText = '';
const read = (item, path) => path.split('.').reduce((value, key) => value?.[key], item);
const toText = (value) => Array.isArray(value) ? value.join(', ') : typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
function addCell(row, child) { row.insertCell().append(child); }
async function update() {
  const response = await fetch(location.href, { headers: { accept: 'application/json' } });
  const text = await response.text();
  if (response.ok && text !== renderedText) {
    renderedText = text;
    const items = JSON.parse(text)[name];
    const open = new Set([...document.querySelectorAll('details[open]')].map((details) => details.textContent));
    empty.hidden = items.length > 0;
    rows.replaceChildren();
    for (const item of items) {
      const row = rows.insertRow();
      for (const path of columns) addCell(row, toText(read(item, path)));
      const [details, summary, pre] = ['details', 'summary', 'pre'].map((tag) => document.createElement(tag));
      summary.append('JSON');
      pre.append(JSON.stringify(item, null, 2));
      details.append(summary, pre);
      details.open = open.has(details.textContent);
      addCell(row, details);
    }
  }
}
// A stopped server leaves the last state.
setInterval(() => document.hidden || update().catch(() => {}), 1000);
update();
`;

const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Responds with items: a page that updates each second for browsers, JSON for other clients. */
export function respondLive(
  request: GatewayRequest,
  { title, description, links = {}, columns, items, name, details }: LivePage,
): GatewayResponse {
  if (!getHeader(request, 'accept')?.includes('text/html'))
    return jsonResponse(200, { [name]: items, ...details });
  const page = JSON.stringify({ name, columns: Object.values(columns) });
  const navigation = Object.entries(links).map(
    ([label, target]) => `<a href="${escapeHtml(target)}">${escapeHtml(label)}</a>`,
  );
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<body data-page="${escapeHtml(page)}">
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(description)}</p>
${navigation.length > 0 ? `<nav>${navigation.join('\n')}</nav>` : ''}
<table>
<thead><tr>${Object.keys(columns)
    .map((label) => `<th>${escapeHtml(label)}</th>`)
    .join('')}<th></th></tr></thead>
<tbody></tbody>
</table>
<p id="empty">Nothing yet.</p>
<script>${script}</script>
`;
  return {
    status: 200,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['content-security-policy', policy],
      ['referrer-policy', 'no-referrer'],
      ['x-content-type-options', 'nosniff'],
      ['cache-control', 'no-store'],
    ],
    body: Buffer.from(body),
  };
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
