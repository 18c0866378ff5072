import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { de } from '../../lib/web/password-page/messages/de.ts';
import { en } from '../../lib/web/password-page/messages/en.ts';
import { aBrowserFor, chromiumPath } from '../support/browser.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { aService, anAdminOf, type Service } from '../support/service.ts';

const nextPassword = 'quiet lamps orbit';
if (chromiumPath === undefined)
  console.warn('The page for a new password is not tested: there is no Chromium on this machine.');

describe.skipIf(chromiumPath === undefined)('the page for a new password', () => {
  let service: Service;
  let browser: Awaited<ReturnType<typeof aBrowserFor>>;
  beforeAll(async () => {
    service = await aService();
    browser = await aBrowserFor(service);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const complaints = [...browser.complaints];
    await browser.tidies();
    expect(complaints).toEqual([]);
  });

  let users = 0;
  /** Somebody has asked for a new password, and this stands behind the `#` in the link of the mail. */
  const aLink = async (fields: object = {}) => {
    const email = `reset${++users}.smith@x.example`;
    await service.posts(
      '/v1/users',
      { email, password: goodPassword, ...fields },
      { token: anAdminOf('acme') },
    );
    await service.posts('/v1/auth/password-reset', { tenant: 'acme', email });
    const mail = (await service.delivers()).findLast(
      ({ to, text }) => to.includes(email) && text.includes('#token='),
    );
    return { email, fragment: /#(\S+)/.exec(mail?.text ?? '')?.[1] ?? '' };
  };
  const opens = (fragment: string) => browser.opens(fragment, browser.page, 'reset');
  const sees = (page: Page, heading: string) =>
    page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();

  test('takes the token out of the address, asks its own host alone, and sets the password once somebody presses', async () => {
    const { email, fragment } = await aLink();
    const page = await opens(fragment);
    await sees(page, en.reset.welcome('Acme'));
    expect(page.url()).not.toContain('#');
    expect(await page.inputValue('#email')).toBe(email);
    await page.fill('#password', nextPassword);
    await page.locator('#verdict', { hasText: en.password.acceptable }).waitFor();
    await page.click('#submit');
    await sees(page, en.reset.done);
    await page.getByText(en.password.signIn('Acme', email)).waitFor();
    expect(await page.getAttribute('#continue', 'href')).toBe('https://example.com');
    const asked = browser.requests
      .filter((request) => request.method() === 'POST')
      .map((request) => request.url());
    expect(asked).toEqual(
      ['inspect', 'complete'].map((path) => `${browser.origin}/v1/auth/password-reset/${path}`),
    );
    expect(browser.requests.every((request) => request.url().startsWith(browser.origin))).toBe(
      true,
    );

    await sees(await opens(fragment), en.reset.problems.used.heading);
  });

  test('says what is wrong with a link in words of its own, in the language of the link', async () => {
    await sees(await opens('token=nonsense&locale=de'), de.reset.problems.invalid.heading);
    await sees(await opens('locale=en'), en.request.reset.heading);
    const { fragment } = await aLink({ locale: 'de' });
    await sees(await opens(fragment), de.reset.welcome('Acme'));
  });

  test('is as strict as the page of an invitation', async () => {
    const { page } = browser;
    const headersOf = async (path: string) => {
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
    const headers = await headersOf('reset');
    expect(headers).toEqual(await headersOf('accept'));
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
  });
});
