import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { de } from '../../lib/web/password-page/messages/de.ts';
import { en } from '../../lib/web/password-page/messages/en.ts';
import type { Problem } from '../../lib/web/password-page/messages/page-messages.ts';
import { aBrowserFor, chromiumPath } from '../support/browser.ts';
import { aService, anAdminOf, type Service, type TenantSlug } from '../support/service.ts';

const goodPassword = 'quiet lamps orbit';
if (chromiumPath === undefined)
  console.warn('The page of an invitation is not tested: there is no Chromium on this machine.');

describe.skipIf(chromiumPath === undefined)('the page of an invitation', () => {
  let service: Service;
  let browser: Awaited<ReturnType<typeof aBrowserFor>>;
  let clock = (): Date => new Date();

  beforeAll(async () => {
    service = await aService({ now: () => clock() });
    browser = await aBrowserFor(service);
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    clock = () => new Date();
    const complaints = [...browser.complaints];
    await browser.tidies();
    expect(complaints).toEqual([]);
  });

  let users = 0;
  /** A user who is invited, and what stands behind the `#` in the link of the mail. */
  const anInvitation = async (slug: TenantSlug = 'acme', fields: object = {}) => {
    const sent = { token: anAdminOf(slug) };
    const draft = { email: `jo${++users}.smith@x.example`, name: 'Jo Smith', ...fields };
    const { body: user } = await service.posts('/v1/users', draft, sent);
    const path = `/v1/users/${user.userId}`;
    const mails = (await service.delivers()).filter(({ to }) => to.includes(draft.email));
    return {
      email: draft.email,
      fragment: /#(\S+)/.exec(mails.at(-1)?.text ?? '')?.[1] ?? '',
      resend: () => service.send('POST', `${path}/invitation/resend`, sent),
      revoke: () => service.send('POST', `${path}/invitation/revoke`, sent),
      status: async () => (await service.gets(path, sent)).body.status as string,
    };
  };
  const tokenOf = (fragment: string) => new URLSearchParams(fragment).get('token') ?? '';
  const accepts = (fragment: string, password: string) =>
    service.posts('/v1/invitations/accept', { token: tokenOf(fragment), password });
  const later = (minutes: number) => {
    clock = () => new Date(Date.now() + minutes * 60_000);
  };

  const sees = (page: Page, heading: string) =>
    page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  const verdict = (page: Page, text: string) =>
    page.locator('#verdict', { hasText: text }).waitFor();
  const focused = (page: Page) => page.evaluate('document.activeElement.id');

  test('takes the token out of address and history before it asks anything, and asks nobody but its own host', async () => {
    const { fragment } = await anInvitation();
    const page = await browser.freshPage();
    const addresses: unknown[] = [];
    await page.route('**/inspect', async (route) => {
      addresses.push(await page.evaluate('location.href'));
      await route.continue();
    });
    await browser.opens(fragment, page);
    await sees(page, en.invitation.welcome('Acme'));
    await page.fill('#password', goodPassword);
    await verdict(page, en.password.acceptable);

    expect(addresses).toEqual([page.url()]);
    expect(page.url()).not.toContain('#');
    const asked = browser.requests.map((request) =>
      request
        .url()
        .replace(browser.origin, '')
        .replace(/\?\d+$/, ''),
    );
    expect(asked.toSorted()).toEqual([
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

  test('opens by a link in which a mail gateway has escaped the #, and forgets it likewise [47]', async () => {
    const { fragment } = await anInvitation();
    const page = await browser.freshPage();
    await page.goto(`${browser.origin}/accept%23${fragment}`, { waitUntil: 'commit' });
    await sees(page, en.invitation.welcome('Acme'));
    expect(page.url()).toBe(`${browser.origin}/accept`);
  });

  test('accepts a pasted link after a gateway dropped the fragment, and offers help', async () => {
    const { fragment, email } = await anInvitation();
    const page = await browser.opens('', await browser.freshPage());
    await sees(page, en.invitation.problems.missing.heading);
    await page.getByText(en.invitation.help).waitFor();
    await page.fill('#link', `${browser.origin}/accept`);
    await page.click('#open');
    await page.getByText(en.invalidLink).waitFor();
    await page.fill('#link', `${browser.origin}/accept#${fragment}`);
    await page.click('#open');
    await sees(page, en.invitation.welcome('Acme'));
    expect([await page.inputValue('#email'), await page.isVisible('#link')]).toEqual([
      email,
      false,
    ]);
    await page.fill('#password', goodPassword);
    await page.click('#submit');
    await sees(page, en.invitation.done);
  });

  test('neither loading it, nor a program that presses everything on it, uses the invitation up', async () => {
    const { fragment, status } = await anInvitation();
    const page = await browser.freshPage();
    await page.addInitScript(`const timer = setInterval(() => {
      const form = document.querySelector('form');
      if (!form || form.hidden) return;
      clearInterval(timer);
      document.querySelector('#password').value = '${goodPassword}';
      for (const button of document.querySelectorAll('button')) button.click();
      form.requestSubmit();
      setTimeout(() => console.log('pressed'), 250);
    }, 5)`);
    // Nothing else is asked of the page meanwhile: it would count as a person's touch.
    const pressed = page.waitForEvent('console', (line) => line.text() === 'pressed');
    await browser.opens(fragment, page);
    await pressed;
    expect(
      browser.requests.filter((request) => request.url().endsWith('/invitations/accept')),
    ).toEqual([]);
    expect(await status()).toBe('invite_pending');
  });

  test('is done with the keyboard alone', async () => {
    const { fragment, email, status } = await anInvitation();
    const page = await browser.opens(fragment);
    const reaches = async (key: string, id: string) => {
      await page.keyboard.press(key);
      expect(await focused(page)).toBe(id);
    };
    await sees(page, en.invitation.welcome('Acme'));
    expect(await focused(page)).toBe('password');
    await reaches('Shift+Tab', 'email');
    expect(await page.inputValue('#email')).toBe(email);
    await reaches('Tab', 'password');
    await page.keyboard.type('quiet');
    await page.keyboard.press('Enter');
    await page.locator('#password[aria-invalid=true]').waitFor();
    await verdict(page, en.password.reasons.too_short(15));
    expect(await focused(page)).toBe('password');
    await page.keyboard.type(goodPassword.slice('quiet'.length));
    await verdict(page, en.password.acceptable);
    await reaches('Tab', 'reveal');
    await page.keyboard.press('Space');
    expect(await page.getAttribute('#password', 'type')).toBe('text');
    await reaches('Tab', 'submit');
    // Who presses twice means it once.
    await Promise.all([page.keyboard.press('Enter'), page.keyboard.press('Enter')]);

    await sees(page, en.invitation.done);
    expect(await focused(page)).toBe('heading');
    await page.getByText(en.password.signIn('Acme', email)).waitFor();
    await reaches('Tab', 'continue');
    expect(await page.getAttribute('#continue', 'href')).toBe('https://example.com');
    expect(await page.inputValue('#password')).toBe('');
    expect(await status()).toBe('active');
    expect(
      browser.requests.filter((request) => request.url().endsWith('/invitations/accept')),
    ).toHaveLength(1);
  });

  test('says of a password while it is typed what the service says of it', async () => {
    const { fragment, email } = await anInvitation();
    const page = await browser.opens(fragment);
    await sees(page, en.invitation.welcome('Acme'));
    const said = [];
    for (const password of [
      'too short',
      'passwordpassword1',
      `i am ${email}`,
      'abcabcabcabcabcabc',
      'long '.repeat(250),
      'WE LOVE ACME A LOT',
    ]) {
      const { body } = await accepts(fragment, password);
      const reason = body.details.reason as keyof typeof en.password.reasons;
      said.push(reason);
      await page.fill('#password', password);
      await verdict(page, en.password.reasons[reason](15));
    }
    expect(said).toEqual([
      'too_short',
      'commonly_used',
      'contains_known_word',
      'pattern',
      'too_long',
      'contains_known_word',
    ]);
  });

  test('leaves the last word on a password to the service, and keeps what was typed until it has arrived', async () => {
    const { fragment, status } = await anInvitation();
    const page = await browser.opens(fragment);
    const refusal = {
      status: 422,
      json: { code: 'password_rejected', details: { reason: 'a_reason_yet_to_come' } },
    };
    await page.fill('#password', goodPassword);
    await page.route('**/invitations/accept', (route) => route.fulfill(refusal), { times: 1 });
    await page.click('#submit');
    await verdict(page, en.password.reasons.other(15));
    await page.route('**/invitations/accept', (route) => route.abort(), { times: 1 });
    await page.click('#submit');
    await page.getByRole('alert').getByText(en.invitation.problems.offline.advice).waitFor();
    expect(await status()).toBe('invite_pending');
    await page.click('#submit');
    await sees(page, en.invitation.done);
  });

  test('names the roles that could not be given, and leads nowhere but to a web page', async () => {
    const { fragment } = await anInvitation();
    const page = await browser.opens(fragment);
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

  /** What leads to each problem that lasts. */
  const linksTo: Partial<Record<Problem, () => Promise<string>>> = {
    missing: async () => 'locale=en',
    invalid: async () => 'token=nonsense&locale=en',
    expired: async () => {
      const { fragment } = await anInvitation();
      later(8 * 24 * 60);
      return fragment;
    },
    used: async () => {
      const { fragment } = await anInvitation();
      await accepts(fragment, goodPassword);
      return fragment;
    },
    revoked: async () => {
      const { fragment, revoke } = await anInvitation();
      await revoke();
      return fragment;
    },
    superseded: async () => {
      const { fragment, resend } = await anInvitation();
      later(2);
      await resend();
      return fragment;
    },
    suspended: async () => {
      const { fragment } = await anInvitation('north');
      await service.hasTenant('north', { status: 'suspended' });
      return fragment;
    },
  };
  test.each(Object.entries(linksTo))(
    'says in plain words that the invitation is %s, and asks for nothing',
    async (problem, link) => {
      const page = await browser.opens(await link());
      const { heading, advice } = en.invitation.problems[problem as Problem];
      await sees(page, heading);
      await page.getByText(advice).waitFor();
      expect(await page.locator('input:visible').count()).toBe(problem === 'missing' ? 1 : 0);
      expect(await focused(page)).toBe(problem === 'missing' ? 'link' : 'heading');
    },
  );

  test('says why it cannot tell just now, and can be asked again', async () => {
    const { fragment } = await anInvitation();
    const { page } = browser;
    const troubles = new Map<Problem, number | undefined>([
      ['offline', undefined],
      ['tooManyRequests', 429],
      ['unavailable', 503],
    ]);
    const statuses = [...troubles.values()];
    await page.route(
      '**/inspect',
      (route) => {
        const status = statuses.shift();
        return status ? route.fulfill({ status, json: { message: 'Not now' } }) : route.abort();
      },
      { times: troubles.size },
    );
    await browser.opens(fragment);
    for (const problem of troubles.keys()) {
      await sees(page, en.invitation.problems[problem].heading);
      await page.getByRole('button', { name: en.tryAgain }).click();
    }
    await sees(page, en.invitation.welcome('Acme'));
  });

  test('speaks the language of the link, else of the invitation, else of the browser, until another is chosen', async () => {
    const { fragment } = await anInvitation('acme', { locale: 'de-AT' });
    const page = await browser.opens(`token=${tokenOf(fragment)}`);
    await sees(page, de.invitation.welcome('Acme'));
    expect(await page.getAttribute('html', 'lang')).toBe('de');
    await page.fill('#password', 'abcabcabcabcabcabc');
    await verdict(page, de.password.reasons.pattern(15));
    await page.getByLabel(de.language).selectOption('en');
    await sees(page, en.invitation.welcome('Acme'));
    await verdict(page, en.password.reasons.pattern(15));
    expect(await page.inputValue('#password')).toBe('abcabcabcabcabcabc');

    await sees(
      await browser.opens(`token=${tokenOf(fragment)}&locale=en`),
      en.invitation.welcome('Acme'),
    );
    await sees(
      await browser.opens('', await browser.freshPage({ locale: 'de-CH' })),
      de.invitation.problems.missing.heading,
    );
  });

  test('starts anew with another link that is opened in the same tab', async () => {
    const page = await browser.opens('token=nonsense&locale=en');
    await sees(page, en.invitation.problems.invalid.heading);
    const { fragment } = await anInvitation();
    await page.evaluate(`location.hash = '${fragment}'`);
    await sees(page, en.invitation.welcome('Acme'));
    expect(page.url()).not.toContain('#');
  });

  test('needs no scrolling sideways on a screen 320 pixels wide', async () => {
    const name = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
    await service.hasTenant('globex', { name });
    const { fragment } = await anInvitation('globex', {
      email: `${'j'.repeat(60)}@${'long-name.'.repeat(5)}example`,
      locale: 'de',
    });
    const page = await browser.opens(fragment);
    await page.setViewportSize({ width: 320, height: 480 });
    await sees(page, de.invitation.welcome(name));
    await page.fill('#password', 'passwordpassword1');
    await verdict(page, de.password.reasons.commonly_used(15));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  test('makes no markup out of text, whatever a script asks for', async () => {
    const page = await browser.opens('');
    const refused = await page.evaluate(
      "try { document.body.innerHTML = '<p>Hello</p>' } catch ({ message }) { message }",
    );
    expect(refused).toContain('TrustedHTML');
    expect(browser.complaints.splice(0).join()).toContain('TrustedHTML');
  });
});
