import { beforeAll, describe, expect, it } from 'vitest';
import {
  createUser,
  creations,
  type Dialect,
  expectCreated,
  goodPassword,
} from '../../support/dialects/create-user.ts';
import { type TestResponse, createTestService, type Service } from '../../support/service.ts';

const withPasswords = ['native', 'jitsudo', 'credible'] as const;

let service: Service;
beforeAll(async () => {
  service = await createTestService();
});

let users = 0;
const createsWith = (
  password: unknown,
  dialect: Dialect = 'native',
  on: Service = service,
): Promise<TestResponse> =>
  createUser(on, dialect, { email: `u${++users}@x.example`, password: password as string });

const expectRejected = (answer: TestResponse, reason: string): void => {
  expect([answer.status, answer.body.code, answer.body.details]).toEqual([
    422,
    'password_rejected',
    {
      field: 'password',
      reason,
      issues: [{ path: 'password', message: expect.any(String) }],
      requestId: expect.any(String),
    },
  ]);
};

/** Code points from `first` on, in an order that is no pattern. */
const createText = (length: number, first = 'a'): string =>
  Array.from({ length }, (_, index) =>
    String.fromCodePoint(first.codePointAt(0)! + ((index * index * 7 + index * 3) % 23)),
  ).join('');

describe('the password length [P01]', () => {
  it.each(withPasswords)('must be 15 to 1024 characters in %s', async (dialect) => {
    expectRejected(await createsWith(' ', dialect), 'too_short');
    expectRejected(await createsWith(createText(14), dialect), 'too_short');
    expectCreated(await createsWith(createText(15), dialect), dialect);
    expectCreated(await createsWith(createText(1024), dialect), dialect);
    expectRejected(await createsWith(createText(1025), dialect), 'too_long');
    expectRejected(await createsWith(createText(500_000), dialect), 'too_long');
  });

  it.each([
    [
      'code points, not UTF-16 units',
      createText(14, '😀'),
      createText(15, '😀'),
      createText(1024, '😀'),
      createText(1025, '😀'),
    ],
    [
      'characters after composition',
      createText(14).replaceAll('a', 'a\u0301'),
      createText(15).replaceAll('a', 'a\u0301'),
      '',
      '',
    ],
    [
      'characters after decomposition of ligatures',
      `\uFB03${createText(11)}`,
      `\uFB03${createText(12)}`,
      `\uFB03${createText(1021)}`,
      `\uFB03${createText(1022)}`,
    ],
  ])('is counted in %s', async (_what, tooShort, shortest, longest, tooLong) => {
    expectRejected(await createsWith(tooShort), 'too_short');
    expectCreated(await createsWith(shortest), 'native');
    if (longest === '') return;
    expectCreated(await createsWith(longest), 'native');
    expectRejected(await createsWith(tooLong), 'too_long');
  });

  it.each([8, 64])('can be configured to a minimum of %i', async (minimum) => {
    const other = await createTestService({
      environment: { PASSWORD_MIN_LENGTH: String(minimum) },
    });
    expectRejected(await createsWith(createText(minimum - 1), 'native', other), 'too_short');
    expectCreated(await createsWith(createText(minimum), 'native', other), 'native');
  });

  it.each(['7', '65', '14.5', 'many'])(
    'cannot be configured to a minimum of %s',
    async (minimum) => {
      await expect(
        createTestService({ environment: { PASSWORD_MIN_LENGTH: minimum } }),
      ).rejects.toThrow('PASSWORD_MIN_LENGTH');
    },
  );

  it.each([
    ['lowercase letters', 'quietlampsorbit'],
    ['digits', '740917316829405'],
    ['signs', '$)*!?-]{_+;,.~&'],
    ['spaces at the ends and inside', '  quiet lamps orbit  '],
    ['control characters', 'quiet\tlamps\norbit\u0007'],
    ['NUL', 'quiet\u0000lamps orbit'],
    ['another script', 'тихие лампы кружат'],
  ])('is sufficient without other kinds of characters: %s', async (_what, password) => {
    expectCreated(await createsWith(password), 'native');
  });

  it.each(withPasswords)(
    'does not matter for a value that is not a string: %s returns 400',
    async (dialect) => {
      for (const password of [123_456_789_012_345, true, ['a'], { value: goodPassword }]) {
        const answer = await createsWith(password, dialect);
        expect([answer.status, answer.body.code, answer.body.details.issues]).toEqual([
          400,
          'invalid_input',
          [{ path: 'password', message: expect.any(String) }],
        ]);
      }
    },
  );

  it('does not matter in Cradl, which has no passwords', async () => {
    const sent = { token: creations.cradl.token('acme') };
    const answer = await service.post(
      '/cradl/v1/users',
      { email: 'no.password@x.example', password: goodPassword },
      sent,
    );
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
    expect(answer.text).not.toContain(goodPassword);
  });
});

describe('a guessable password [P02]', () => {
  let lenientService: Service;
  beforeAll(async () => {
    lenientService = await createTestService({ environment: { PASSWORD_MIN_LENGTH: '8' } });
  });

  it.each([
    [
      'commonly_used',
      [
        'trustno1',
        'Iloveyou',
        'ILOVEYOU',
        'ｉｌｏｖｅｙｏｕ',
        'password1',
        '1password',
        'Password123',
        '!!password!!',
        'princess',
        '147258369',
        '1qaz2wsx',
      ],
    ],
    [
      'pattern',
      [
        'aaaaaaaa',
        'AAAAaaaa',
        'abababab',
        'xyzxyzxyzx',
        'hunterhunter',
        'abcdefgh',
        'hgfedcba',
        '12345678',
        '87654321',
        '😀'.repeat(8),
      ],
    ],
  ])('is rejected as %s', async (reason, passwords) => {
    for (const password of passwords) {
      const answer = await createsWith(password, 'native', lenientService);
      expect([password, answer.body.details?.reason]).toEqual([password, reason]);
      expectRejected(answer, reason);
    }
  });

  it.each([
    'passwordpassword1',
    'password1234567',
    'abcdefghijklmnop',
    '012345678901234',
    'qwertyuiop123456',
  ])('is rejected although it is long: %s', async (password) =>
    expect((await createsWith(password)).body.details?.reason).toMatch(/^(commonly_used|pattern)$/),
  );

  it.each([
    [
      'the email',
      'Jo.Smithson@Bücher.example',
      undefined,
      ['my jo.smithson@bücher.example', 'JO.SMITHSON@XN--BCHER-KVA.EXAMPLE'],
    ],
    [
      'the local part of the email',
      'Jo.Smithson@x.example',
      undefined,
      ['jo.smithson and sons', 'ＪＯ.ＳＭＩＴＨＳＯＮ and sons'],
    ],
    ['the username', 'a@x.example', 'Smithereens', ['blown to SMITHEREENS', 'smithereens again']],
    [
      'the name of the tenant',
      'b@x.example',
      undefined,
      ['ACME makes it all', 'we love ＡＣＭＥ a lot'],
    ],
  ])('is rejected as contains_known_word for %s', async (_what, email, userName, passwords) => {
    for (const password of passwords) {
      expectRejected(
        await createUser(service, 'native', { email, password, ...(userName && { userName }) }),
        'contains_known_word',
      );
    }
  });

  it('can contain words of 3 letters', async () => {
    expectCreated(
      await createUser(service, 'native', {
        email: 'ann@x.example',
        userName: 'ann',
        password: 'banana cannot plan',
      }),
      'native',
    );
  });

  it('can contain the name of another tenant', async () => {
    expectCreated(
      await createUser(
        service,
        'native',
        { email: 'c@x.example', password: 'ACME makes it all' },
        'globex',
      ),
      'native',
    );
  });

  it('causes no write', async () => {
    const fields = { email: 'later@x.example', userName: 'later-user' };
    expectRejected(
      await createUser(service, 'native', { ...fields, password: 'short' }),
      'too_short',
    );
    expectCreated(
      await createUser(service, 'native', { ...fields, password: goodPassword }),
      'native',
    );
  });
});

describe('a hash in the password field [P01]', () => {
  it.each([
    '$argon2id$v=19$m=65536,t=3,p=4$ABEiM0RVZneImQCqu8zd7g$Wi1pbHHp59G5Rb1AsbBOjdUUTID+0+wOYGiMMHeav68',
    '$2y$10$VifEalNkETVey1BHYUyN9.oh08aV.PRFD4dOXEbkJY8jYztf4tsoK',
    '{CRYPT}$6$rounds=5000$saltsaltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIec',
    '$pbkdf2-sha256$870000$SHEzdlhyOVp0MUxtTm81UHlLN3dRZQ$nIleOx/idc5FBu8mm',
    'pbkdf2_sha256$870000$Hq3vXr9Zt1LmNo5PyK7wQe$nIleOx/idc5FBu8mm+zk8ncwd8Tj2rSMLdCSce+uwDk=',
    '{SSHA}EfatjsUqKYSrqv18O1FlA3hcIHI=',
    '$P$B5ba9PJzRRY3iLmnZXbgtq0SgkFEFY0',
  ])('is rejected as is_hash: %s', async (hash) => {
    for (const dialect of withPasswords)
      expectRejected(await createsWith(hash, dialect), 'is_hash');
  });

  it.each([
    '$2 for six grey geese',
    '{SHA} is not my name',
    'scrypt$ and argon2$ are fine',
    '$1$2$3 go the old clocks',
  ])('differs from a password such as %s', async (password) =>
    expectCreated(await createsWith(password), 'native'),
  );
});
