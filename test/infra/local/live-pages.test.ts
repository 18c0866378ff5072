import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createReceiver } from '../../../infra/local/dev/receiver.ts';
import { createLocalRoutes } from '../../../infra/local/dev/routes.ts';
import { createBus } from '../../../infra/local/events/bus.ts';
import { listen } from '../../../infra/local/gateway/server.ts';
import type { FeedEvent } from '../../../lib/domain/feed/feed-event.ts';
import type { FeedPage } from '../../../lib/domain/feed/feed-store.ts';
import { connectBrowser } from '../../support/browser/open-browser.ts';
import { chromiumPath } from '../../support/browser/shared-browser.ts';

// Pages of the event bus and of feeds, and the receiver of webhooks.

const bus = createBus();
const event = { sequence: 1, type: 'user.created', resource: { type: 'user', id: 'ada' } };
const feed = {
  readBefore: async (tenantId: string): Promise<FeedPage> => ({
    events: [{ ...event, id: tenantId } as FeedEvent],
    last: 1,
    hasMore: false,
  }),
};
const server = await listen(0);
server.respondWith([
  createLocalRoutes({
    findTenantId: async (slug: string) => (slug === 'nowhere' ? undefined : `ID of ${slug}`),
    bus,
    feed,
    receiver: createReceiver(),
    ownBus: 'Own',
  } as unknown as Parameters<typeof createLocalRoutes>[0]),
]);
const url = `http://localhost:${server.port}`;
afterAll(() => server.close());

const ask = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${url}${path}`, { redirect: 'manual', ...init });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
};
const configure = (settings: unknown) =>
  ask('/_local/receiver', { method: 'PATCH', body: JSON.stringify(settings) });
const now = () => String(Math.floor(Date.now() / 1000));
const sentBody = '{"type":"user.created"}';
const deliver = async (
  toSignature: (content: string) => string,
  { timestamp = now(), body = sentBody } = {},
) => {
  const headers = {
    'webhook-id': 'e1',
    'webhook-timestamp': timestamp,
    'webhook-signature': toSignature(`e1.${timestamp}.${sentBody}`),
  };
  const { status } = await ask('/_local/receiver', { method: 'POST', headers, body });
  const { json } = await ask('/_local/receiver');
  const [latest] = json['deliveries'] as [{ signature: string }];
  return { status, ...latest };
};

const secret = Buffer.alloc(32, 7);
const hmac = (content: string): string =>
  `v1,${createHmac('sha256', secret).update(content).digest('base64')}`;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const publicBytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
const ed25519 = (content: string): string =>
  `v1a,${sign(null, Buffer.from(content), privateKey).toString('base64')}`;

beforeEach(async () => {
  await ask('/_local/receiver', { method: 'DELETE' });
});

describe('the receiver', () => {
  test('verifies signatures of secrets and public keys', async () => {
    expect((await deliver(hmac)).signature).toBe('not checked');
    await configure({ secret: `whsec_${secret.toString('base64')}` });
    expect(await deliver(hmac)).toMatchObject({
      status: 204,
      id: 'e1',
      type: 'user.created',
      signature: 'valid',
    });
    expect((await deliver((content) => `${hmac('x')} ${hmac(content)}`)).signature).toBe('valid');
    expect((await deliver(ed25519)).signature).toBe('invalid');
    await configure({ secret: `whpk_${publicBytes.toString('base64')}` });
    expect((await deliver(ed25519)).signature).toBe('valid');
  });

  test.each([
    ['a changed body', hmac, { body: '{"type":"user.erased"}' }],
    ['an old timestamp', hmac, { timestamp: String(Number(now()) - 301) }],
    ['a future timestamp', hmac, { timestamp: String(Number(now()) + 600) }],
    ['no timestamp', hmac, { timestamp: 'soon' }],
    ['no signature', () => '', {}],
    ['a short signature', () => 'v1,AA==', {}],
    ['another version', (content: string) => hmac(content).replace('v1', 'v2'), {}],
  ])('finds %s invalid', async (_name, toSignature, options) => {
    await configure({ secret: `whsec_${secret.toString('base64')}` });
    expect((await deliver(toSignature, options)).signature).toBe('invalid');
  });

  test.each([
    ['fail', 500, null],
    ['busy', 429, null],
    ['redirect', 302, '/_local/receiver'],
    ['gone', 410, null],
  ])('set to %s, responds with %d', async (behavior, status, location) => {
    expect((await configure({ behavior })).json).toEqual({ secretCount: 0, behavior });
    const response = await ask('/_local/receiver', { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('location')]).toEqual([status, location]);
  });

  test('set to hang, does not respond', async () => {
    await configure({ behavior: 'hang' });
    const controller = new AbortController();
    const request = fetch(`${url}/_local/receiver`, {
      method: 'POST',
      body: '{}',
      signal: controller.signal,
    });
    const outcome = request.catch(() => 'aborted');
    await vi.waitFor(async () =>
      expect((await ask('/_local/receiver')).json['deliveries']).toHaveLength(1),
    );
    controller.abort();
    expect(await outcome).toBe('aborted');
  });

  test.each([[{ behavior: 'toString' }], [{ secret: 'x' }], [{ other: 1 }], ['text'], [[]]])(
    'rejects the settings %j',
    async (settings) => {
      expect((await configure(settings)).status).toBe(400);
    },
  );
});

describe('the feed of a tenant', () => {
  test('is that of the first sample tenant or of ?tenant=', async () => {
    const ids = await Promise.all(
      ['', '?tenant=globex'].map(async (query) => {
        const { json } = await ask(`/_local/feed${query}`);
        return (json['events'] as FeedEvent[]).map(({ id }) => id);
      }),
    );
    expect(ids).toEqual([['ID of acme'], ['ID of globex']]);
    expect((await ask('/_local/feed?tenant=nowhere')).status).toBe(404);
  });
});

describe('pages', () => {
  const paths = ['/_local/events', '/_local/feed', '/_local/receiver'];

  test.each(paths)('%s runs its own script alone', async (path) => {
    const { headers, text } = await ask(path, { headers: { accept: 'text/html' } });
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-[\w+/]+='; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(text.match(/<script/g)).toHaveLength(1);
    expect((await ask(path, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });

  test.skipIf(chromiumPath === undefined)('show what arrives, as text', async () => {
    const markup = '<img src=x onerror="document.title = 1">';
    const { browser } = await connectBrowser();
    try {
      const tab = await browser.newPage();
      const errors: string[] = [];
      tab.on('pageerror', (error) => errors.push(String(error)));
      await tab.goto(`${url}/_local/events`);
      await tab.getByText('Nothing yet.').waitFor();
      bus.put({ bus: 'Own', source: 'com.example', 'detail-type': markup, detail: { markup } });
      await tab.getByRole('cell', { name: markup }).waitFor();
      await tab.getByText('JSON').click();
      await tab.getByText('"detail-type"').waitFor();
      expect([await tab.title(), errors]).toEqual(['Event bus', []]);
      await tab.goto(`${url}/_local/feed`);
      await tab.getByRole('cell', { name: 'user.created' }).waitFor();
    } finally {
      await browser.close();
    }
  });
});
