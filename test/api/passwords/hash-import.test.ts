import { argon2Sync, pbkdf2Sync, scryptSync } from 'node:crypto';
import { hashSync } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { getLogs } from '../../support/logs.ts';
import {
  type TestResponse,
  createTestService,
  adminToken,
  userToken,
  tenantId,
} from '../../support/service.ts';
import { keys } from '../../../lib/store/keys.ts';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
let users = 0;
/** Accepts weak hashes, which are quick to verify. */
const imports = (
  passwordHash: unknown,
  more: object = {},
  token = adminToken('acme'),
): Promise<TestResponse> =>
  service.post(
    '/v1/users',
    { email: `import-${++users}@x.example`, passwordHash, acceptWeakPasswordHash: true, ...more },
    { token },
  );

/** Changes the password as the user, which verifies the imported hash. */
const changes = ({ body }: TestResponse, currentPassword: string): Promise<TestResponse> =>
  service.post(
    '/v1/users/me/password',
    { currentPassword, newPassword: goodPassword },
    { token: userToken('acme', [], body.userId) },
  );
const storedHash = async ({ body }: TestResponse) =>
  (
    await service.stored.item(
      keys.userSecret(tenantId.acme, parseUserId(body.userId) ?? ''),
      service.stored.secrets,
    )
  )?.['passwordHash'];

const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
const salt = Buffer.from('sixteen bytes ok');
const password = 'known to another system';
const argon2Tag = argon2Sync('argon2id', {
  message: password,
  nonce: salt,
  memory: 64,
  passes: 1,
  parallelism: 2,
  tagLength: 16,
});

/** Published test vectors where they exist, and otherwise hashes by the algorithm itself. */
const vectors: readonly (readonly [what: string, hash: string, password: string])[] = [
  // Reference implementation of Argon2, test.c.
  [
    'argon2id',
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    'password',
  ],
  [
    'argon2id with two lanes and a short tag',
    `$argon2id$v=19$m=64,t=1,p=2$${unpadded(salt)}$${unpadded(argon2Tag)}`,
    password,
  ],
  // John the Ripper and OpenWall crypt_blowfish, wrapper.c.
  ['bcrypt $2a$', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  ['bcrypt $2b$', `$2b${hashSync(password, 4).slice(3)}`, password],
  ['bcrypt $2y$', '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', 'U*U'],
  // RFC 7914 §12 has the same password, salt and cost.
  [
    'scrypt',
    '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw',
    'pleaseletmein',
  ],
  [
    'scrypt with the smallest blocks',
    `$scrypt$ln=15,r=1,p=1$${unpadded(salt)}$${unpadded(scryptSync(password, salt, 32, { N: 2 ** 15, r: 1, p: 1 }))}`,
    password,
  ],
  [
    'scrypt with two lanes',
    `$scrypt$ln=4,r=2,p=2$${unpadded(salt)}$${unpadded(scryptSync(password, salt, 32, { N: 16, r: 2, p: 2 }))}`,
    password,
  ],
  // Documentation of passlib. Its base64 has a dot instead of the plus.
  [
    'pbkdf2-sha256 of passlib',
    '$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44',
    'password',
  ],
  [
    'pbkdf2-sha256 with named parameters',
    `$pbkdf2-sha256$i=1000,l=32$${unpadded(salt)}$${unpadded(pbkdf2Sync(password, salt, 1000, 32, 'sha256'))}`,
    password,
  ],
  [
    'pbkdf2-sha512',
    `$pbkdf2-sha512$i=1000$${unpadded(salt)}$${unpadded(pbkdf2Sync(password, salt, 1000, 64, 'sha512'))}`,
    password,
  ],
];

describe('a user created with a hash', () => {
  it.each(vectors)(
    'of %s has the original password and no other',
    async (_what, hash, knownPassword) => {
      const created = await imports(hash);
      expect([created.status, created.body.status, await storedHash(created)]).toEqual([
        201,
        'active',
        hash,
      ]);
      expect((await changes(created, `${knownPassword}.`)).status).toBe(400);
      expect((await changes(created, knownPassword)).status).toBe(204);
      expect(await storedHash(created)).toMatch(/^\$argon2id\$/);
    },
  );

  it('of a decomposed password can use it in that form', async () => {
    const decomposed = 'cafe\u0301 and more';
    const hash = `$pbkdf2-sha256$i=1$${unpadded(salt)}$${unpadded(pbkdf2Sync(decomposed, salt, 1, 32, 'sha256'))}`;
    expect((await changes(await imports(hash), decomposed)).status).toBe(204);
  });

  it('never causes the hash to appear in a response, a log or the directory [P05]', async () => {
    const hash = String(vectors[0]?.[1]);
    const created = await imports(hash);
    const token = adminToken('acme');
    const answers = [created, await service.get(`/v1/users/${created.body.userId}`, { token })];
    answers.push(await service.get(`/v1/users/${created.body.userId}/export`, { token }));
    for (const { text } of answers) expect(text).not.toContain('argon2id');
    expect(getLogs.join()).not.toContain('argon2id');
    expect(JSON.stringify(await service.stored.all())).not.toContain(hash);
  });

  it('requires users:create before the hash is validated', async () => {
    for (const hash of [
      vectors[0]?.[1],
      '$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    ])
      expect((await imports(hash, {}, userToken('acme', ['user']))).status).toBe(403);
  });
});

describe('a hash that costs too much [P04]', () => {
  it.each([
    ['bcrypt of 2^31 rounds', '$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['bcrypt of 2^14 rounds', '$2b$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    [
      'argon2id of 4 GiB',
      '$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id of many passes',
      '$argon2id$v=19$m=65536,t=5,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id of much memory',
      '$argon2id$v=19$m=131073,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id of many passes with little memory and many lanes [SEC-3]',
      '$argon2id$v=19$m=128,t=2048,p=16$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id of many passes with two lanes [SEC-3]',
      '$argon2id$v=19$m=16,t=16384,p=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id of many lanes',
      '$argon2id$v=19$m=4096,t=1,p=17$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    ['scrypt of 2^30 rounds', `$scrypt$ln=30,r=8,p=1$${unpadded(salt)}$${unpadded(salt)}`],
    ['scrypt of 2^18 rounds', `$scrypt$ln=18,r=8,p=1$${unpadded(salt)}$${unpadded(salt)}`],
    ['scrypt of many small lanes', `$scrypt$ln=1,r=1,p=1024$${unpadded(salt)}$${unpadded(salt)}`],
    ['scrypt of large blocks', `$scrypt$ln=1,r=1048576,p=1$${unpadded(salt)}$${unpadded(salt)}`],
    ['scrypt of many lanes', `$scrypt$ln=14,r=8,p=17$${unpadded(salt)}$${unpadded(salt)}`],
    ['pbkdf2 of 10^9 rounds', `$pbkdf2-sha256$i=1000000000$${unpadded(salt)}$${unpadded(salt)}`],
    ['pbkdf2 of 1 round too many', `$pbkdf2-sha512$i=1500001$${unpadded(salt)}$${unpadded(salt)}`],
  ])('is rejected before any computation: %s', async (_what, hash) => {
    const { status, body } = await imports(hash);
    expect([status, body.code, body.details]).toEqual([
      422,
      'password_rejected',
      {
        field: 'passwordHash',
        reason: 'too_costly',
        issues: [{ path: 'passwordHash', message: expect.any(String) }],
        requestId: expect.any(String),
      },
    ]);
  });
});

describe('an invalid passwordHash', () => {
  it.each([
    ['a password', goodPassword],
    ['md5crypt', '$1$O3JMY.Tw$AdLnLjQ/5jXF9.MTp3gHv/'],
    [
      'sha512crypt',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1',
    ],
    [
      'argon2i',
      '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'an older version of argon2',
      '$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id with too little memory for its lanes',
      '$argon2id$v=19$m=8,t=2,p=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id with 0 passes',
      '$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    [
      'argon2id with a leading zero in a number',
      '$argon2id$v=19$m=0256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    ],
    ['pbkdf2 of 0 rounds', `$pbkdf2-sha256$i=0$${unpadded(salt)}$${unpadded(salt)}`],
    [
      'pbkdf2 with a wrong stated length',
      `$pbkdf2-sha256$i=1,l=32$${unpadded(salt)}$${unpadded(salt)}`,
    ],
    ['pbkdf2 of SHA-384', '$pbkdf2-sha384$i=600000$c2FsdHNhbHQ$c2FsdHNhbHQ'],
    ['scrypt of one round', `$scrypt$ln=0,r=8,p=1$${unpadded(salt)}$${unpadded(salt)}`],
    [
      'scrypt of too many rounds for its blocks',
      `$scrypt$ln=16,r=1,p=1$${unpadded(salt)}$${unpadded(salt)}`,
    ],
    ['bcrypt of 2^3 rounds', '$2b$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    [
      'the flawed $2x$ variant of bcrypt',
      '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    ],
    [
      'a hash followed by a line break',
      '$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW\n',
    ],
    [
      'a hash of 600 kB',
      `$argon2id$v=19$m=256,t=2,p=1$${'A'.repeat(600_000)}$nf65EOgLrQMR/uIPnA4rEg`,
    ],
    ['a number', 7],
  ])('returns 400 without repeating it: %s', async (_what, hash) => {
    const { status, body, text } = await imports(hash);
    expect([status, body.details.issues.map(({ path }: { path: string }) => path)]).toEqual([
      400,
      ['passwordHash'],
    ]);
    if (typeof hash === 'string' && hash !== '') expect(text).not.toContain(hash.slice(0, 40));
  });

  it('returns 400 in combination with a password or another provider', async () => {
    const hash = vectors[0]?.[1];
    for (const more of [{ password: goodPassword }, { authProvider: 'oidc' }]) {
      const { status, body } = await imports(hash, more);
      expect([status, body.details.issues.map(({ path }: { path: string }) => path)]).toEqual([
        400,
        ['passwordHash'],
      ]);
    }
  });

  it('returns 400 in Cradl and in an update', async () => {
    const token = adminToken('acme');
    const passwordHash = vectors[0]?.[1];
    const email = 'elsewhere@x.example';
    expect((await service.post('/cradl/v1/users', { email, passwordHash }, { token })).status).toBe(
      400,
    );
    const patch = await service.send(
      'PATCH',
      `/v1/users/${(await imports(passwordHash)).body.userId}`,
      { token, body: { passwordHash } },
    );
    expect(patch.status).toBe(400);
  });
});

describe('a hash weaker than OWASP recommends [P05]', () => {
  const ending = `${unpadded(salt)}$${unpadded(Buffer.concat([salt, salt]))}`;
  const bcrypt = (logRounds: string) =>
    `$2b$${logRounds}$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW`;
  const importStrictly = (hash: string) => imports(hash, { acceptWeakPasswordHash: undefined });

  it.each([
    [
      'argon2id of little memory',
      `$argon2id$v=19$m=19455,t=2,p=1$${ending}`,
      `$argon2id$v=19$m=19456,t=2,p=1$${ending}`,
    ],
    [
      'argon2id of one pass',
      `$argon2id$v=19$m=19456,t=1,p=1$${ending}`,
      `$argon2id$v=19$m=47104,t=1,p=1$${ending}`,
    ],
    [
      'argon2id of many small passes',
      `$argon2id$v=19$m=7167,t=9,p=1$${ending}`,
      `$argon2id$v=19$m=7168,t=5,p=1$${ending}`,
    ],
    ['scrypt of few rounds', `$scrypt$ln=16,r=8,p=1$${ending}`, `$scrypt$ln=17,r=8,p=1$${ending}`],
    ['scrypt of few lanes', `$scrypt$ln=14,r=8,p=4$${ending}`, `$scrypt$ln=14,r=8,p=5$${ending}`],
    [
      'scrypt of small blocks',
      `$scrypt$ln=17,r=7,p=1$${ending}`,
      `$scrypt$ln=15,r=8,p=3$${ending}`,
    ],
    ['bcrypt of 2^9 rounds', bcrypt('09'), bcrypt('10')],
    ['pbkdf2-sha256', `$pbkdf2-sha256$i=599999$${ending}`, `$pbkdf2-sha256$i=600000$${ending}`],
    ['pbkdf2-sha512', `$pbkdf2-sha512$i=209999$${ending}`, `$pbkdf2-sha512$i=210000$${ending}`],
    [
      'a tag of 16 bytes',
      `$argon2id$v=19$m=65536,t=3,p=1$${unpadded(salt)}$${unpadded(salt)}`,
      `$argon2id$v=19$m=65536,t=3,p=1$${ending}`,
    ],
    [
      'a salt of 6 bytes [18]',
      `$pbkdf2-sha256$600000$Z29vZ2xl$${ending.slice(23)}`,
      `$pbkdf2-sha256$600000$${ending}`,
    ],
  ])('is rejected unless acceptWeakPasswordHash is true: %s', async (_what, weak, strong) => {
    const { status, body } = await importStrictly(weak);
    expect([status, body.code, body.details]).toEqual([
      422,
      'password_rejected',
      {
        field: 'passwordHash',
        reason: 'too_weak',
        issues: [{ path: 'passwordHash', message: expect.any(String) }],
        requestId: expect.any(String),
      },
    ]);
    expect(body.message).toContain('acceptWeakPasswordHash: true');
    for (const accepts of [false, undefined])
      expect((await imports(weak, { acceptWeakPasswordHash: accepts })).status).toBe(422);
    const accepted = await imports(weak);
    expect([accepted.status, await storedHash(accepted)]).toEqual([201, weak]);
    expect((await importStrictly(strong)).status).toBe(201);
    expect(JSON.stringify(await service.stored.all())).not.toContain('acceptWeak');
  });

  it('cannot be accepted in a request without a hash', async () => {
    for (const more of [{}, { password: goodPassword }]) {
      const { status, body } = await imports(undefined, more);
      expect([status, body.details.issues.map(({ path }: { path: string }) => path)]).toEqual([
        400,
        ['acceptWeakPasswordHash'],
      ]);
    }
  });
});
