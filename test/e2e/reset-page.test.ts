import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { de } from '../../lib/web/password-page/messages/de.ts';
import { en } from '../../lib/web/password-page/messages/en.ts';
import { openBrowser } from '../support/browser/open-browser.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { createTestService, adminToken, type Service } from '../support/service.ts';
import { chromiumPath } from '../support/browser/shared-browser.ts';

const nextPassword = 'quiet lamps orbit';
if (chromiumPath === undefined)
  console.warn('The password reset page is not tested: this machine has no Chromium.');

describe.skipIf(chromiumPath === undefined)('the password reset page', () => {
  let service: Service;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    service = await createTestService();
    browser = await openBrowser(service);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const consoleErrors = [...browser.consoleErrors];
    await browser.reset();
    expect(consoleErrors).toEqual([]);
  });

  let users = 0;
  /** Requests a reset and reads the fragment of the mailed link. */
  const createLink = async (fields: object = {}) => {
    const email = `reset${++users}.smith@x.example`;
    await service.post(
      '/v1/users',
      { email, password: goodPassword, ...fields },
      { token: adminToken('acme') },
    );
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email });
    const mail = (await service.deliverPendingMail()).findLast(
      ({ to, text }) => to.includes(email) && text.includes('#token='),
    );
    return { email, fragment: /#(\S+)/.exec(mail?.text ?? '')?.[1] ?? '' };
  };
  const open = (fragment: string) => browser.open(fragment, browser.page, 'reset');
  const waitForHeading = (page: Page, heading: string) =>
    page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();

  it('removes the token from the address, sends requests only to its own host, and sets the password', async () => {
    const { email, fragment } = await createLink();
    const page = await open(fragment);
    await waitForHeading(page, en.reset.welcome('Acme'));
    expect(page.url()).not.toContain('#');
    expect(await page.inputValue('#email')).toBe(email);
    await page.fill('#password', nextPassword);
    await page.locator('#verdict', { hasText: en.password.acceptable }).waitFor();
    await page.click('#submit');
    await waitForHeading(page, en.reset.done);
    await page.getByText(en.password.signIn('Acme', email)).waitFor();
    expect(await page.getAttribute('#continue', 'href')).toBe('https://example.com');
    const requestedUrls = browser.requests
      .filter((request) => request.method() === 'POST')
      .map((request) => request.url());
    expect(requestedUrls).toEqual(
      ['inspect', 'complete'].map((path) => `${browser.origin}/v1/auth/password-reset/${path}`),
    );
    expect(browser.requests.every((request) => request.url().startsWith(browser.origin))).toBe(
      true,
    );

    await waitForHeading(await open(fragment), en.reset.problems.used.heading);
  });

  it('explains a problem with the link in the language of the link', async () => {
    await waitForHeading(await open('token=nonsense&locale=de'), de.reset.problems.invalid.heading);
    await waitForHeading(await open('locale=en'), en.request.reset.heading);
    const { fragment } = await createLink({ locale: 'de' });
    await waitForHeading(await open(fragment), de.reset.welcome('Acme'));
  });

  it('has the same headers as the invitation page', async () => {
    const { page } = browser;
    const getHeaders = async (path: string) => {
      const {
        'content-length': _length,
        date: _date,
        'x-request-id': _id,
        ...headers
      } = (await page.request.get(`${browser.origin}/${path}`)).headers();
      return Object.fromEntries(
        Object.entries(headers).filter(([name]) => name !== 'apigw-requestid'),
      );
    };
    const headers = await getHeaders('reset');
    expect(headers).toEqual(await getHeaders('accept'));
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
  });
});
