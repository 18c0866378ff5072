import { describe, expect, it } from 'vitest';
import {
  createInvitationService,
  toInvitedAccount,
  type InvitedAccount,
  findLink,
  minute,
  outcome,
  parseToken,
} from '../support/scenarios/invitations.ts';
import type { TestRequest } from '../support/service.ts';

const life = await createInvitationService();
const {
  service,
  clock,
  inviteUser,
  mailsTo,
  inspectLink,
  acceptLink,
  resends,
  copies,
  requestInvitation,
  invitationOf,
} = life;
const getMail = async (guest: InvitedAccount) => {
  const mail = (await mailsTo(guest)).at(-1);
  if (!mail) throw new Error('no mail');
  return mail;
};
const changeTenant = async (changes: Parameters<typeof service.updateTenantItem>[1]) => {
  await service.updateTenantItem('acme', changes);
  clock.advanceBy(minute);
};

const subjects = {
  en: "You're invited to join Acme",
  de: 'Ihre Einladung zu Acme',
  fr: 'Votre invitation à rejoindre Acme',
  es: 'Su invitación para unirse a Acme',
};

describe('an invitation mail', () => {
  it('has text and HTML, and the sender of the tenant or the deployment', async () => {
    const guest = await inviteUser({ firstName: 'Ada', lastName: 'O’Hara' });
    const { from, to, subject, text, html, tags } = await getMail(guest);
    expect({ from, to, subject }).toEqual({
      from: 'roster@example.com',
      to: [guest.email],
      subject: subjects.en,
    });
    expect(text).toContain('Hello Ada O’Hara,\n');
    expect(text).toContain(`Acme created an account for ${guest.email}.`);
    const expires = new Date((await invitationOf(guest)).expiresTime);
    expect(text).toContain(
      `expires on ${expires.toLocaleDateString('en', { dateStyle: 'long', timeZone: 'UTC' })} at`,
    );
    expect(html).toContain(`<p><a href="${findLink({ text } as never).replaceAll('&', '&amp;')}"`);
    expect(html).toContain('<p>Hello Ada O’Hara,</p>');
    expect(Object.keys(tags).toSorted()).toEqual(['tenant', 'user', 'version']);

    await changeTenant({ sender: 'Acme <hello@acme.example>' });
    expect((await getMail(await inviteUser())).from).toBe('Acme <hello@acme.example>');
    await changeTenant({ sender: 'hello@Bücher.example' });
    expect((await getMail(await inviteUser())).from).toBe('hello@xn--bcher-kva.example');
    await changeTenant({ sender: undefined });
  });

  it('greets by first and last name if the name is blank [4]', async () => {
    const { text } = await getMail(
      await inviteUser({ name: '', firstName: 'Cleo', lastName: 'Dorn', locale: 'de_DE' }),
    );
    expect(text).toContain('Guten Tag Cleo Dorn,\n');
  });

  it('goes to the A-labels of a non-ASCII domain', async () => {
    const guest = await inviteUser({ email: 'jo@bücher.example' });
    const { to, text } = await getMail(guest);
    expect([to, text.includes('jo@bücher.example')]).toEqual([['jo@xn--bcher-kva.example'], true]);
  });

  it.each([
    ['Ada & Bob', 'Ada &amp; Bob'],
    ["Ada O'Hara", 'Ada O&#39;Hara'],
    ['Dr. Zoë (Ω) García-Márquez', 'Dr. Zoë (Ω) García-Márquez'],
    ['  李 小龍 ', '李 小龍'],
  ])('greets by the name %s [I20]', async (name, escaped) => {
    const { text, html } = await getMail(await inviteUser({ name }));
    expect(text).toContain(`Hello ${name.trim()},\n`);
    expect(html).toContain(`<p>Hello ${escaped},</p>`);
  });

  it.each([
    '<b>Ada</b>',
    '"><img src=x onerror=alert(1)>',
    'Win at evil.example',
    'https://evil.example/win',
    'call@evil.example',
    '{{constructor}}',
    '${process.env.HOME}',
    'x'.repeat(65),
    '🎁 Prize!',
  ])('omits %j, which is more than a name [I20]', async (name) => {
    const guest = await inviteUser({ name });
    const { subject, text, html } = await getMail(guest);
    expect([subject, text.startsWith('Hello,\n'), html.includes('<p>Hello,</p>')]).toEqual([
      subjects.en,
      true,
      true,
    ]);
    for (const part of [text, html]) expect(part).not.toContain(name.trim());
    expect(html.match(/<(?!\/)\w+/g)).toEqual([
      '<html',
      '<meta',
      '<title',
      '<body',
      ...Array(2).fill('<p'),
      '<p',
      '<a',
      '<p',
      '<p',
    ]);
  });

  it('uses the slug of a tenant whose name is more than a name [I20]', async () => {
    await changeTenant({ name: '<a href="//evil.example">Acme</a>' });
    const { subject, text, html } = await getMail(await inviteUser());
    expect([subject, text.includes('acme created'), html.includes('evil')]).toEqual([
      "You're invited to join acme",
      true,
      false,
    ]);
    await changeTenant({ name: 'Acme' });
  });

  it.each([
    ['de', 'de'],
    ['DE_at', 'de'],
    ['en-GB', 'en'],
    ['fr-CH', 'fr'],
    ['es', 'es'],
    ['it', 'en'],
    ['dex', 'en'],
  ] as const)(
    'is in the language of the user, or in English: %j [I30]',
    async (locale, language) => {
      const guest = await inviteUser({ locale });
      const mail = await getMail(guest);
      expect([mail.subject, mail.html.includes(`<html lang="${language}">`)]).toEqual([
        subjects[language],
        true,
      ]);
      expect(findLink(mail)).toMatch(new RegExp(`&locale=${language}$`));
      expect((await inspectLink(parseToken(findLink(mail)))).body.locale).toBe(language);
    },
  );

  it('is in the language of the tenant if the user has another language', async () => {
    await changeTenant({ locale: 'de-DE' });
    const mail = await getMail(await inviteUser({ name: 'Ada', locale: 'it' }));
    expect([mail.subject, mail.text.startsWith('Guten Tag Ada,')]).toEqual([subjects.de, true]);
    expect((await getMail(await inviteUser({ locale: 'en' }))).subject).toBe(subjects.en);
    await changeTenant({ locale: '../de' });
    expect((await getMail(await inviteUser())).subject).toBe(subjects.en);
    await changeTenant({ locale: 'en' });
  });
});

describe('an invitation link [I18 I19]', () => {
  const evil = 'https://evil.example';
  const elsewhere: readonly TestRequest[] = [
    { host: 'acme.admin.localhost:8443@evil.example' },
    {
      host: 'evil.example',
      headers: {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'http',
        'x-original-host': 'evil.example',
        forwarded: 'host=evil.example;proto=http',
        origin: evil,
        referer: evil,
      },
    },
  ];
  let links = 0;

  it('opens the page of the tenant, whatever the headers of the request say', async () => {
    const token = clock.aTokenOf('acme', ['system_admin'], 'system');
    for (const acceptUrl of [undefined, 'https://join.acme.example/welcome']) {
      await changeTenant({ acceptUrl, origin: 'https://app.acme.example' });
      const page = acceptUrl ?? 'https://app.acme.example/accept';
      for (const sent of elsewhere) {
        const created = await service.post(
          '/v1/users',
          { email: `link-${++links}@x.example`, locale: 'de' },
          { token, ...sent },
        );
        const guest = toInvitedAccount(created);
        expect(findLink(await getMail(guest)).split('#')[0]).toBe(page);
        clock.advanceBy(minute);
        await resends(guest, { token, ...sent });
        expect(findLink(await getMail(guest)).split('#')[0]).toBe(page);
        const { body } = await copies(guest, { token, ...sent });
        expect(body.link.split('#')[0]).toBe(page);
        expect([new URL(body.link).search, body.link.endsWith('&locale=de')]).toEqual(['', true]);
        expect((await acceptLink(parseToken(body.link), undefined, sent)).body.continueUrl).toBe(
          'https://app.acme.example',
        );
      }
    }
    await changeTenant({ acceptUrl: undefined, origin: 'https://example.com' });
  });

  it('ignores URLs in requests', async () => {
    const guest = await inviteUser();
    const token = parseToken(findLink(await getMail(guest)));
    for (const url of [
      'https://evil.example',
      '//evil.example',
      'javascript:alert(1)',
      'https://example.com@evil.example',
    ]) {
      for (const field of ['redirectUrl', 'acceptUrl', 'continueUrl', 'origin']) {
        const sent = { email: 'redirected@x.example', [field]: url };
        expect(outcome(await service.post('/v1/users', sent, { token: life.admin() }))).toBe(
          '400 invalid_input',
        );
      }
      const body = { token, password: 'tangled-orchard-7-lamps', redirectUrl: url };
      expect(outcome(await service.post('/v1/invitations/accept', body))).toBe('400 invalid_input');
    }
    expect((await requestInvitation('GET', guest)).body.status).toBe('invite_pending');
  });
});
