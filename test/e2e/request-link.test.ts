/** Requesting a link on the pages, without a link or with one that no longer works. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { languages } from '../../lib/domain/mail/language.ts';
import { messages } from '../../lib/web/password-page/languages.ts';
import { openBrowser } from '../support/browser/open-browser.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { createTestService, adminToken, type Service } from '../support/service.ts';
import { chromiumPath } from '../support/browser/shared-browser.ts';

const { en, fr, es } = messages;
const nextPassword = 'quiet lamps orbit';
if (chromiumPath === undefined)
  console.warn('The request form is not tested: this machine has no Chromium.');

describe.skipIf(chromiumPath === undefined)('a page without a usable link', () => {
  let service: Service;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let now = (): Date => new Date();
  beforeAll(async () => {
    service = await createTestService({ now: () => now() });
    browser = await openBrowser(service);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    now = () => new Date();
    const consoleErrors = [...browser.consoleErrors];
    await browser.reset();
    expect(consoleErrors).toEqual([]);
  });

  let users = 0;
  const createUser = async (fields: object = { password: goodPassword }): Promise<string> => {
    const email = `request${++users}.smith@x.example`;
    await service.post('/v1/users', { email, ...fields }, { token: adminToken('acme') });
    return email;
  };
  const listLinks = async (email: string, page: 'accept' | 'reset'): Promise<string[]> =>
    (await service.deliverPendingMail())
      .filter(({ to }) => to.includes(email))
      .flatMap(({ text }) => new RegExp(`/${page}#(\\S+)`).exec(text)?.[1] ?? []);
  const createResetLink = async (email: string): Promise<string> => {
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email });
    return (await listLinks(email, 'reset')).at(-1) ?? '';
  };
  const advance = (minutes: number) => {
    now = () => new Date(Date.now() + minutes * 60_000);
  };
  const waitForHeading = (page: Page, name: string) =>
    page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  const waitForAlert = (page: Page, text: string) =>
    page.getByRole('alert').getByText(text, { exact: true }).waitFor();
  const getWidth = (page: Page) => page.evaluate('document.documentElement.scrollWidth');
  const getFocus = (page: Page) => page.evaluate('document.activeElement.id');

  it('mails a link that resets a password to a user who names the organization', async () => {
    const email = await createUser();
    const page = await browser.open('', browser.page, 'reset');
    await waitForHeading(page, en.request.reset.heading);
    expect([await getFocus(page), await page.isVisible('#organization')]).toEqual([
      'request-email',
      false,
    ]);
    await page.keyboard.press('Enter');
    await waitForAlert(page, en.request.missingAccount);
    await page.keyboard.type(`${email}@`);
    await page.keyboard.press('Enter');
    await page.locator('#request-email[aria-invalid=true]').waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await waitForAlert(page, en.request.missingOrganization);
    expect(await getFocus(page)).toBe('organization');
    await page.keyboard.type('acme');
    await page.keyboard.press('Enter');
    await waitForHeading(page, en.request.sent);
    await page.getByText(en.request.sentAdvice(email), { exact: true }).waitFor();

    const [fragment = '', ...more] = await listLinks(email, 'reset');
    expect(more).toEqual([]);
    await waitForHeading(
      await browser.open(fragment, browser.page, 'reset'),
      en.reset.welcome('Acme'),
    );
  });

  it('mails a link to a user who enters the username', async () => {
    const userName = `jo-${crypto.randomUUID()}`;
    const email = await createUser({ password: goodPassword, userName });
    const { page } = browser;
    await page.goto(`${browser.origin}/reset?tenant=acme`, { waitUntil: 'commit' });
    await page.getByLabel(en.request.account).fill(userName);
    await page.click('#send-request');
    await page.getByText(en.request.sentAdvice(userName), { exact: true }).waitFor();
    // The request by username becomes one for the email.
    await service.deliverPendingMail();
    expect(await listLinks(email, 'reset')).toHaveLength(1);
  });

  it('takes the tenant from the query, and another email after the confirmation', async () => {
    const email = await createUser();
    const { page } = browser;
    await page.goto(`${browser.origin}/reset?tenant=acme`, { waitUntil: 'commit' });
    await page.fill('#request-email', 'unknown@x.example');
    await page.click('#send-request');
    await page.getByText(en.request.sentAdvice('unknown@x.example'), { exact: true }).waitFor();
    await page.click('#other-email');
    expect(await getFocus(page)).toBe('request-email');
    await page.fill('#request-email', email);
    await page.click('#send-request');
    await page.getByText(en.request.sentAdvice(email), { exact: true }).waitFor();
    expect(await listLinks(email, 'reset')).toHaveLength(1);
  });

  it.each(['expired', 'used'] as const)(
    'mails a new link after one that is %s',
    async (problem) => {
      const email = await createUser();
      const fragment = await createResetLink(email);
      const token = new URLSearchParams(fragment).get('token');
      if (problem === 'used')
        await service.post('/v1/auth/password-reset/complete', { token, password: nextPassword });
      advance(61);
      const page = await browser.open(fragment, browser.page, 'reset');
      await waitForHeading(page, en.reset.problems[problem].heading);
      await page.getByRole('button', { name: en.request.newLink }).click();
      await waitForHeading(page, en.request.reset.heading);
      await page.fill('#request-email', email);
      await page.click('#send-request');
      await waitForHeading(page, en.request.sent);
      expect(await page.isVisible('#organization')).toBe(false);
      const links = await listLinks(email, 'reset');
      expect([links.length, links.at(-1) === fragment]).toEqual([2, false]);
    },
  );

  it('mails the link of a pending invitation again', async () => {
    const email = await createUser({});
    await listLinks(email, 'accept');
    advance(2);
    const page = await browser.open('locale=en');
    await waitForHeading(page, en.invitation.problems.missing.heading);
    await page.getByRole('button', { name: en.request.sendAgain }).click();
    await waitForHeading(page, en.request.invitation.heading);
    await page.fill('#request-email', email);
    await page.click('#send-request');
    await page.fill('#organization', 'acme');
    await page.click('#send-request');
    await waitForHeading(page, en.request.sent);
    await service.deliverPendingMail();
    const [first, ...more] = await listLinks(email, 'accept');
    expect(more).toEqual([first]);
  });

  it('offers a reset after a used invitation, and no new link for an expired one', async () => {
    const email = await createUser({});
    const [fragment = ''] = await listLinks(email, 'accept');
    advance(8 * 24 * 60);
    let page = await browser.open(fragment);
    await waitForHeading(page, en.invitation.problems.expired.heading);
    expect(await page.getByRole('button').count()).toBe(0);
    now = () => new Date();
    const token = new URLSearchParams(fragment).get('token');
    await service.post('/v1/invitations/accept', { token, password: nextPassword });
    page = await browser.open(fragment);
    await waitForHeading(page, en.invitation.problems.used.heading);
    await page.getByRole('button', { name: en.request.resetPassword }).click();
    await waitForHeading(page, en.request.reset.heading);
    await page.fill('#request-email', email);
    await page.click('#send-request');
    await waitForHeading(page, en.request.sent);
    expect(await listLinks(email, 'reset')).toHaveLength(1);
  });

  it('explains failures of the request and keeps the form', async () => {
    const { page } = browser;
    await page.goto(`${browser.origin}/reset?tenant=acme`, { waitUntil: 'commit' });
    await page.fill('#request-email', 'jo@x.example');
    const failures = [
      ['offline', undefined],
      ['tooManyRequests', 429],
      ['unavailable', 503],
    ] as const;
    for (const [problem, status] of failures) {
      const json = { code: 'any' };
      await page.route(
        '**/password-reset',
        (route) => (status === undefined ? route.abort() : route.fulfill({ status, json })),
        { times: 1 },
      );
      await page.click('#send-request');
      const { heading, advice } = en.invitation.problems[problem];
      await waitForAlert(page, `${heading}. ${advice}`);
    }
    await page.click('#send-request');
    await waitForHeading(page, en.request.sent);
  });

  it('takes a pasted link on the page for a reset', async () => {
    const fragment = await createResetLink(await createUser());
    const page = await browser.open('', browser.page, 'reset');
    await page.getByRole('button', { name: en.request.haveLink }).click();
    await waitForHeading(page, en.reset.problems.missing.heading);
    expect(await getFocus(page)).toBe('link');
    await page.fill('#link', `${browser.origin}/reset#${fragment}`);
    await page.click('#open');
    await waitForHeading(page, en.reset.welcome('Acme'));
  });

  it.each([
    ['an escaped #', (fragment: string) => `#%23${fragment}`],
    ['an escaped fragment', (fragment: string) => `#${encodeURIComponent(fragment)}`],
    ['a token in the query', (fragment: string) => `?${fragment}`],
    ['an escaped # in the query', (fragment: string) => `?source=mail%23${fragment}`],
  ])('recovers a link with %s and removes the token from the address', async (_name, mangle) => {
    const fragment = await createResetLink(
      await createUser({ password: goodPassword, locale: 'fr' }),
    );
    const { page } = browser;
    await page.goto(`${browser.origin}/reset${mangle(fragment)}`, { waitUntil: 'commit' });
    await waitForHeading(page, fr.reset.welcome('Acme'));
    expect(page.url()).toBe(`${browser.origin}/reset`);
  });

  it('selects the first language of the browser that it has, and fits 320 px in each language', async () => {
    const page = await browser.createPage();
    const preferred = ['it-IT', 'es-MX', 'fr'];
    await page.addInitScript(
      `Object.defineProperty(navigator, 'languages', { get: () => ${JSON.stringify(preferred)} })`,
    );
    await browser.open('', page, 'reset');
    await waitForHeading(page, es.request.reset.heading);
    const menu = page.getByLabel(es.language);
    expect(await menu.locator('option').allTextContents()).toEqual(
      languages.map((language) => messages[language].languageName),
    );
    await page.setViewportSize({ width: 320, height: 480 });
    for (const language of languages) {
      await page.selectOption('#language', language);
      await waitForHeading(page, messages[language].request.reset.heading);
      expect(await page.getAttribute('html', 'lang')).toBe(language);
      expect(await getWidth(page)).toBe(320);
    }
  });

  it('has no serious accessibility fault at 390 px, in light and dark mode', async () => {
    const { page } = browser;
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'light' });
    const findFaults = async (rules?: readonly string[]): Promise<string[]> => {
      const options = { preload: false, resultTypes: ['violations'], selectors: false };
      const run = `axe.run(${JSON.stringify({ ...options, ...(rules && { runOnly: rules }) })})`;
      const violations = await page.evaluate<axe.Result[]>(`${run}.then((all) => all.violations)`);
      return violations
        .filter(({ impact }) => impact === 'critical' || impact === 'serious')
        .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    };
    const expectAccessible = async (state: string) => {
      if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe.source);
      const light = await findFaults();
      await page.emulateMedia({ colorScheme: 'dark' });
      const dark = await findFaults(['color-contrast']);
      await page.emulateMedia({ colorScheme: 'light' });
      const width = await getWidth(page);
      expect({ state, light, dark, width }).toEqual({ state, light: [], dark: [], width: 390 });
    };

    const email = await createUser();
    const fragment = await createResetLink(email);
    await browser.open('', page, 'reset');
    await page.fill('#request-email', email);
    await page.click('#send-request');
    await waitForAlert(page, en.request.missingOrganization);
    await expectAccessible('request');
    await browser.open('', page);
    await waitForHeading(page, en.invitation.problems.missing.heading);
    await expectAccessible('missing');
    await browser.open(fragment, page, 'reset');
    await page.fill('#password', 'short');
    await page.click('#submit');
    await page.locator('#password[aria-invalid=true]').waitFor();
    await expectAccessible('rejected');
    await page.fill('#password', nextPassword);
    await page.locator('#verdict', { hasText: en.password.acceptable }).waitFor();
    await expectAccessible('accepted');
    await page.click('#submit');
    await waitForHeading(page, en.reset.done);
    await expectAccessible('done');
    await browser.open(fragment, page, 'confirm');
    await page.click('#submit');
    await waitForAlert(page, en.confirmation.attemptProblems.incomplete);
    await expectAccessible('confirm');
  });
});
