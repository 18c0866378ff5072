import { describe, expect, it } from 'vitest';
import { createTestService, adminToken } from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');
const creates = (path: string, body: object) => service.post(path, body, { token });
const paths = ['/v1/app-clients', '/cradl/v1/appClients'] as const;

const validUrls = [
  'https://app.example.com',
  'https://app.example.com/callback?next=%2F#top',
  'https://*.example.com/login',
  'https://bücher.example/login',
  'http://localhost',
  'http://localhost:3000/callback',
];
const invalidUrls = [
  '',
  'app.example.com',
  '/callback',
  'http://app.example.com',
  'http://127.0.0.1:3000',
  'http://localhost.evil.example/callback',
  'http://localhost@evil.example/callback',
  'http://localhost:secret@localhost/',
  'https://user:secret@app.example.com/',
  'https://good.example\\@evil.example/',
  'https://',
  'https://app.example.com:99999/',
  'https://app.example.com/a b',
  'https://app.example.com/\r\nSet-Cookie: x=y',
  ' https://app.example.com',
  'javascript:alert(1)//https://',
  'data:text/html,https://',
  `https://app.example.com/${'a'.repeat(1001)}`,
  `https://app.example.com/${'ü'.repeat(600)}`,
];

describe.each(paths)('%s', (path) => {
  it.each(['callbackUrls', 'logoutUrls', 'loginUrls'])('returns %s unchanged', async (field) => {
    const { status, body } = await creates(path, { [field]: validUrls });
    expect(status).toBeLessThan(300);
    expect(body[field]).toEqual(validUrls);
  });

  it.each(invalidUrls)('returns 400 for the URL %j', async (url) => {
    for (const field of ['callbackUrls', 'logoutUrls', 'loginUrls']) {
      const { status, body } = await creates(path, { [field]: [validUrls[0], url] });
      expect({ status, at: body.details.issues[0].path }).toEqual({
        status: 400,
        at: `${field}.1`,
      });
    }
    // A blank URL is absent.
    if (url !== '') expect((await creates(path, { defaultLoginUrl: url })).status).toBe(400);
  });

  it('accepts at most 50 URLs per field', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => `https://${index}.example.com/`);
    expect(
      (await creates(path, { callbackUrls: many(50), logoutUrls: many(50), loginUrls: many(50) }))
        .status,
    ).toBeLessThan(300);
    expect((await creates(path, { loginUrls: many(51) })).status).toBe(400);
  });

  it('rejects invalid URLs of any length within 500 ms of CPU [N13]', async () => {
    /** CPU time of this thread, which other processes do not affect. */
    const getCpuMs = () => {
      const { user, system } = process.threadCpuUsage();
      return (user + system) / 1000;
    };
    const urls = [
      `http://localhost${'.'.repeat(500_000)}\n`,
      `https://${'a.'.repeat(250_000)}`,
      'http://localhost'.repeat(30_000),
      `http://${'localhost'.repeat(50_000)}`,
      ...Array.from({ length: 50 }, (_, index) => `https://${'-'.repeat(900 + index)}\u0000`),
    ];
    for (const url of urls.slice(0, 4)) {
      const started = getCpuMs();
      expect((await creates(path, { callbackUrls: [url] })).status).toBe(400);
      expect(getCpuMs() - started).toBeLessThan(500);
    }
    const started = getCpuMs();
    expect((await creates(path, { callbackUrls: urls.slice(4) })).status).toBe(400);
    expect(getCpuMs() - started).toBeLessThan(500);
  });
});
