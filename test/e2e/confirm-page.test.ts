/** The page on which an account holder confirms an email, in a browser. */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { de as german } from '../../lib/web/password-page/messages/de.ts';
import { en as english } from '../../lib/web/password-page/messages/en.ts';
import type { ConfirmProblem } from '../../lib/web/password-page/messages/page-messages.ts';
import { openBrowser } from '../support/browser/open-browser.ts';
import {
  type Account,
  createCredentialService,
  admin,
  newEmail,
  newIdentity,
  system,
  tokenFor,
} from '../support/scenarios/credentials.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { getLogs } from '../support/logs.ts';
import { chromiumPath } from '../support/browser/shared-browser.ts';

const { confirmation: en } = english;
const { confirmation: de } = german;
if (chromiumPath === undefined)
  console.warn('The confirmation page is not tested: this machine has no Chromium.');

describe.skipIf(chromiumPath === undefined)('the confirmation page', () => {
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

  const paths = { signIn: '/v1/auth/token', confirm: '/v1/users/me/credentials/confirm' };
  const requestLink = async (
    user: Account,
    credential = 'email',
    token?: string,
  ): Promise<string> => {
    const sent = { token: token ?? (await steps.signIn(user)) };
    const { status } = await steps.service.post(
      '/v1/users/me/credentials/confirmation',
      { credential },
      sent,
    );
    expect(status).toBe(204);
    return steps.linkFor(user.email);
  };
  /** User with their own password, whose email an administrator changed. */
  const createMoved = async (fields: object = {}): Promise<Account> => {
    const user = await steps.create({ password: goodPassword, ...fields }, system);
    const email = newEmail();
    expect((await steps.change(user, { email }, admin)).status).toBe(200);
    return { ...user, email };
  };
  const isVerified = async (user: Account): Promise<boolean> =>
    (await steps.service.get(`/v1/users/${user.userId}`, { token: admin })).body.emailVerified;
  const open = (fragment: string, page = browser.page) => browser.open(fragment, page, 'confirm');
  const waitForHeading = (page: Page, name: string) =>
    page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
  const waitForTrouble = (page: Page, text: string) =>
    page.getByRole('alert').getByText(text, { exact: true }).waitFor();
  const submit = async (page: Page, account: string, password: string = goodPassword) => {
    await page.fill('#account', account);
    await page.fill('#password', password);
    await page.click('#submit');
  };
  const listPosts = () =>
    browser.requests
      .filter((request) => request.method() === 'POST')
      .map((request) => request.url().replace(browser.origin, ''));

  it('confirms the email after a sign-in from the mailed link', async () => {
    const user = await createMoved();
    const link = await requestLink(user);
    const text =
      (await steps.service.deliverPendingMail()).findLast(({ to }) => to.includes(user.email))
        ?.text ?? '';
    const url = new URL(/https:\S+/.exec(text)?.[0] ?? '');
    const { page } = browser;
    await page.goto(browser.origin + url.pathname + url.hash, { waitUntil: 'commit' });
    await waitForHeading(page, en.heading);
    expect(page.url()).toBe(`${browser.origin}/confirm`);
    expect(listPosts()).toEqual([]);
    await submit(page, user.email);
    await waitForHeading(page, en.done);

    expect(await isVerified(user)).toBe(true);
    expect(listPosts()).toEqual([paths.signIn, paths.confirm]);
    expect(browser.requests.every((request) => request.url().startsWith(browser.origin))).toBe(
      true,
    );
    expect(browser.requests.filter((request) => request.headers()['referer'])).toEqual([]);
    expect(await page.inputValue('#password')).toBe('');
    expect(
      await page.evaluate('[{ ...localStorage }, { ...sessionStorage }, document.cookie]'),
    ).toEqual([{}, {}, '']);
    for (const secret of [link, goodPassword]) expect(getLogs.join('')).not.toContain(secret);

    await open(`token=${link}&locale=en`);
    await submit(page, user.email);
    await waitForHeading(page, en.linkProblems.used.heading);
    await page.getByRole('button', { name: en.sendAgain }).click();
    await waitForHeading(page, en.notNeeded.heading);
  });

  it('signs in with a username and the keyboard alone, once for two presses', async () => {
    const userName = `holder-${Date.now()}`;
    const user = await createMoved({ userName });
    const page = await open(`token=${await requestLink(user)}&locale=de`);
    await waitForHeading(page, de.heading);
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    const getFocus = () => page.evaluate('document.activeElement.id');
    expect(await getFocus()).toBe('account');
    await page.keyboard.type(userName);
    await page.keyboard.press('Enter');
    await waitForTrouble(page, de.attemptProblems.incomplete);
    expect([await getFocus(), listPosts()]).toEqual(['password', []]);
    await page.keyboard.type(goodPassword);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect([await getFocus(), await page.getAttribute('#password', 'type')]).toEqual([
      'reveal',
      'text',
    ]);
    await page.keyboard.press('Tab');
    await Promise.all([page.keyboard.press('Enter'), page.keyboard.press('Enter')]);
    await waitForHeading(page, de.done);
    expect([await getFocus(), await isVerified(user)]).toEqual(['heading', true]);
    expect(listPosts()).toEqual([paths.signIn, paths.confirm]);
  });

  it('keeps the form for a wrong password, another account and failures that pass', async () => {
    const user = await createMoved();
    const other = await steps.create({ password: goodPassword }, system);
    const page = await open(`token=${await requestLink(user)}&locale=en`);
    await submit(page, user.email, 'not the password at all');
    await waitForTrouble(page, en.attemptProblems.wrongPassword);
    expect(await page.getAttribute('#password', 'aria-invalid')).toBe('true');
    await submit(page, other.email);
    await waitForTrouble(page, en.attemptProblems.otherAccount);
    expect(listPosts()).toEqual([paths.signIn, paths.signIn]);

    await page.route('**/confirm', (route) =>
      route.request().method() === 'POST' ? route.abort() : route.continue(),
    );
    await submit(page, user.email);
    await waitForTrouble(page, en.attemptProblems.offline);
    await page.unrouteAll();
    const failures: [path: string, status: number, details: object, expected: string][] = [
      ['token', 503, {}, en.attemptProblems.unavailable],
      [
        'token',
        429,
        { retryAfter: 30 },
        `${en.attemptProblems.tooManyRequests} Try again in 30 seconds.`,
      ],
      [
        'credentials/confirm',
        429,
        { retryAfter: 61 },
        `${en.attemptProblems.tooManyRequests} Try again in 2 minutes.`,
      ],
      ['token', 429, {}, `${en.attemptProblems.tooManyRequests} Try again in 1 minute.`],
    ];
    for (const [path, status, details, expected] of failures) {
      await page.route(
        `**/v1/**/${path}`,
        (route) => route.fulfill({ status, json: { code: 'any', details } }),
        { times: 1 },
      );
      await page.click('#submit');
      await waitForTrouble(page, expected);
    }
    await page.click('#submit');
    await waitForHeading(page, en.done);
  });

  const expectProblem = async (problem: ConfirmProblem, { email }: Account, link: string) => {
    const page = await open(`token=${link}&locale=en`);
    await submit(page, email);
    const { heading, advice } = en.linkProblems[problem];
    await waitForHeading(page, heading);
    await page.getByText(advice, { exact: true }).waitFor();
    expect(await page.locator('input:visible').count()).toBe(0);
    await page.getByLabel(english.language).selectOption('de');
    await waitForHeading(page, de.linkProblems[problem].heading);
  };

  it('explains that a link ends with another change of the email, and waits before a new one', async () => {
    const user = await createMoved();
    const link = await requestLink(user);
    const email = newEmail();
    await steps.change(user, { email }, admin);
    await expectProblem('used', { ...user, email }, link);
    await browser.page.getByRole('button', { name: de.sendAgain }).click();
    await browser.page.getByRole('alert').getByText(de.attemptProblems.tooManyRequests).waitFor();
  });

  it('explains that a link for an identity needs its sign-in', async () => {
    const identity = newIdentity();
    const user = await steps.create({ identity }, steps.frontDesk);
    await steps.accept(await steps.linkFor(user.email));
    await expectProblem('identity', user, await requestLink(user, 'identity', tokenFor(identity)));
  });

  it('explains that a password set by another user comes first', async () => {
    const user = await createMoved();
    const link = await requestLink(user);
    const setRequirement = async (requireOwnPassword: boolean) => {
      await steps.service.updateTenantItem('acme', { requireOwnPassword });
      // Tenants are cached for 30 s.
      steps.clock.advanceBy(31_000);
    };
    await setRequirement(true);
    await expectProblem('limitedPassword', user, link);
    await setRequirement(false);
  });

  it('asks for no password without a link that can be valid, and takes a pasted one', async () => {
    const token = await requestLink(await createMoved());
    const page = await open('token=nonsense&locale=en');
    await waitForHeading(page, en.linkProblems.invalid.heading);
    expect(await page.locator('input:visible').count()).toBe(0);
    await page.evaluate("location.hash = 'locale=de'");
    await waitForHeading(page, de.linkProblems.missing.heading);
    await page.fill('#link', `${browser.origin}/confirm`);
    await page.click('#open');
    await waitForTrouble(page, german.invalidLink);
    await page.fill(
      '#link',
      `https://safe.example/?url=${encodeURIComponent(`${browser.origin}/confirm#token=${token}`)}`,
    );
    await page.click('#open');
    await waitForHeading(page, de.heading);
    expect(await page.inputValue('#link')).toBe('');
  });

  it('opens from a link with an escaped #, and from a link pasted into the page of an invitation', async () => {
    const token = await requestLink(await createMoved());
    const { page } = browser;
    await page.goto(`${browser.origin}/confirm%23token=${token}&locale=de`, {
      waitUntil: 'commit',
    });
    await waitForHeading(page, de.heading);
    expect(page.url()).toBe(`${browser.origin}/confirm`);
    await browser.open('locale=en');
    await waitForHeading(page, english.invitation.problems.missing.heading);
    await page.fill('#link', `${browser.origin}/confirm#token=${token}&locale=en`);
    await page.click('#open');
    await waitForHeading(page, en.heading);
    expect(page.url()).toBe(`${browser.origin}/confirm`);
    await open('');
    await page.fill('#link', `${browser.origin}/accept#token=${token}&locale=en`);
    await page.click('#open');
    await waitForHeading(page, english.invitation.problems.invalid.heading);
  });

  it('is not used by a program that fills in the form and presses every button', async () => {
    const user = await createMoved();
    const link = await requestLink(user);
    const page = await browser.createPage();
    await page.addInitScript(`const timer = setInterval(() => {
      const form = document.querySelector('form');
      if (!form || form.hidden) return;
      clearInterval(timer);
      document.querySelector('#account').value = '${user.email}';
      document.querySelector('#password').value = '${goodPassword}';
      for (const button of document.querySelectorAll('button')) button.click();
      form.requestSubmit();
      setTimeout(() => console.log('pressed'), 250);
    }, 5)`);
    const pressed = page.waitForEvent('console', (line) => line.text() === 'pressed');
    await open(`token=${link}`, page);
    await pressed;
    expect([listPosts(), await isVerified(user)]).toEqual([[], false]);
  });

  it('fits a screen 320 pixels wide', async () => {
    const page = await open(`token=${await requestLink(await createMoved())}&locale=de`);
    await page.setViewportSize({ width: 320, height: 480 });
    await waitForHeading(page, de.heading);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  it('explains that a link has expired and mails a new one', async () => {
    const user = await createMoved();
    const link = await requestLink(user);
    // Ends the tokens of other tests too.
    steps.clock.advanceBy(3_600_000);
    await expectProblem('expired', user, link);
    await browser.page.getByRole('button', { name: de.sendAgain }).click();
    await waitForHeading(browser.page, de.sent.heading);
    const next = await steps.linkFor(user.email);
    expect(next).not.toBe(link);
    await open(`token=${next}&locale=en`);
    await submit(browser.page, user.email);
    await waitForHeading(browser.page, en.done);
  });
});
