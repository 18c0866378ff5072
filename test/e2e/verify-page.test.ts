/** The page on which a user verifies an email, in a browser. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { de as german } from '../../lib/web/password-page/messages/de.ts';
import { en as english } from '../../lib/web/password-page/messages/en.ts';
import { openBrowser } from '../support/browser/open-browser.ts';
import { chromiumPath } from '../support/browser/shared-browser.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import {
  type Account,
  admin,
  createCredentialService,
  newEmail,
  system,
} from '../support/scenarios/credentials.ts';

const { verification: en } = english;
const { verification: de } = german;
if (chromiumPath === undefined)
  console.warn('The verification page is not tested: this machine has no Chromium.');

describe.skipIf(chromiumPath === undefined)('the verification page', () => {
  let steps: Awaited<ReturnType<typeof createCredentialService>>;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    steps = await createCredentialService();
    browser = await openBrowser(steps.service);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    const consoleErrors = [...browser.consoleErrors];
    await browser.reset();
    expect(consoleErrors).toEqual([]);
  });

  const paths = {
    inspect: '/v1/auth/email-verification/inspect',
    complete: '/v1/auth/email-verification/complete',
  };
  const createUser = (): Promise<Account> => steps.create({ password: goodPassword }, system);
  /** Requests a new email and returns its link. */
  const requestEmail = async (user: Account, email = newEmail()) => {
    const token = await steps.signIn(user);
    const { status } = await steps.service.post('/v1/users/me/email', { email }, { token });
    expect(status).toBe(204);
    return { email, link: await steps.linkFor(email) };
  };
  const readEmail = async ({ userId }: Account) =>
    (await steps.service.get(`/v1/users/${userId}`, { token: admin })).body.email;
  const open = (fragment: string, page = browser.page) => browser.open(fragment, page, 'verify');
  const waitForHeading = (page: Page, name: string) =>
    page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  const listPosts = () =>
    browser.requests
      .filter((request) => request.method() === 'POST')
      .map((request) => request.url().replace(browser.origin, ''));

  it('shows the address and changes it after one press of a key, without a sign-in', async () => {
    const user = await createUser();
    const { email, link } = await requestEmail(user);
    const page = await open(`token=${link}&locale=de`);
    await waitForHeading(page, de.heading);
    expect(page.url()).not.toContain(link);
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await page.getByText(de.advice('Acme', email), { exact: true }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('heading');
    await page.setViewportSize({ width: 320, height: 480 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    expect(await readEmail(user)).toBe(user.email);
    await page.keyboard.press('Tab');
    await Promise.all([page.keyboard.press('Enter'), page.keyboard.press('Enter')]);
    await waitForHeading(page, de.done);
    await page.getByText(de.doneAdvice('Acme', email), { exact: true }).waitFor();
    expect(await page.getAttribute('#continue', 'href')).toBe('https://example.com');
    expect([listPosts(), await readEmail(user)]).toEqual([[paths.inspect, paths.complete], email]);
    await open(`token=${link}&locale=en`);
    await waitForHeading(page, en.problems.used.heading);
  });

  it('keeps the button after failures that pass, and explains a taken address', async () => {
    const [user, other] = [await createUser(), await createUser()];
    const { link } = await requestEmail(user, other.email);
    const page = await open(`token=${link}&locale=en`);
    await waitForHeading(page, en.heading);
    await page.route('**/complete', (route) => route.fulfill({ status: 503, json: {} }), {
      times: 1,
    });
    await page.click('#submit');
    const { heading, advice } = english.invitation.problems.unavailable;
    await page.getByRole('alert').getByText(`${heading}. ${advice}`, { exact: true }).waitFor();
    await page.click('#submit');
    await waitForHeading(page, en.problems.taken.heading);
    await page.getByLabel(english.language).selectOption('de');
    await waitForHeading(page, de.problems.taken.heading);
  });

  it('takes a pasted link, and explains invalid and expired ones', async () => {
    const { link } = await requestEmail(await createUser());
    const page = await open('token=nonsense&locale=en');
    await waitForHeading(page, en.problems.invalid.heading);
    await open('locale=en');
    await waitForHeading(page, en.problems.missing.heading);
    await page.fill('#link', `${browser.origin}/verify#token=${link}`);
    await page.click('#open');
    await waitForHeading(page, en.heading);
    // Ends the tokens of other tests too.
    steps.clock.advanceBy(24 * 3_600_000);
    await page.click('#submit');
    await waitForHeading(page, en.problems.expired.heading);
  });

  it('is not used by a program that presses every button', async () => {
    const user = await createUser();
    const { link } = await requestEmail(user);
    const page = await browser.createPage();
    await page.addInitScript(`const timer = setInterval(() => {
      const form = document.querySelector('form');
      if (!form || form.hidden) return;
      clearInterval(timer);
      for (const button of document.querySelectorAll('button')) button.click();
      form.requestSubmit();
      setTimeout(() => console.log('pressed'), 250);
    }, 5)`);
    const pressed = page.waitForEvent('console', (line) => line.text() === 'pressed');
    await open(`token=${link}`, page);
    await pressed;
    expect(listPosts()).not.toContain(paths.complete);
    expect(await readEmail(user)).toBe(user.email);
  });
});
