/** Names in mails. */
import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languages } from '../../lib/domain/mail/language.ts';
import {
  renderConfirmation,
  renderInvitation,
  renderReset,
} from '../../lib/domain/mail/link-mails.ts';
import { renderNotice } from '../../lib/domain/mail/notice-mail.ts';
import { formatTime } from '../../lib/domain/mail/render.ts';
import { en } from '../../lib/domain/mail/templates/en.ts';
import type { TenantWithRoles } from '../../lib/domain/tenants/tenant.ts';
import { createInvitationService } from '../support/scenarios/invitations.ts';
import { scaleRuns } from '../support/property-runs.ts';

const { service, clock, inviteUser, mailsTo } = await createInvitationService();
const getGreeting = async (fields: object) =>
  (await mailsTo(await inviteUser(fields))).at(-1)?.text.split('\n')[0];

describe('the greeting of a mail', () => {
  it.each([
    ['Robin Sample, M.D.'],
    ['J.R.R. Sample'],
    ['क्‍ष'],
    ['نرگس‌السادات'],
    ['Gal·la Sample'],
    ['Ana/Anna Sample'],
    ['Zoë 🦊'],
    ['Zoë 👩🏽‍🚒'],
    ['Zoë ❤️'],
    ['Jean-Luc d’Été-Ämmerlé'],
    ['ジョン・スミス'],
    ['צ׳רלס'],
    ['Dr. med. Ann Sample'],
    ['Dipl.-Ing. J.-P. Sample'],
    ['Sammy Sample Jr.'],
    ['Robert “Bob” Sample (Ω)'],
    ['ร.ต. สมชาย'],
    ['Sample Inc. 2024'],
    ['Ann Sample*'],
    ['Ann\u0301 Sample', 'Anń Sample'],
    ['Ann Lee.', 'Ann Lee'],
    ['Ann Sample M.Sc.', 'Ann Sample M. Sc.'],
    ['Dr.Ann J.Sample', 'Dr. Ann J. Sample'],
    ['Ada \u200fלי', 'Ada לי'],
    ['山田\u3000太郎', '山田 太郎'],
    ['Ann\u00a0Lee', 'Ann Lee'],
    ['Prof. Dr. h.c. mult. Sample'],
    ['MUDr. Jan Sample, CSc.'],
    ['Dr hab. Ewa Sample'],
  ])('keeps an ordinary name: %s [32]', async (name, expected = name) => {
    expect(await getGreeting({ name })).toBe(`Hello ${expected},`);
  });

  it.each([
    'Your account was hacked. Call +1 (888) 555-0199 today',
    'Call 88855',
    'Call +1 8 8 8 5',
    'Call 1-8-8/8.5',
    'Call 1-800-FLOWERS',
    'Call ８８８５５',
    'Call ٨٨٨٥٥',
    'Call ⑧⑧⑧⑤⑤',
    'Call 8️⃣8️⃣8️⃣5️⃣5️⃣',
    'evil.example',
    'Visit t.co/win now',
    'evil．example',
    'evil․example',
    'evil。example',
    'ⓔⓥⓘⓛ.ⓒⓞⓜ',
    'mailto:a',
    'mallory@evil',
    'mallory＠evil',
    '//evil/win',
    '\\\\evil\\win',
    '1.1.1.1',
    'Pay now. It is late',
    'Pay now. it is late',
    'Pay now! Please',
    'Really? Yes',
    '立即付款。谢谢',
    'Win $950 today',
    'x'.repeat(33),
    `A${'\u0301'.repeat(9)}`,
    '…',
  ])('omits text that is more than a name: %s [SEC-18]', async (name) => {
    const greeting = await getGreeting({ name });
    // `t.co` becomes two words.
    expect([
      greeting?.includes(name),
      /^Hello( Visit t\. co\/win now)?,$/.test(greeting ?? ''),
    ]).toEqual([false, true]);
  });

  it('falls back to the first name if the full name is not safe', async () => {
    expect(
      await getGreeting({ name: 'Call +1 888 555 0199', firstName: 'Ann', lastName: 'Sample' }),
    ).toBe('Hello Ann Sample,');
    expect(await getGreeting({ firstName: 'Ann', lastName: 'x'.repeat(40) })).toBe('Hello Ann,');
  });

  it('is followed by the slug of a tenant whose name is more than a name [SEC-18]', async () => {
    await service.updateTenantItem('acme', {
      name: 'PayPal Security. Call +1 888 555 0199 to stop the payment of 950',
    });
    clock.advanceBy(60_000);
    const [mail] = await mailsTo(await inviteUser());
    expect(mail?.subject).toBe(en.invitation.subject('acme'));
    expect(mail?.text).toContain('\n\nacme created an account for ');
    await service.updateTenantItem('acme', { name: 'Acme' });
  });
});

/** Text that mail clients may turn into links: URLs, hosts, mailboxes and phone numbers. */
const linkable = [
  /[\p{L}][\p{L}\p{N}+.-]*:\S/u,
  /[\p{L}\p{M}\p{N}]\.[\p{L}\p{N}]\p{M}*[\p{L}\p{N}-]/u,
  /\S@\S/u,
  /(\p{N}[^\p{L}]*){5}/u,
];
const sentence = /\p{L}{5}[.!?。]\s+\S/u;

describe('a mail with any names', () => {
  const part = oneof(
    constantFrom(
      'call',
      'Dr',
      'J',
      'evil',
      'example',
      'com',
      'hacked',
      'xn--p1ai',
      'क्',
      'नमस्ते',
      '李',
      '🦊',
      'www',
      'http',
      'mailto',
    ),
    constantFrom(
      '.',
      '．',
      '․',
      '。',
      '·',
      '/',
      ':',
      '@',
      '＠',
      '-',
      '+',
      ' ',
      '. ',
      '! ',
      '(',
      ')',
      '\u200d',
      '\u200b',
      '\u00ad',
      '\ufe0f',
      '\n',
    ),
    constantFrom('8', '88', '８', '٨', '⑧', '²', '⒈', '8️⃣', '🔟', '㏂', '🄀', '℀', '½'),
    string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
  );
  const anyName = array(part, { maxLength: 9 }).map((parts) => parts.join(''));

  it('contains only its own link and no sentence of another user [SEC-18]', () => {
    const email = 'person@host.invalid';
    assert(
      property(anyName, anyName, constantFrom(...languages), (name, tenantName, locale) => {
        const tenant = {
          tenantId: 'x',
          slug: 'acme',
          name: tenantName,
          origin: 'https://host.invalid',
          locale,
          roles: new Map(),
        } as unknown as TenantWithRoles;
        const invitation = { version: 1, expiresAt: '2026-01-31T00:00:00.000Z' };
        const user = {
          tenantId: 'x',
          userId: 'y',
          email,
          name,
          firstName: tenantName,
          roles: [],
          invitation,
        } as never;
        const expiresAt = new Date('2026-01-31T00:00:00.000Z');
        const date = formatTime(expiresAt, locale);
        const settings = { sender: 'roster@host.invalid', identityIssuers: [] };
        const toNotice = (detail: string) =>
          ({ details: [detail], changedAt: expiresAt.toISOString() }) as never;
        for (const { subject, text, html } of [
          renderInvitation({ user, tenant, token: 'token' }, settings),
          renderReset({ user, tenant, token: 'token', expiresAt }, settings),
          renderConfirmation(
            { user, tenant, credential: 'email', token: 'token', expiresAt },
            settings,
          ),
          renderNotice({ user, email, notices: [toNotice('password')], tenant }, settings),
          renderNotice({ user, email, notices: [toNotice('account')], tenant }, settings),
          renderNotice(
            { user, email, notices: [toNotice('password'), toNotice('permissions')], tenant },
            settings,
          ),
        ]) {
          const [greeting = '', body = ''] = text.split('\n\n');
          for (const line of [subject, greeting, body.split(email)[0] ?? '']) {
            const newTenantName = line
              .replace(date, '')
              .normalize('NFKC')
              .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '');
            for (const pattern of [...linkable, sentence])
              expect(newTenantName).not.toMatch(pattern);
          }
          expect(
            html.match(/<(?!\/)\w+/g)?.filter((tag) => tag === '<a')?.length ?? 0,
          ).toBeLessThan(2);
        }
      }),
      { numRuns: scaleRuns(1000) },
    );
  });
});
