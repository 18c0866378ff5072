/** Links that a mail gateway rewrote. */
import { describe, expect, it } from 'vitest';
import { findLink } from '../../lib/web/password-page/find-link.ts';
import { getLogs } from '../support/logs.ts';
import { createTestService } from '../support/service.ts';

const service = await createTestService();
const token = 'Ab_-'.repeat(23);

describe('a mailed link [47]', () => {
  it.each([
    ['/accept%23token=TOKEN&locale=de', 'accept#token=TOKEN&locale=de'],
    ['/reset%23token=TOKEN&locale=en', 'reset#token=TOKEN&locale=en'],
    ['/confirm%23token=TOKEN&locale=de', 'confirm#token=TOKEN&locale=de'],
    ['/confirm/%23token=TOKEN', '../confirm#token=TOKEN'],
    ['/verify%23token=TOKEN&locale=de', 'verify#token=TOKEN&locale=de'],
    ['/accept%23token=TOKEN', 'accept#token=TOKEN'],
    ['/accept%23token%3DTOKEN%26locale%3Dde', 'accept#token=TOKEN&locale=de'],
    ['/accept%2523token%253DTOKEN', 'accept#token=TOKEN'],
    ['/accept%23locale=de&token=TOKEN', 'accept#token=TOKEN&locale=de'],
    ['/accept/%23token=TOKEN', '../accept#token=TOKEN'],
    ['/accept%23token=TOKEN?utm_source=gateway', 'accept#token=TOKEN'],
    ['/accept%23', 'accept'],
    ['/accept%23token=short', 'accept'],
    ['/accept%23token=TOKEN%0d%0aset-cookie:%20a=b', 'accept'],
    ['/accept%23//evil.example', 'accept'],
  ])('redirects %s to its page', async (path, expected) => {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, text } = await service.send(method, path.replace('TOKEN', token));
      expect([status, headers['location'], text]).toEqual([
        303,
        expected.replace('TOKEN', token),
        '',
      ]);
      expect([headers['cache-control'], headers['referrer-policy']]).toEqual([
        'no-store',
        'no-referrer',
      ]);
    }
    expect(getLogs.join('')).not.toContain(token);
  });

  it.each([
    '/accept2%23token=TOKEN',
    '/v1%23token=TOKEN',
    '/acceptance',
    '/docs%23token=TOKEN',
    '/%23token=TOKEN',
  ])('answers %s with 404', async (path) => {
    expect((await service.get(path.replace('TOKEN', token))).status).toBe(404);
    expect((await service.send('POST', '/accept%23token=x')).status).toBe(404);
  });

  it.each([
    ['https://example.com/accept#token=TOKEN&locale=de', 'invitation', 'de'],
    ['  https://example.com/reset#token=TOKEN&locale=en ', 'reset', 'en'],
    ['<https://example.com/accept%23token=TOKEN&locale=de>', 'invitation', 'de'],
    [
      'https://safe.example/?url=https%3A%2F%2Fexample.com%2Freset%23token%3DTOKEN%26locale%3Dde&data=1',
      'reset',
      'de',
    ],
    [
      'https://safe.example/?url=https%253A%252F%252Fexample.com%252Faccept%2523token%253DTOKEN',
      'invitation',
      undefined,
    ],
    ['https://example.com/confirm#token=TOKEN&locale=de', 'confirmation', 'de'],
    [
      'https://safe.example/?url=https%3A%2F%2Fexample.com%2Fconfirm%23token%3DTOKEN',
      'confirmation',
      undefined,
    ],
    ['TOKEN', 'invitation', undefined],
  ])('is found in pasted text: %s', (text, purpose, language) => {
    expect(findLink(text.replace('TOKEN', token), 'invitation')).toEqual({
      token,
      purpose,
      language,
    });
  });

  it.each([
    '',
    'https://example.com/accept',
    'https://example.com/accept#token=short',
    `https://example.com/accept#token=${token}x`,
  ])('is not found in %j', (text) => {
    expect(findLink(text, 'invitation')).toBeUndefined();
  });
});
