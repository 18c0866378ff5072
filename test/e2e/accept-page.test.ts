import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deriveAccentColors } from '../../lib/domain/branding/accent-colors.ts';
import { de } from '../../lib/web/password-page/messages/de.ts';
import { en } from '../../lib/web/password-page/messages/en.ts';
import type { Problem } from '../../lib/web/password-page/messages/page-messages.ts';
import { openBrowser } from '../support/browser/open-browser.ts';
import {
  createTestService,
  adminToken,
  type Service,
  tenantId,
  type TenantSlug,
} from '../support/service.ts';
import { createPng, toDataUri } from '../support/scenarios/logos.ts';
import { chromiumPath } from '../support/browser/shared-browser.ts';

const goodPassword = 'quiet lamps orbit';
if (chromiumPath === undefined)
  console.warn('The invitation page is not tested: this machine has no Chromium.');

describe.skipIf(chromiumPath === undefined)('the invitation page', () => {
  let service: Service;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let clock = (): Date => new Date();

  beforeAll(async () => {
    service = await createTestService({ now: () => clock() });
    browser = await openBrowser(service);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    clock = () => new Date();
    const consoleErrors = [...browser.consoleErrors];
    await browser.reset();
    expect(consoleErrors).toEqual([]);
  });

  let users = 0;
  /** Invites a user and reads the fragment of the mailed link. */
  const createInvitation = async (slug: TenantSlug = 'acme', fields: object = {}) => {
    const sent = { token: adminToken(slug) };
    const draft = { email: `jo${++users}.smith@x.example`, name: 'Jo Smith', ...fields };
    const { body: user } = await service.post('/v1/users', draft, sent);
    const path = `/v1/users/${user.userId}`;
    const mails = (await service.deliverPendingMail()).filter(({ to }) => to.includes(draft.email));
    return {
      email: draft.email,
      fragment: /#(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1] ?? '',
      resend: () => service.send('POST', `${path}/invitation/resend`, sent),
      revoke: () => service.send('POST', `${path}/invitation/revoke`, sent),
      status: async () => (await service.get(path, sent)).body.status as string,
    };
  };
  const readToken = (fragment: string) => new URLSearchParams(fragment).get('token') ?? '';
  const acceptInvitation = (fragment: string, password: string) =>
    service.post('/v1/invitations/accept', { token: readToken(fragment), password });
  const advance = (minutes: number) => {
    clock = () => new Date(Date.now() + minutes * 60_000);
  };

  const waitForHeading = (page: Page, heading: string) =>
    page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  const waitForVerdict = (page: Page, text: string) =>
    page.locator('#verdict', { hasText: text }).waitFor();
  const getFocus = (page: Page) => page.evaluate('document.activeElement.id');

  it('removes the token from address and history before the first request, all to its own host', async () => {
    const { fragment } = await createInvitation();
    const { page } = browser;
    const addresses: unknown[] = [];
    await page.route('**/inspect', async (route) => {
      addresses.push(await page.evaluate('location.href'));
      await route.continue();
    });
    await browser.open(fragment);
    await waitForHeading(page, en.invitation.welcome('Acme'));
    await page.fill('#password', goodPassword);
    await waitForVerdict(page, en.password.acceptable);

    expect(addresses).toEqual([page.url()]);
    expect(page.url()).not.toContain('#');
    const requestedPaths = browser.requests.map((request) =>
      request
        .url()
        .replace(browser.origin, '')
        .replace(/\?\d+$/, ''),
    );
    expect(requestedPaths.toSorted()).toEqual([
      '/accept',
      '/accept/accept.css',
      '/accept/accept.js',
      '/accept/common-passwords.js',
      '/v1/invitations/inspect',
    ]);
    expect(
      browser.requests.filter((request) => request.headers()['referer'] !== undefined),
    ).toEqual([]);
    expect(
      await page.evaluate('[{ ...localStorage }, { ...sessionStorage }, document.cookie]'),
    ).toEqual([{}, {}, '']);
    const address = page.url();
    await page.goBack();
    await page.goForward();
    expect(page.url()).toBe(address);
  });

  it('shows the branding of the tenant in both color schemes, also on the other pages', async () => {
    const sent = { token: adminToken('south') };
    const logo = toDataUri('png', createPng(120, 40, '#202020'));
    const branding = { displayName: 'South Cloud', accentColor: '#ffd400', logo };
    await service.send('PATCH', `/v1/tenants/${tenantId.south}`, { ...sent, body: { branding } });
    const { fragment } = await createInvitation('south');
    const { page } = browser;
    const readStyle = (selector: string, property: string) =>
      page.evaluate(
        `getComputedStyle(document.querySelector('${selector}')).getPropertyValue('${property}')`,
      );
    const loadLogo = `(async (image) => (await image.decode(), image.naturalWidth))(document.querySelector('#logo'))`;

    await browser.open(fragment);
    await waitForHeading(page, en.invitation.welcome('South Cloud'));
    await page.getByRole('img', { name: 'South Cloud', exact: true }).waitFor();
    expect(await page.evaluate(loadLogo)).toBe(120);
    expect(await page.locator('#mark').isVisible()).toBe(false);
    expect(await readStyle('#submit', 'background-color')).toBe('rgb(255, 212, 0)');
    expect(await readStyle('#submit', 'color')).toBe('rgb(0, 0, 0)');
    const { onLight } = deriveAccentColors('#ffd400');
    const [red, green, blue] = [1, 3, 5].map((at) => Number(`0x${onLight.slice(at, at + 2)}`));
    expect(await readStyle('#reveal', 'color')).toBe(`rgb(${red}, ${green}, ${blue})`);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await readStyle('#reveal', 'color')).toBe('rgb(255, 212, 0)');
    expect(await readStyle('main', 'background-color')).toBe('rgb(27, 29, 34)');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.fill('#password', goodPassword);
    await page.click('#submit');
    await waitForHeading(page, en.invitation.done);
    // The mark of success does not have the color of the tenant, nor of text on it.
    expect(await readStyle('#mark', 'background-color')).toBe('rgb(27, 107, 69)');
    expect(await readStyle('#mark', 'color')).toBe('rgb(255, 255, 255)');

    advance(1);
    await page.goto(`${browser.origin}/reset?tenant=south`, { waitUntil: 'commit' });
    await waitForHeading(page, en.request.reset.heading);
    await page.getByRole('img', { name: 'South Cloud', exact: true }).waitFor();

    // A logo that does not load is replaced by the mark.
    await page.route('**/v1/logos/**', (route) => route.abort());
    await page.goto(`${browser.origin}/reset?tenant=south`, { waitUntil: 'commit' });
    await page.locator('#mark').waitFor();
  });

  it('opens from a link whose # a mail gateway escaped, and removes the token from the address [47]', async () => {
    const { fragment } = await createInvitation();
    const { page } = browser;
    await page.goto(`${browser.origin}/accept%23${fragment}`, { waitUntil: 'commit' });
    await waitForHeading(page, en.invitation.welcome('Acme'));
    expect(page.url()).toBe(`${browser.origin}/accept`);
  });

  it('accepts a pasted link after a gateway dropped the fragment, and shows help', async () => {
    const { fragment, email } = await createInvitation();
    const page = await browser.open('');
    await waitForHeading(page, en.invitation.problems.missing.heading);
    await page.getByText(en.invitation.help).waitFor();
    await page.fill('#link', `${browser.origin}/accept`);
    await page.click('#open');
    await page.getByText(en.invalidLink).waitFor();
    await page.fill('#link', `${browser.origin}/accept#${fragment}`);
    await page.click('#open');
    await waitForHeading(page, en.invitation.welcome('Acme'));
    expect([await page.inputValue('#email'), await page.isVisible('#link')]).toEqual([
      email,
      false,
    ]);
    await page.fill('#password', goodPassword);
    await page.click('#submit');
    await waitForHeading(page, en.invitation.done);
  });

  it('is not used by loading the page or by a program that presses every button', async () => {
    const { fragment, status } = await createInvitation();
    const page = await browser.createPage();
    await page.addInitScript(`const timer = setInterval(() => {
      const form = document.querySelector('form');
      if (!form || form.hidden) return;
      clearInterval(timer);
      document.querySelector('#password').value = '${goodPassword}';
      for (const button of document.querySelectorAll('button')) button.click();
      form.requestSubmit();
      setTimeout(() => console.log('pressed'), 250);
    }, 5)`);
    // Playwright calls count as user activation, so none is made meanwhile.
    const submitted = page.waitForEvent('console', (line) => line.text() === 'pressed');
    await browser.open(fragment, page);
    await submitted;
    expect(
      browser.requests.filter((request) => request.url().endsWith('/invitations/accept')),
    ).toEqual([]);
    expect(await status()).toBe('invite_pending');
  });

  it('accepts with the keyboard alone, once for two presses', async () => {
    const { fragment, email, status } = await createInvitation();
    const page = await browser.open(fragment);
    const expectFocusAfter = async (key: string, id: string) => {
      await page.keyboard.press(key);
      expect(await getFocus(page)).toBe(id);
    };
    await waitForHeading(page, en.invitation.welcome('Acme'));
    expect(await getFocus(page)).toBe('password');
    await expectFocusAfter('Shift+Tab', 'email');
    expect(await page.inputValue('#email')).toBe(email);
    await expectFocusAfter('Tab', 'password');
    await page.keyboard.type('quiet');
    await page.keyboard.press('Enter');
    await page.locator('#password[aria-invalid=true]').waitFor();
    await waitForVerdict(page, en.password.reasons.too_short(15));
    expect(await getFocus(page)).toBe('password');
    await page.keyboard.type(goodPassword.slice('quiet'.length));
    await waitForVerdict(page, en.password.acceptable);
    await expectFocusAfter('Tab', 'reveal');
    await page.keyboard.press('Space');
    expect(await page.getAttribute('#password', 'type')).toBe('text');
    await expectFocusAfter('Tab', 'submit');
    await Promise.all([page.keyboard.press('Enter'), page.keyboard.press('Enter')]);

    await waitForHeading(page, en.invitation.done);
    expect(await getFocus(page)).toBe('heading');
    await page.getByText(en.password.signIn('Acme', email)).waitFor();
    await expectFocusAfter('Tab', 'continue');
    expect(await page.getAttribute('#continue', 'href')).toBe('https://example.com');
    expect(await page.inputValue('#password')).toBe('');
    expect(await status()).toBe('active');
    expect(
      browser.requests.filter((request) => request.url().endsWith('/invitations/accept')),
    ).toHaveLength(1);
  });

  it('gives the same reasons against a typed password as the service', async () => {
    const { fragment, email } = await createInvitation();
    const page = await browser.open(fragment);
    await waitForHeading(page, en.invitation.welcome('Acme'));
    const reasons = [];
    for (const password of [
      'too short',
      'passwordpassword1',
      `i am ${email}`,
      'abcabcabcabcabcabc',
      'long '.repeat(250),
      'WE LOVE ACME A LOT',
    ]) {
      const { body } = await acceptInvitation(fragment, password);
      const reason = body.details.reason as keyof typeof en.password.reasons;
      reasons.push(reason);
      await page.fill('#password', password);
      await waitForVerdict(page, en.password.reasons[reason](15));
    }
    expect(reasons).toEqual([
      'too_short',
      'commonly_used',
      'contains_known_word',
      'pattern',
      'too_long',
      'contains_known_word',
    ]);
  });

  it('shows a rejection by the service, and keeps the password after a failure', async () => {
    const { fragment, status } = await createInvitation();
    const page = await browser.open(fragment);
    const refusal = {
      status: 422,
      json: { code: 'password_rejected', details: { reason: 'a_reason_yet_to_come' } },
    };
    await page.fill('#password', goodPassword);
    await page.route('**/invitations/accept', (route) => route.fulfill(refusal), { times: 1 });
    await page.click('#submit');
    await waitForVerdict(page, en.password.reasons.other(15));
    await page.route('**/invitations/accept', (route) => route.abort(), { times: 1 });
    await page.click('#submit');
    await page.getByRole('alert').getByText(en.invitation.problems.offline.advice).waitFor();
    expect(await status()).toBe('invite_pending');
    await page.click('#submit');
    await waitForHeading(page, en.invitation.done);
  });

  it('lists the refused roles and links only to web pages', async () => {
    const { fragment } = await createInvitation();
    const page = await browser.open(fragment);
    const json = {
      refusedRoleIds: ['cradl:role:approver', 'cradl:role:auditor'],
      continueUrl: 'javascript:alert(1)',
    };
    await page.fill('#password', goodPassword);
    await page.route('**/invitations/accept', (route) => route.fulfill({ json }));
    await page.click('#submit');
    await page.getByText(en.password.refusedRoles('approver, auditor')).waitFor();
    expect(await page.getByRole('link').count()).toBe(0);
  });

  /** Creates a link with each lasting problem. */
  const createLinks: Partial<Record<Problem, () => Promise<string>>> = {
    missing: async () => 'locale=en',
    invalid: async () => 'token=nonsense&locale=en',
    expired: async () => {
      const { fragment } = await createInvitation();
      advance(8 * 24 * 60);
      return fragment;
    },
    used: async () => {
      const { fragment } = await createInvitation();
      await acceptInvitation(fragment, goodPassword);
      return fragment;
    },
    revoked: async () => {
      const { fragment, revoke } = await createInvitation();
      await revoke();
      return fragment;
    },
    superseded: async () => {
      const { fragment, resend } = await createInvitation();
      advance(2);
      await resend();
      return fragment;
    },
    suspended: async () => {
      const { fragment } = await createInvitation('north');
      await service.updateTenantItem('north', { status: 'suspended' });
      return fragment;
    },
  };
  it.each(Object.entries(createLinks))(
    'explains an invitation that is %s and asks for no password',
    async (problem, link) => {
      const page = await browser.open(await link());
      const { heading, advice } = en.invitation.problems[problem as Problem];
      await waitForHeading(page, heading);
      await page.getByText(advice).waitFor();
      expect(await page.locator('input:visible').count()).toBe(problem === 'missing' ? 1 : 0);
      expect(await getFocus(page)).toBe(problem === 'missing' ? 'link' : 'heading');
    },
  );

  it('explains failures that pass, and tries again', async () => {
    const { fragment } = await createInvitation();
    const { page } = browser;
    const failures = new Map<Problem, number | undefined>([
      ['offline', undefined],
      ['tooManyRequests', 429],
      ['unavailable', 503],
    ]);
    const statuses = [...failures.values()];
    await page.route(
      '**/inspect',
      (route) => {
        const status = statuses.shift();
        return status ? route.fulfill({ status, json: { message: 'Not now' } }) : route.abort();
      },
      { times: failures.size },
    );
    await browser.open(fragment);
    for (const problem of failures.keys()) {
      await waitForHeading(page, en.invitation.problems[problem].heading);
      await page.getByRole('button', { name: en.tryAgain }).click();
    }
    await waitForHeading(page, en.invitation.welcome('Acme'));
  });

  it('uses the language of the link, else of the invitation, else of the browser, until the user chooses another', async () => {
    const { fragment } = await createInvitation('acme', { locale: 'de-AT' });
    const page = await browser.open(`token=${readToken(fragment)}`);
    await waitForHeading(page, de.invitation.welcome('Acme'));
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await page.fill('#password', 'abcabcabcabcabcabc');
    await waitForVerdict(page, de.password.reasons.pattern(15));
    await page.getByLabel(de.language).selectOption('en');
    await waitForHeading(page, en.invitation.welcome('Acme'));
    await waitForVerdict(page, en.password.reasons.pattern(15));
    expect(await page.inputValue('#password')).toBe('abcabcabcabcabcabc');

    await waitForHeading(
      await browser.open(`token=${readToken(fragment)}&locale=en`),
      en.invitation.welcome('Acme'),
    );
    await waitForHeading(
      await browser.open('', await browser.createPage({ locale: 'de-CH' })),
      de.invitation.problems.missing.heading,
    );
  });

  it('starts again with another link opened in the same tab', async () => {
    const page = await browser.open('token=nonsense&locale=en');
    await waitForHeading(page, en.invitation.problems.invalid.heading);
    const { fragment } = await createInvitation();
    await page.evaluate(`location.hash = '${fragment}'`);
    await waitForHeading(page, en.invitation.welcome('Acme'));
    expect(page.url()).not.toContain('#');
  });

  it('fits a screen 320 pixels wide', async () => {
    const name = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
    await service.updateTenantItem('globex', { name });
    const { fragment } = await createInvitation('globex', {
      email: `${'j'.repeat(60)}@${'long-name.'.repeat(5)}example`,
      locale: 'de',
    });
    const page = await browser.open(fragment);
    await page.setViewportSize({ width: 320, height: 480 });
    await waitForHeading(page, de.invitation.welcome(name));
    await page.fill('#password', 'passwordpassword1');
    await waitForVerdict(page, de.password.reasons.commonly_used(15));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  it('refuses to turn text into markup', async () => {
    const page = await browser.open('');
    const refused = await page.evaluate(
      "try { document.body.innerHTML = '<p>Hello</p>' } catch ({ message }) { message }",
    );
    expect(refused).toContain('TrustedHTML');
    expect(browser.consoleErrors.splice(0).join()).toContain('TrustedHTML');
  });
});
