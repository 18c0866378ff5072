/**
 * Responses at a limit. The message names the limit, the remaining options and the time to wait.
 * `details.limit` is for programs.
 */
import { describe, expect, it } from 'vitest';
import { limitNames, tooManyRequests } from '../../../lib/domain/kernel/limits.ts';
import { createMailService, hour, second } from '../../support/scenarios/mail-delivery.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { createTestService } from '../../support/service.ts';

const json = { 'content-type': 'application/json' };

describe('a response at a limit', () => {
  it('names the limit: repeated invitations differ from sign-ins [UX4]', async () => {
    const mailing = await createMailService();
    const invitee = await mailing.inviteUser();
    const resent = await mailing.requestUser(invitee, 'POST', '/invitation/resend');
    expect(resent).toMatchObject({
      status: 429,
      body: { code: 'too_many_requests', details: { limit: 'resend_interval' } },
    });
    expect(resent.body.message).toMatch(
      /^A user can be invited again once a minute\. Try again in \d+ s\.$/,
    );

    const service = await createTestService();
    const signsIn = () =>
      service.send('POST', '/v1/auth/token', {
        headers: json,
        body: JSON.stringify({ tenant: 'acme', email: `${name}@example.com`, password: 'wrong' }),
      });
    const name = unique();
    for (let attempt = 0; attempt < 5; attempt++) await signsIn();
    const response = await signsIn();
    expect(response).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
      body: { details: { limit: 'sign_in_attempts', retryAfter: 1 } },
    });
    expect(response.body.message).toBe(
      'There were too many sign-ins to this account from your network. You can still reset the password. Try again in 1 s.',
    );
  });

  it('of mails says that users with a password can still be created [53]', async () => {
    const mailing = await createMailService({
      environment: { MAILS_PER_TENANT_HOUR: '1', MAILS_PER_RECIPIENT_DAY: '9' },
    });
    // Starts 10 min after the hour, so the hour does not end during the test.
    mailing.clock.advanceBy(hour - (mailing.clock.now().getTime() % hour) + 600 * second);
    const invitees = [await mailing.inviteUser(), await mailing.inviteUser()];
    await mailing.deliverStream(...invitees);
    mailing.clock.advanceBy(31 * second);
    const creates = (path: string, more: object = {}) =>
      mailing.calls('POST', path, { body: { email: `${unique()}@example.com`, ...more } });
    const explanation =
      /^The tenant has reached its limit of invitation emails per hour\. You can still create .* Try again in \d+ min\.$/;
    const { status, body } = await creates('/v1/users');
    expect([status, body.details.limit]).toEqual([429, 'tenant_mails']);
    expect(body.message).toMatch(explanation);
    expect((await creates('/v1/users', { password: 'amber-kettle-orchard-17' })).status).toBe(201);
    // Cradl's Python client retries on this exact message.
    const cradl = await creates('/cradl/v1/users');
    expect(cradl.body.message).toBe('Too Many Requests');
    expect(cradl.body.details).toMatchObject({
      limit: 'tenant_mails',
      explanation: expect.stringMatching(explanation),
    });
  });
});

it.each(limitNames)('the limit %s has a message and a whole number of seconds', (limit) => {
  expect(tooManyRequests(limit, 0.2)).toMatchObject({
    message: expect.stringMatching(/^[A-Z].*\. Try again in 1 s\.$/),
    details: { limit, retryAfter: 1 },
  });
  expect(tooManyRequests(limit, 119.5).message).toMatch(/in 2 min\.$/);
  expect(tooManyRequests(limit, 7200).message).toMatch(/in 2 h\.$/);
});
