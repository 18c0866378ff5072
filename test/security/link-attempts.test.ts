/** Limits of public routes by account and network, and by network. */
import { describe, expect, it } from 'vitest';
import { goodPassword } from '../support/dialects/create-user.ts';
import { createMailService, hour, minute } from '../support/scenarios/mail-delivery.ts';
import { getLogs } from '../support/logs.ts';
import { type TestResponse, tenantId } from '../support/service.ts';

const { service, clock, inviteUser, deliverStream, linksTo } = await createMailService();
const forged = (count: number): string => {
  const bytes = Buffer.alloc(69, 7);
  bytes[0] = 1;
  bytes.writeUInt32BE(count, 17);
  return bytes.toString('base64url');
};
const getLimit = ({ status, headers, body }: TestResponse) => [
  status,
  body?.details?.limit,
  Number(headers['retry-after']) > 0,
];
/**
 * Sends requests at the same time of the clock until one is rejected. Returns the number of
 * accepted ones.
 */
async function countUntilRefused(
  send: (count: number) => Promise<TestResponse>,
  maxAttempts: number,
): Promise<{ count: number; refused: TestResponse }> {
  for (let count = 0; count <= maxAttempts; count += 10) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => send(count + index)),
    );
    const refused = answers.find(({ status }) => status === 429);
    // The service may process requests in another order.
    const accepted = answers.filter(({ status }) => status !== 429);
    if (refused) return { count: count + accepted.length, refused };
  }
  throw new Error('none was refused');
}

/** Sends a request, and sets its counter. */
async function setCounter(send: () => Promise<TestResponse>, attempts: number): Promise<void> {
  const list = async () =>
    (await service.stored.all()).filter(({ pk }) => String(pk).startsWith('ATTEMPTS#'));
  const earlier = new Set((await list()).map(({ pk }) => pk));
  await send();
  const [counter, ...others] = (await list()).filter(({ pk }) => !earlier.has(pk));
  expect(others).toEqual([]);
  await service.stored.put({ ...counter, attempts });
}

describe('repeated use of a link from one network [SEC-13]', () => {
  it.each([
    ['/v1/invitations/inspect', {}],
    ['/v1/invitations/accept', { password: 'short' }],
    ['/v1/auth/password-reset/inspect', {}],
    ['/v1/auth/password-reset/complete', { password: 'short' }],
    ['/v1/auth/email-verification/inspect', {}],
    ['/v1/auth/email-verification/complete', {}],
    ['/jitsudo/v1/auth/set-initial-password', { password: 'short' }],
    ['/jitsudo/v1/auth/reset-password', { new_password: 'short' }],
  ])(
    'is rejected by the named limit, and use from another network is not: %s',
    async (path, more) => {
      const guest = await inviteUser();
      await deliverStream(guest);
      const [token] = linksTo(guest);
      const sends = (sourceIp: string) => service.post(path, { token, ...more }, { sourceIp });
      await service.post(
        '/v1/invitations/inspect',
        { token: forged(1) },
        { sourceIp: '192.0.2.1' },
      );
      await setCounter(() => sends('192.0.2.1'), 50);
      const { count, refused } = await countUntilRefused(() => sends('192.0.2.1'), 20);
      expect(count).toBeGreaterThanOrEqual(5);
      expect(getLimit(refused)).toEqual([429, 'link_attempts', true]);
      // Another network, another link from the same network, and the same link later.
      expect((await sends('192.0.2.2')).status).not.toBe(429);
      const other = await inviteUser();
      await deliverStream(other);
      expect(
        (
          await service.post(
            '/v1/invitations/inspect',
            { token: linksTo(other)[0] },
            { sourceIp: '192.0.2.1' },
          )
        ).status,
      ).toBe(200);
      clock.advanceBy(minute);
      expect((await sends('192.0.2.1')).status).not.toBe(429);
    },
  );
});

it('guessing tokens from one network is rejected, and other networks are not affected [SEC-13]', async () => {
  const guest = await inviteUser();
  await deliverStream(guest);
  const tries = (token: string, sourceIp = '2001:db8::1') =>
    service.post('/v1/invitations/inspect', { token }, { sourceIp });
  await setCounter(() => tries('x'.repeat(92)), 990);
  const { refused } = await countUntilRefused((count) => tries(forged(count)), 20);
  expect(getLimit(refused)).toEqual([429, 'network_links', true]);
  expect((await tries(forged(5000), '2001:db8::ffff')).status).toBe(429);
  expect((await tries(linksTo(guest)[0] ?? '', '2001:db8:1::1')).status).toBe(200);
  clock.advanceBy(hour);
  expect((await tries(forged(1))).status).toBe(404);
});

describe('reset requests from one network [SEC-13]', () => {
  it.each([
    ['/v1/auth/password-reset', { tenant: 'acme' }, {}],
    ['/jitsudo/v1/auth/request-password-reset', {}, { 'x-tenant-id': tenantId.acme }],
  ])(
    'for one account are rejected, known or unknown, and those from other networks are not: %s',
    async (path, more, headers) => {
      const { email } = await inviteUser({ password: goodPassword });
      const counts = [];
      for (const each of [email, `nobody-${email}`]) {
        const asks = (sourceIp: string) =>
          service.post(path, { email: each, ...more }, { headers, sourceIp });
        const { count, refused } = await countUntilRefused(() => asks('198.51.100.1'), 20);
        counts.push([count >= 5, ...getLimit(refused)]);
        expect((await asks('198.51.100.2')).status).toBe(202);
      }
      const waits = [true, 429, 'reset_requests', true];
      expect(counts).toEqual([waits, waits]);
      expect(getLogs.join('')).not.toContain('198.51.100');
    },
  );
});
