import { beforeAll, describe, expect, it } from 'vitest';
import {
  createUser,
  dialects,
  expectCreated,
  type Dialect,
  readUser,
} from '../../support/dialects/create-user.ts';
import { createTestService, type Service } from '../../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await createTestService();
});

const international = ['native', 'jitsudo'] as const;

const expectRefused = async (dialect: Dialect, email: string): Promise<void> => {
  const answer = await createUser(service, dialect, { email });
  expect([dialect, email, answer.status, answer.body.code]).toEqual([
    dialect,
    email,
    400,
    'invalid_input',
  ]);
  expect(answer.body.details.issues).toEqual([{ path: 'email', message: expect.any(String) }]);
};

describe('invalid email addresses [N07 N08]', () => {
  const refused = {
    'control characters': [
      'a\u0000b@x.example',
      'a\tb@x.example',
      'a\u0007@x.example',
      'a\u007Fb@x.example',
      'a\u0085b@x.example',
      'a@x\u0000.example',
    ],
    'line breaks': [
      'a\nb@x.example',
      'a@x\n.example',
      'a@x.exam\u2028ple',
      'a@x.example\r\nBcc: b@x.example',
    ],
    'bidi characters': [
      'a\u202Eb@x.example',
      'a\u200Eb@x.example',
      'a\u2066b@x.example',
      'a@x\u202E.example',
      'a\u061Cb@x.example',
    ],
    'zero-width characters': [
      'a\u200Bb@x.example',
      'a\u200Cb@x.example',
      'a\u200Db@x.example',
      'a\u2060b@x.example',
      'a@x\u200B.example',
    ],
    'soft hyphens': ['a\u00ADb@x.example', 'a@x\u00ADy.example'],
    'byte order marks': ['a\uFEFF@x.example', 'a@\uFEFFx.example'],
    'invisible characters': [
      'a\u3164@x.example',
      'a\u115F@x.example',
      'a\uFE0F@x.example',
      'a\u034Fb@x.example',
      'a\u{E0101}@x.example',
      'a@x\uFE0F.example',
      'a\u{E0061}@x.example',
    ],
    spaces: [
      'a b@x.example',
      'a @x.example',
      'a@ x.example',
      'a\u00A0b@x.example',
      'a\u3000b@x.example',
      'a@x .example',
    ],
    'incomplete addresses and domains': [
      'a@x.example.',
      'a@example',
      'a@.',
      '@x.example',
      'a@',
      'a',
      '',
    ],
    'more than one @': [
      'a@b@x.example',
      'a@@x.example',
      '@a@x.example',
      'a＠b@x.example',
      'a@b＠x.example',
    ],
    lists: [
      'a@x.example,b@x.example',
      'a@x.example, b@x.example',
      'a@x.example;b@x.example',
      'a,b@x.example',
    ],
    'display names and headers': [
      'Jo <a@x.example>',
      '<a@x.example>',
      'a@x.example?bcc=b@x.example',
      'mailto:a@x.example',
      'Bcc:a@x.example',
      'a@x.example%0ABcc:b',
    ],
    quotes: ['"a"@x.example', '"a b"@x.example', '"a@b"@x.example', 'a"b@x.example'],
    comments: ['a(b)@x.example', '(b)a@x.example', 'a@x.example(b)', 'a@(b)x.example'],
    'IP literals': ['a@[127.0.0.1]', 'a@127.0.0.1', 'a@[IPv6:::1]', 'a@2130706433', 'a@0x7f.0.0.1'],
    'paths and ports': [
      'a@x.example/b',
      'a@x.example:25',
      'a@x\\.example',
      'a@x.example#b',
      'a\\b@x.example',
    ],
  } as const;

  it.each(
    dialects.flatMap((dialect) =>
      Object.keys(refused).map((kind) => [dialect, kind as keyof typeof refused] as const),
    ),
  )('%s rejects %s', async (dialect, kind) => {
    for (const email of refused[kind]) await expectRefused(dialect, email);
  });

  it.each(international)(
    '%s rejects characters that normalize to spaces, dots or slashes',
    async (dialect) => {
      for (const email of [
        'a\uFDFAb@x.example',
        '\u037A@x.example',
        'a\u2024b@x.example',
        'a\u2100b@x.example',
        'a@x\u2488.example',
      ]) {
        await expectRefused(dialect, email);
      }
    },
  );

  it.each(international)('%s rejects misplaced dots and hyphens', async (dialect) => {
    for (const email of [
      '.a@x.example',
      'a.@x.example',
      'a..b@x.example',
      'a@x..example',
      'a@.x.example',
      'a@-x.example',
      'a@x-.example',
    ]) {
      await expectRefused(dialect, email);
    }
  });

  it.each(['cradl', 'credible'] as const)(
    '%s rejects non-ASCII addresses, as its own pattern does',
    async (dialect) => {
      for (const email of [
        'josé@x.example',
        'a@bücher.example',
        '\u212Aelvin@x.example',
        'ｊｏ@x.example',
        'a@x.рф',
      ]) {
        await expectRefused(dialect, email);
      }
    },
  );

  it.each(dialects)('%s rejects an address that is not a string', async (dialect) => {
    for (const email of [null, 7, true, ['a@x.example'], { address: 'a@x.example' }])
      await expectRefused(dialect, email as never);
  });

  it('rejected requests write nothing', async () => {
    expect((await service.stored.all()).filter(({ sk }) => /^(USER|EMAIL#)/.test(sk))).toEqual([]);
  });
});

describe('valid email addresses', () => {
  const commonAddresses = [
    'a@x.example',
    'a+b@x.example',
    'a_b-c.d@x-y.example',
    '0@x.museum',
    `${'a1'.repeat(32)}@x.example`,
  ];

  it.each(dialects)('%s accepts common addresses', async (dialect) => {
    for (const email of commonAddresses)
      expectCreated(
        await createUser(service, dialect, { email: email.replace('@', `@${dialect}.`) }),
        dialect,
      );
  });

  it.each(international)(
    '%s accepts the unquoted addresses of RFC 5322 and RFC 6531',
    async (dialect) => {
      for (const email of [
        "!#$&'*+/=^_`{|}~-@x.example",
        'ñandú@x.example',
        '用户@例え.テスト',
        'उपयोगकर्ता@उदाहरण.कॉम',
        'a@xn--bcher-kva.example',
      ]) {
        const created = await createUser(service, dialect, {
          email: email.replace('@', `@${dialect}.`),
        });
        expectCreated(created, dialect);
        expect((await readUser(service, dialect, created)).status).toBe(200);
      }
    },
  );
});

describe('length limits of email addresses [N13 N14]', () => {
  const label = (length: number) => 'd'.repeat(length);
  const domain = (length: number) =>
    `${label(63)}.${label(63)}.${label(length - 63 * 2 - 2 - 4)}.com`;

  it.each(dialects)(
    '%s accepts 254 octets, 64 in the local part and 63 per label, and no more',
    async (dialect) => {
      const fresh = await createTestService();
      const most = `${'l'.repeat(64)}@${domain(189)}`;
      expect(most.length).toBe(254);
      expectCreated(await createUser(fresh, dialect, { email: most }), dialect);
      expectCreated(await createUser(fresh, dialect, { email: `a@${label(63)}.com` }), dialect);
      for (const email of [
        `${'l'.repeat(64)}@${domain(190)}`,
        `${'l'.repeat(65)}@x.example`,
        `a@${label(64)}.com`,
        `a@x.${label(64)}`,
      ]) {
        await expectRefused(dialect, email);
      }
    },
  );

  it.each(international)(
    '%s counts octets instead of characters, in the original and the canonical form',
    async (dialect) => {
      const fresh = await createTestService();
      expectCreated(
        await createUser(fresh, dialect, { email: `${'é'.repeat(32)}@x.example` }),
        dialect,
      );
      await expectRefused(dialect, `${'é'.repeat(33)}@x.example`);
      expectCreated(
        await createUser(fresh, dialect, { email: `${'\u{10400}'.repeat(16)}@x.example` }),
        dialect,
      );
      // 64 octets as sent and 96 after folding: each character becomes an apostrophe and an n.
      await expectRefused(dialect, `${'\u0149'.repeat(32)}@x.example`);
      // 60 octets as sent and more than 63 as an A-label.
      await expectRefused(
        dialect,
        `a@${Array.from({ length: 20 }, (_, index) => String.fromCodePoint(0x4e00 + index * 1000)).join('')}.example`,
      );
    },
  );

  it.each(dialects)(
    '%s rejects inputs that cause backtracking in many regular expressions',
    async (dialect) => {
      const hostile = [
        `a@${'a.'.repeat(100)}1`,
        `${'a-'.repeat(25_000)}@`,
        `a@${'a-'.repeat(25_000)}`,
        `a@${'-.'.repeat(120)}`,
        `${'a.'.repeat(31)}@`,
        '@'.repeat(254),
        'a@'.repeat(127),
      ];
      for (const email of hostile) await expectRefused(dialect, email);
    },
  );
});
