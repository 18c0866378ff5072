import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createBus } from '../../../infra/local/events/bus.ts';
import { startFakeDns } from '../../../infra/local/fakes/dns.ts';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { createReceiver } from '../../../infra/local/dev/receiver.ts';
import { createLocalRoutes } from '../../../infra/local/dev/routes.ts';
import { createMailbox } from '../../../infra/local/fakes/mailbox.ts';
import { listen } from '../../../infra/local/gateway/server.ts';
import { connectBrowser } from '../../support/browser/open-browser.ts';
import { chromiumPath } from '../../support/browser/shared-browser.ts';

// Mailbox and events of `npm start`.

const mailbox = createMailbox();
const bus = createBus();
const dns = await startFakeDns();
const server = await listen(0);
const issuer = createIssuer({ issuer: 'http://localhost' });
// App clients need a database and are tested elsewhere.
const tables = undefined as never;
server.respondWith([
  createLocalRoutes({
    issuer,
    findTenantId: async () => undefined,
    tables,
    mailbox,
    dns,
    bus,
    feed: undefined as never,
    receiver: createReceiver(),
    ownBus: 'Own',
  }),
]);
const url = `http://localhost:${server.port}`;
afterAll(() => Promise.all([server.close(), dns.close()]));

const ask = (path: string, init: RequestInit = {}) => fetch(`${url}${path}`, init);
const post = (body: unknown) =>
  ask('/_local/events', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const page = async (query = '') =>
  (await ask(`/_local/mailbox${query}`, { headers: { accept: 'text/html,*/*;q=0.8' } })).text();

function sends(to: string, { subject = `To ${to}`, text = 'Hello', html = '<p>Hello' } = {}) {
  mailbox.sendEmail({
    FromEmailAddress: 'no-reply@example.com',
    Destination: { ToAddresses: [to] },
    Content: {
      Simple: { Subject: { Data: subject }, Body: { Text: { Data: text }, Html: { Data: html } } },
    },
    EmailTags: [{ Name: 'tenant', Value: 'acme' }],
  });
}

beforeEach(() => mailbox.empty());

describe('the mailbox', () => {
  const subjects = async (query = '') =>
    (
      (await (await ask(`/_local/mailbox${query}`)).json()) as { mails: { subject: string }[] }
    ).mails.map(({ subject }) => subject);

  test('lists mails, newest first', async () => {
    sends('ada@example.com');
    sends('grace@example.com');
    expect(await subjects()).toEqual(['To grace@example.com', 'To ada@example.com']);
  });

  test('filters by recipient, case-insensitively', async () => {
    sends('Ada+x@example.com');
    sends('grace@example.com');
    expect(await subjects('?to=ada%2Bx@EXAMPLE.com')).toEqual(['To Ada+x@example.com']);
    expect(await subjects('?to=example.com')).toEqual([]);
  });

  test('can be emptied', async () => {
    sends('ada@example.com');
    expect((await ask('/_local/mailbox', { method: 'DELETE' })).status).toBe(200);
    expect(await subjects()).toEqual([]);
  });

  test.each(['GET', 'DELETE'])('rejects requests of other origins to %s', async (method) => {
    sends('ada@example.com');
    expect(
      (await ask('/_local/mailbox', { method, headers: { origin: 'https://evil.example' } }))
        .status,
    ).toBe(403);
    expect(await subjects()).toHaveLength(1);
  });
});

describe('the mailbox in a browser', () => {
  test('is a page with links, newest mail first', async () => {
    sends('ada@example.com');
    sends('grace@example.com', {
      text: 'Go to http://localhost:4000/accept#token=a&locale=en. Or do not.',
    });
    const html = await page();
    expect(html.indexOf('To grace')).toBeLessThan(html.indexOf('To ada'));
    expect(html).toContain(
      '<a href="http://localhost:4000/accept#token=a&#38;locale=en" rel="noopener noreferrer">',
    );
    expect(await page('?to=ada@example.com')).not.toContain('To grace');
    expect(await page('?to=nobody')).toContain('No mail has been sent yet.');
  });

  test('escapes the markup of mails', async () => {
    const markup = `"'><script>alert(1)</script>&lt;`;
    sends('ada@example.com', {
      subject: markup,
      text: `${markup} https://x.example/"onclick="y`,
      html: markup,
    });
    const html = await page();
    expect(html).not.toContain('<script');
    expect(html).not.toContain('"onclick');
    expect(html).toContain('&#34;&#39;&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#38;lt;');
  });

  test('has a policy against scripts, requests and frames', async () => {
    const { headers } = await ask('/_local/mailbox', { headers: { accept: 'text/html' } });
    expect(headers.get('content-security-policy')?.split('; ')).toEqual([
      "default-src 'none'",
      "style-src 'unsafe-inline'",
      "img-src 'self' data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      'sandbox allow-popups allow-popups-to-escape-sandbox',
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test.skipIf(chromiumPath === undefined)(
    'blocks active content of a mail but allows its links',
    async () => {
      const requests: string[] = [];
      const elsewhere = createServer((request, answer) => {
        requests.push(request.url ?? '');
        answer.end('here');
      }).listen(0, '127.0.0.1');
      await once(elsewhere, 'listening');
      const away = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
      sends('ada@example.com', {
        html: `
        <script>top.location = '${away}/script'</script>
        <meta http-equiv="refresh" content="0;url=${away}/refresh">
        <base href="${away}/base/" target="_self"><link rel="stylesheet" href="${away}/style">
        <img src="${away}/image" onerror="parent.location = '${away}/onerror'"><iframe src="${away}/frame"></iframe>
        <style>@import url(${away}/import); body { background: url(${away}/background) }</style>
        <form action="${away}/form"><input autofocus onfocus="this.form.submit()"><button>Send</button></form>
        <a id="top" href="${away}/top" target="_top">Top</a>
        <a id="link" href="${away}/link" target="_blank">Link</a>`,
      });

      const { browser } = await connectBrowser();
      try {
        const tab = await browser.newPage();
        await tab.goto(`${url}/_local/mailbox`);
        const mail = tab.frameLocator('iframe').first();
        await mail.getByText('Send').click();
        await mail.locator('#top').click();
        await tab.waitForTimeout(300);
        expect([requests, tab.url()]).toEqual([[], `${url}/_local/mailbox`]);
        const [opened] = await Promise.all([
          tab.waitForEvent('popup'),
          mail.locator('#link').click(),
        ]);
        await opened.waitForLoadState();
        expect(await opened.textContent('body')).toBe('here');
        expect(requests[0]).toBe('/link');
      } finally {
        await browser.close();
        elsewhere.close();
      }
    },
  );
});

describe('an event', () => {
  const newEvent = {
    source: 'com.example.crm',
    'detail-type': 'User Invite Requested',
    detail: { email: 'ada@example.com' },
  };

  test('goes to the bus of the stack and is listed', async () => {
    const answer = await post({ ...newEvent, account: '123456789012' });
    const { id } = (await answer.json()) as { id: string };
    expect(bus.events.at(-1)).toMatchObject({
      ...newEvent,
      bus: 'Own',
      id,
      account: '123456789012',
    });
    const listed = (await (await ask('/_local/events')).json()) as { events: unknown[] };
    expect(listed.events[0]).toEqual(bus.events.at(-1));
  });

  test('of an AWS service goes to the default bus', async () => {
    await post({ ...newEvent, source: 'aws.ses' });
    expect(bus.events.at(-1)?.bus).toBe('default');
  });

  test.each([
    ['{', 'The body must be a JSON object.'],
    [
      { ...newEvent, Source: 'x' },
      'Source is not a known field; send {"account"?, "source", "detail-type", "detail"}.',
    ],
    [{ ...newEvent, source: '' }, '"source" must be a non-empty string.'],
    [{ ...newEvent, 'detail-type': 1 }, '"detail-type" must be a non-empty string.'],
    [{ ...newEvent, detail: [] }, '"detail" must be an object.'],
    [{ ...newEvent, account: '1' }, '"account" must have 12 digits.'],
  ])('%j is rejected with a message', async (body, message) => {
    const before = bus.events.length;
    const answer = await post(body);
    expect([answer.status, await answer.text(), bus.events.length]).toEqual([
      400,
      `${message}\n`,
      before,
    ]);
  });

  test('cannot be put by other origins', async () => {
    const init = {
      method: 'POST',
      body: JSON.stringify(newEvent),
      headers: { origin: 'https://evil.example' },
    };
    expect((await ask('/_local/events', init)).status).toBe(403);
  });
});
