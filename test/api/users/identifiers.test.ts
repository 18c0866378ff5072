import { beforeAll, describe, expect, it } from 'vitest';
import {
  createUser,
  creations,
  dialects,
  expectCreated,
  expectTaken,
  readUser,
} from '../../support/dialects/create-user.ts';
import { createTestService, systemToken, type Service } from '../../support/service.ts';

let service: Service;
beforeAll(async () => {
  service = await createTestService();
});

describe('spellings of one email address [N01]', () => {
  const ascii = [
    ['the case of the local part', 'alice@example.com', 'ALICE@example.com'],
    ['the case of the domain', 'bob@example.com', 'bob@EXAMPLE.Com'],
    ['the case of all letters', 'Carol.O-Neil+x@Example.COM', 'cAROL.o-nEIL+X@eXAMPLE.com'],
    ['nothing', 'dave@example.com', 'dave@example.com'],
    ['the case of an A-label', 'erin@xn--bcher-kva.example', 'erin@XN--BCHER-KVA.Example'],
  ] as const;

  it.each(dialects.flatMap((dialect) => ascii.map((row) => [dialect, ...row] as const)))(
    '%s rejects a second user whose address differs in %s',
    async (dialect, _what, first, second) => {
      expectCreated(await createUser(service, dialect, { email: `${dialect}-${first}` }), dialect);
      expectTaken(await createUser(service, dialect, { email: `${dialect}-${second}` }), 'email');
    },
  );

  const unicode = [
    ['the Kelvin sign', 'kelvin@example.com', '\u212Aelvin@example.com'],
    ['the long s', 'smith@example.com', '\u017Fmith@example.com'],
    ['the dotless i', 'ian@example.com', '\u0131an@example.com'],
    ['the dotted capital I', '\u0130pek@example.com', 'i\u0307pek@example.com'],
    ['the sharp s', 'strauß@example.com', 'STRAUSS@example.com'],
    ['the final sigma', 'νίκος@example.com', 'ΝΊΚΟΣ@example.com'],
    ['full-width letters', 'width@example.com', 'ｗｉｄｔｈ@example.com'],
    ['full-width digits', 'agent007@example.com', 'agent００７@example.com'],
    ['half-width katakana', 'カナ@example.com', 'ｶﾅ@example.com'],
    ['a ligature', 'fiona@example.com', '\uFB01ona@example.com'],
    ['superscript digits', 'x2@example.com', 'x\u00B2@example.com'],
    ['composed and decomposed accents', 'jos\u00E9@example.com', 'jose\u0301@example.com'],
    ['the order of two marks', 'q\u0307\u0323@example.com', 'q\u0323\u0307@example.com'],
    ['composed and decomposed Hangul', '\uD55C@example.com', '\u1112\u1161\u11AB@example.com'],
    ['the domain as U-label and A-label', 'idn@bücher.example', 'idn@xn--bcher-kva.example'],
    ['the case of a U-label', 'idn-case@münchen.example', 'idn-case@MÜNCHEN.example'],
    ['a decomposed U-label', 'idn-nfd@m\u00FCnchen.example', 'idn-nfd@mu\u0308nchen.example'],
    [
      'a decomposed U-label of a script that is new to Unicode',
      'idn-new@\u{105C9}.example',
      'idn-new@\u{105D2}\u0307.example',
    ],
    ['a full-width domain', 'idn-width@example.com', 'idn-width@ｅｘａｍｐｌｅ.com'],
    [
      'a top-level domain as U-label and A-label',
      'idn-top@пример.рф',
      'idn-top@xn--e1afmkfd.xn--p1ai',
    ],
  ] as const;

  it.each(
    (['native', 'jitsudo'] as const).flatMap((dialect) =>
      unicode.map((row) => [dialect, ...row] as const),
    ),
  )(
    '%s rejects a second user whose address differs in %s, in either order [N03 N04 N06]',
    async (dialect, _what, first, second) => {
      for (const [prefix, one, other] of [
        ['a', first, second],
        ['b', second, first],
      ] as const) {
        expectCreated(
          await createUser(service, dialect, { email: `${dialect}-${prefix}.${one}` }),
          dialect,
        );
        expectTaken(
          await createUser(service, dialect, { email: `${dialect}-${prefix}.${other}` }),
          'email',
        );
      }
    },
  );

  it.each(dialects.flatMap((first) => dialects.map((second) => [first, second] as const)))(
    'an address created through %s is taken in %s',
    async (first, second) => {
      expectCreated(
        await createUser(service, first, { email: `shared.${first}.${second}@example.com` }),
        first,
      );
      expectTaken(
        await createUser(service, second, { email: `Shared.${first}.${second}@EXAMPLE.com` }),
        'email',
      );
    },
  );
});

describe('different email addresses [N09]', () => {
  it.each(dialects)('%s distinguishes plus tags and dots', async (dialect) => {
    for (const local of ['ab', 'a.b', 'a+b', 'ab+b', 'a-b', 'a_b']) {
      expectCreated(
        await createUser(service, dialect, { email: `${local}.${dialect}@gmail.example` }),
        dialect,
      );
    }
  });

  it.each([
    ['letters of another script', 'romeo@example.com', 'r\u043Emeo@example.com'],
    ['an accent', 'rene@example.com', 'ren\u00E9@example.com'],
    ['sharp s and ss in a domain, as IDNA 2008 does', 'idn@straße.example', 'idn@strasse.example'],
  ])('native distinguishes %s', async (_what, ...addresses) => {
    for (const email of addresses)
      expectCreated(await createUser(service, 'native', { email }), 'native');
  });
});

describe('a response', () => {
  it.each(['native', 'jitsudo', 'credible'] as const)(
    'of %s contains the email address as sent',
    async (dialect) => {
      const email = `Jo.${dialect}+Tag@EXAMPLE.Com`;
      const created = await createUser(service, dialect, { email });
      expect(created.body.email).toBe(email);
      expect((await readUser(service, dialect, created)).body.email).toBe(email);
    },
  );

  it.each(['native', 'jitsudo'] as const)(
    'of %s contains a Unicode address as sent',
    async (dialect) => {
      const email = `\uFB01ona.ｊｏ.${dialect}@Bu\u0308cher.example`;
      const created = await createUser(service, dialect, { email });
      expect(created.body.email).toBe(email);
      expect((await readUser(service, dialect, created)).body.email).toBe(email);
    },
  );

  it.each(['native', 'credible'] as const)(
    'of %s contains the username as sent',
    async (dialect) => {
      const created = await createUser(service, dialect, {
        email: `typed.${dialect}@example.com`,
        userName: `TyPed_${dialect}`,
      });
      expect(created.body.userName).toBe(`TyPed_${dialect}`);
      expect((await readUser(service, dialect, created)).body.userName).toBe(`TyPed_${dialect}`);
    },
  );
});

describe('usernames [N11]', () => {
  const getByName = (name: string) =>
    service.get(`/credible/api/v0/users/${encodeURIComponent(name)}`, {
      token: systemToken('acme'),
    });

  it.each(['native', 'credible'] as const)(
    '%s rejects a username that differs only in case',
    async (dialect) => {
      expectCreated(
        await createUser(service, dialect, {
          email: `n11.${dialect}@example.com`,
          userName: `admin-${dialect}`,
        }),
        dialect,
      );
      expectTaken(
        await createUser(service, dialect, {
          email: `n11b.${dialect}@example.com`,
          userName: `ADMIN-${dialect}`,
        }),
        'userName',
      );
    },
  );

  const refusedNames = [
    [
      'u'.repeat(255),
      'a b',
      'a@b',
      '@b.example',
      'a@@b.example',
      'a\nb',
      'a\u200Bb',
      'a\u200Db',
      'a\u0000',
      '.',
      '..',
      'a/b',
      'a+b',
      'a:b',
    ],
    [
      '½',
      'ﷺ',
      'a\uFE0Fb',
      'a\u3164b',
      '\u0301a',
      'a＠b.example',
      'j\u043E',
      '\u0391lpha',
      7,
      ['a'],
      {},
    ],
  ].flat();

  it.each(['native', 'credible'] as const)(
    '%s accepts usernames of 1 to 254 letters, digits, ., _ and -, and email addresses',
    async (dialect) => {
      const token = creations[dialect].token('acme');
      const fresh = await createTestService();
      for (const [index, userName] of [
        'Z',
        '-',
        '_9',
        'a.b',
        'Jürgen',
        '李小龍',
        '\u212Aelvin',
        'ｊｏ',
        'u'.repeat(254),
        'jo@x.example',
      ].entries()) {
        expectCreated(
          await createUser(fresh, dialect, { email: `size${index}@example.com`, userName }),
          dialect,
        );
      }
      for (const userName of refusedNames) {
        const answer = await fresh.post(
          creations[dialect].target,
          { email: 'n11@example.com', userName },
          { token },
        );
        expect([userName, answer.status, answer.body.code]).toEqual([
          userName,
          400,
          'invalid_input',
        ]);
        expect(answer.body.details.issues).toEqual([expect.objectContaining({ path: 'userName' })]);
      }
    },
  );

  it('a path finds the user regardless of the case of the username or the address [N12]', async () => {
    await createUser(service, 'native', { email: 'Look.Up@Example.com', userName: 'Look_Up' });
    for (const name of [
      'Look_Up',
      'look_up',
      'LOOK_UP',
      'Look.Up@Example.com',
      'look.up@example.com',
      'LOOK.UP@EXAMPLE.COM',
    ]) {
      expect([name, (await getByName(name)).body.userName]).toEqual([name, 'Look_Up']);
    }
    for (const name of ['look-up', 'lookup@example.com', 'look.up@example.org'])
      expect([name, (await getByName(name)).status]).toEqual([name, 404]);
  });
});

describe('a create with taken identifiers', () => {
  it.each([
    ['both are taken by one user', 'one@cross.example', 'cross-one', 'email'],
    ['both are taken by two users', 'one@cross.example', 'cross-two', 'email'],
    ['only the address is taken', 'ONE@cross.example', 'cross-new', 'email'],
    ['only the username is taken', 'new@cross.example', 'CROSS-one', 'userName'],
  ] as const)('names the correct field if %s', async (_when, email, userName, field) => {
    const crossed = await createTestService();
    await createUser(crossed, 'native', { email: 'one@cross.example', userName: 'cross-one' });
    await createUser(crossed, 'native', { email: 'two@cross.example', userName: 'cross-two' });
    for (const dialect of ['native', 'credible'] as const)
      expectTaken(await createUser(crossed, dialect, { email, userName }), field);
  });

  it('reserves neither the address nor the username', async () => {
    await createUser(service, 'native', { email: 'held@example.com', userName: 'held' });
    expectTaken(
      await createUser(service, 'native', { email: 'held@example.com', userName: 'still-free' }),
      'email',
    );
    expectTaken(
      await createUser(service, 'native', { email: 'still.free@example.com', userName: 'held' }),
      'userName',
    );
    expectCreated(
      await createUser(service, 'native', {
        email: 'still.free@example.com',
        userName: 'still-free',
      }),
      'native',
    );
  });
});
