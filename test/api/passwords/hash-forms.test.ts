import { argon2Sync, pbkdf2Sync, scryptSync } from 'node:crypto';
import { hashSync } from 'bcryptjs';
import { assert as assertProperty, oneof, property, shuffledSubarray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { getCost, isAffordable } from '../../../lib/domain/credentials/hash-cost.ts';
import { checkHash } from '../../../lib/domain/credentials/hash-import/check-hash.ts';
import { parsePasswordHash } from '../../../lib/domain/credentials/password-hash.ts';
import { verifyPassword } from '../../../lib/domain/credentials/verify-password.ts';
import { keys } from '../../../lib/store/keys.ts';
import {
  createMailService,
  type Invitee,
  parseMailToken,
} from '../../support/scenarios/mail-delivery.ts';
import { outcome } from '../../support/scenarios/invitations.ts';
import { getLogs } from '../../support/logs.ts';
import { type TestResponse, adminToken, tenantId } from '../../support/service.ts';

const life = await createMailService({ hasOutboxIndex: true });
const { service, database, amazon, inviteUser, mailsTo } = life;
const password = 'amber-kettle-orchard-17';
const salt = 'ABEiM0RVZneImQCqu8zd7g';
const tag = 'Wi1pbHHp59G5Rb1AsbBOjdUUTID+0+wOYGiMMHeav68';
const argon2id = `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${tag}`;
const pbkdf2 =
  '$pbkdf2-sha256$870000$SHEzdlhyOVp0MUxtTm81UHlLN3dRZQ$nIleOx/idc5FBu8mm+zk8ncwd8Tj2rSMLdCSce+uwDk';
const bcrypt = '$2b$10$VifEalNkETVey1BHYUyN9.oh08aV.PRFD4dOXEbkJY8jYztf4tsoK';
const saltBytes = Buffer.from('sixteen bytes ok');
const padded = (bytes: Buffer) => bytes.toString('base64');
const unpadded = (bytes: Buffer) => padded(bytes).replaceAll('=', '');
const urlSafe = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_');

let users = 0;
const newEmail = () => `form-${++users}@example.com`;
const imports = (passwordHash: string, more: object = {}): Promise<TestResponse> =>
  service.post(
    '/v1/users',
    { email: newEmail(), passwordHash, ...more },
    { token: adminToken('acme') },
  );
const signsIn = (email: string, typed: string) =>
  service.post(
    '/v1/auth/token',
    { tenant: 'acme', email, password: typed },
    { sourceIp: `203.0.113.${++users % 250}` },
  );
const storedHash = async ({ userId }: Invitee) =>
  (await service.stored.item(keys.userSecret(tenantId.acme, userId), service.stored.secrets))?.[
    'passwordHash'
  ];
/** Message about the hash in an error. Asserts that it does not repeat the hash. */
const getFault = (answer: TestResponse, hash: string): string => {
  expect([400, 422]).toContain(answer.status);
  const secret = hash.split('$').at(-1) ?? hash;
  if (secret.length > 12)
    for (const text of [answer.text, getLogs.join()]) expect(text).not.toContain(secret);
  return (
    answer.body.details.issues
      ?.map(({ path, message }: { path: string; message: string }) => `${path} ${message}`)
      .join() ?? answer.body.message
  );
};

describe('a damaged hash', () => {
  it.each<readonly [what: string, hash: string]>([
    ...[1, 2, 3, 4, 10, 11, 20].map(
      (cut) => [`argon2id without its last ${cut} [15a]`, argon2id.slice(0, -cut)] as const,
    ),
    ...[1, 2, 20].map(
      (cut) => [`PBKDF2 without its last ${cut} [15b]`, pbkdf2.slice(0, -cut)] as const,
    ),
    ['bcrypt without its last character', bcrypt.slice(0, -1)],
    ['argon2id without its tag', argon2id.slice(0, argon2id.lastIndexOf('$'))],
    ['argon2id without a parameter', argon2id.replace(',t=3', '')],
    ['argon2id with a repeated parameter', argon2id.replace('t=3', 't=3,t=3')],
    [
      'argon2id with one padding character instead of two',
      `$argon2id$v=19$m=65536,t=3,p=4$${salt}=$${tag}`,
    ],
    ['PBKDF2 of Keycloak [2b]', '$pbkdf2-sha1$i=27500,l=64$c2FsdHNhbHQ$c2FsdHNhbHQ'],
    ['PBKDF2 of passlib', '$pbkdf2$1000$c2FsdHNhbHQ$c2FsdHNhbHQ'],
    ['phpass without its last character', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L'],
    ['LDAP without its last character', '{SSHA}bYzZyZAMfpLWcoK5bqTIICTlSTO/d26'],
    ['LDAP without its last 4 characters', '{SSHA}bYzZyZAMfpLWcoK5bqTIICTlSTO/'],
    [
      'ASP.NET without its last 4 characters',
      'AQAAAAEAACcQAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuU',
    ],
    ['ASP.NET with another header', `AQAAAAMAACcQ${'A'.repeat(72)}`],
    ['salted SHA with a short digest', '$sha512-salt-last$c2FsdHNhbHQ$c2FsdHNhbHQ'],
    ['argon2id with mixed base64 alphabets', argon2id.replace('ID+0', 'I-+0')],
    ['PBKDF2 with a wrong stated length', pbkdf2.replace('870000', 'i=870000,l=64')],
  ])('is rejected as cut off or damaged: %s', async (_what, hash) => {
    for (const more of [{}, { acceptWeakPasswordHash: true }])
      expect(getFault(await imports(hash, more), hash)).toMatch(
        /^passwordHash is cut off or damaged: /,
      );
  });

  it('is rejected if a longer tag may have lost all but 16 bytes', async () => {
    const hash = `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${unpadded(saltBytes)}`;
    expect(getFault(await imports(hash), hash)).toContain('acceptWeakPasswordHash: true');
  });

  it('is rejected at any length, unless it still verifies the password [15a] [15b]', async () => {
    const hashes = [
      `$argon2id$v=19$m=64,t=1,p=2$${padded(saltBytes)}$${padded(argon2Sync('argon2id', { message: password, nonce: saltBytes, memory: 64, passes: 1, parallelism: 2, tagLength: 32 }))}`,
      `$scrypt$ln=4,r=2,p=1$${padded(saltBytes)}$${padded(scryptSync(password, saltBytes, 64, { N: 16, r: 2, p: 1 }))}`,
      `$pbkdf2-sha512$i=10,l=64$${unpadded(saltBytes)}$${unpadded(pbkdf2Sync(password, saltBytes, 10, 64, 'sha512'))}`,
      `$pbkdf2-sha256$10$${unpadded(saltBytes)}$${unpadded(pbkdf2Sync(password, saltBytes, 10, 512, 'sha256'))}`,
      `pbkdf2_sha256$10$sometext$${padded(pbkdf2Sync(password, 'sometext', 10, 32, 'sha256'))}`,
      hashSync(password, 4),
    ];
    const verify = async (hash: string) => {
      const checked = checkHash(hash);
      return 'text' in checked ? verifyPassword(password, checked.text) : undefined;
    };
    for (const hash of hashes) {
      expect(await verify(hash), hash).toBe(true);
      for (let length = 0; length < hash.length; length++) {
        const rest = hash.slice(0, length);
        expect(await verify(rest), rest).not.toBe(false);
        expect(checkHash(hash.slice(length + 1)), `without ${length}`).toSatisfy(
          (checked) => 'issue' in checked || hash.slice(length + 1).startsWith('$'),
        );
      }
    }
  });
});

describe('a complete hash is accepted', () => {
  const short = (digest: 'sha256' | 'sha512', length: number) =>
    pbkdf2Sync(password, saltBytes, 1000, length, digest);
  const text = short('sha512', 64);
  const cheapTag = argon2Sync('argon2id', {
    message: password,
    nonce: saltBytes,
    memory: 64,
    passes: 1,
    parallelism: 2,
    tagLength: 32,
  });
  const cheapArgon2 = `$argon2id$v=19$m=64,t=1,p=2$${unpadded(saltBytes)}$${unpadded(cheapTag)}`;
  it.each([
    ['with another order of parameters [13]', `$argon2id$v=19$m=65536,p=4,t=3$${salt}$${tag}`],
    ['with padding [14a]', `$argon2id$v=19$m=65536,t=3,p=4$${salt}==$${tag}=`],
    [
      'exported by Keycloak [2a]',
      '$argon2id$v=19$m=7168,t=5,p=1$ABEiM0RVZneImQCqu8zd7g==$ViafkT64YWmr9OrLvhEJ5+Tg6PNIBq5nymjVPR9AwAU=',
    ],
    [
      'of PBKDF2 with padding [14b]',
      `$pbkdf2-sha512$i=1000,l=64$${padded(saltBytes)}$${padded(text)}`,
    ],
    [
      'in base64url [14c]',
      `$pbkdf2-sha512$l=64,i=1000$${urlSafe(unpadded(saltBytes))}$${urlSafe(unpadded(text))}`,
    ],
    ['of argon2id in base64url', urlSafe(cheapArgon2)],
    [
      'with a key of 512 bytes [11]',
      `$pbkdf2-sha256$1000$${unpadded(saltBytes)}$${unpadded(short('sha256', 512))}`,
    ],
    [
      'with a stated length',
      `$pbkdf2-sha256$i=1000,l=50$${unpadded(saltBytes)}$${unpadded(short('sha256', 50))}`,
    ],
    [
      'with a salt of 6 bytes [18]',
      `$pbkdf2-sha256$20000$Z29vZ2xl$${unpadded(pbkdf2Sync(password, 'google', 20_000, 32, 'sha256'))}`,
    ],
    [
      'of PBKDF2 in Django [6a]',
      'pbkdf2_sha256$870000$Hq3vXr9Zt1LmNo5PyK7wQe$nIleOx/idc5FBu8mm+zk8ncwd8Tj2rSMLdCSce+uwDk=',
    ],
    [
      'of scrypt in Django',
      `scrypt$16$some text$2$1$${padded(scryptSync(password, 'some text', 64, { N: 16, r: 2, p: 1 }))}`,
    ],
    ['of Argon2 in Django', `argon2${cheapArgon2}`],
    ['of bcrypt in Django', `bcrypt$${hashSync(password, 4)}`],
    ['of Argon2 in LDAP [9b]', `{ARGON2}${cheapArgon2}`],
    ['of bcrypt in LDAP', `{CRYPT}${hashSync(password, 4)}`],
    [
      'of PBKDF2 in LDAP',
      `{PBKDF2-SHA256}1000$${unpadded(saltBytes)}$${unpadded(short('sha256', 32))}`,
    ],
    ['of bcrypt in Spring Security', `{bcrypt}$2a${hashSync(password, 4).slice(3)}`],
  ])('%s', async (_what, hash) => {
    const email = newEmail();
    const created = await imports(hash, { email, acceptWeakPasswordHash: true });
    expect(outcome(created)).toBe('201');
    expect(outcome(await signsIn(email, password))).toBe('200');
  });

  it('with stray bits after the salt and tag of bcrypt', async () => {
    const hash = hashSync(password, 4);
    const digits = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
    const stray = (at: number, bits: number) => digits[digits.indexOf(hash[at] ?? '') | bits];
    const strayHash = hash.slice(0, 28) + stray(28, 15) + hash.slice(29, 59) + stray(59, 3);
    expect(strayHash).not.toBe(hash);
    expect(await verifyPassword(password, strayHash)).toBe(true);
  });

  it('with parameters in any order', () => {
    const order = (parameters: string[]) =>
      shuffledSubarray(parameters, { minLength: parameters.length });
    const rest = `${unpadded(saltBytes)}$${tag}`;
    const hashes = oneof(
      order(['m=64', 't=1', 'p=2']).map((parts) => `$argon2id$v=19$${parts.join()}$${rest}`),
      order(['ln=4', 'r=8', 'p=2']).map((parts) => `$scrypt$${parts.join()}$${rest}`),
      order(['i=1000', 'l=32']).map((parts) => `$pbkdf2-sha512$${parts.join()}$${rest}`),
    );
    assertProperty(property(hashes, (hash) => parsePasswordHash(hash) !== undefined));
  });
});

describe('the message for an unsupported hash', () => {
  it.each([
    [
      'bcrypt-sha256',
      '$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2',
      '',
    ],
    ['SHA-512 crypt', '{CRYPT}$6$rounds=5000$saltsaltsalt$abc', '9a'],
    ['Firebase', '$firescrypt$ln=14,r=8,p=1$c2FsdHNhbHQ$c2FsdHNhbHQ', '3'],
    ['Drupal', '$S$DeWZ9uUqEYuPbGXdHn6Wh8e4mBwAfMq5T7RU2hN1yJk3vTxQpLoZ', ''],
    ['MD5 crypt', '$1$O3JMY.Tw$AdLnLjQ/5jXF9.MTp3gHv/', ''],
    ['Apache', '$apr1$O3JMY.Tw$AdLnLjQ/5jXF9.MTp3gHv/', ''],
    ['SHA-256 crypt', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc8', ''],
    [
      'SHA-512 crypt',
      '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1',
      '',
    ],
    ['yescrypt', '$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7', ''],
    ['yescrypt', '$gy$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7', ''],
    ['faulty', '$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', ''],
    ['Argon2i', argon2id.replace('argon2id', 'argon2i'), ''],
    ['Argon2d', argon2id.replace('argon2id', 'argon2d'), ''],
    ['LDAP', '{SHA}0c0blFTXXNuAMHECS4uxrj3ZieM=', ''],
    ['plain text', '{noop}hunter2hunter2', ''],
    [
      'PBKDF2',
      'pbkdf2:sha256:260000$saltsalt$d2a0f2d8d2a0f2d8d2a0f2d8d2a0f2d8d2a0f2d8d2a0f2d8d2a0f2d8d2a0f2d8',
      '',
    ],
    ['scrypt', 'scrypt:32768:8:1$saltsalt$d2a0f2d8d2a0f2d8', ''],
    ['scrypt', '$e0801$nYn7dKXcxZfeHhBDvzmv0w==$Wk1pbHHp59G5Rb1AsbBOjdUUTID+0+wOYGiMMHeav68=', ''],
    ['hex', '5f4dcc3b5aa765d61d8327deb882cf99', ''],
    ['hex', '5f4dcc3b5aa765d61d8327deb882cf99:saltsalt', ''],
    ['salted', 'sha1$saltsalt$d2a0f2d8d2a0f2d8', ''],
    ['MySQL', '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19', ''],
    ['MySQL', '$A$005$abcdefghijklmnopqrst0123456789012345678901234567890123456789012', ''],
    ['LDAP', '{x-issha, 1024}EfatjsUqKYSrqv18O1FlA3hcIHI=', ''],
    ['LDAP', '{FSHP1|8|4096}EfatjsUqKYSrqv18O1FlA3hcIHI=', ''],
    ['another digest', '$pbkdf2-sha384$i=10000$c2FsdHNhbHQ$11LCxR', ''],
    ['another digest', 'pbkdf2:sha3-512:1000$salt$11', ''],
    ['PBKDF2', 'PBKDF2WithHmacSHA1/160/128000/11LCxR', ''],
    ['salted MD5 or SHA', '$ssha512$EfatjsUqKYSrqv18O1FlA3hcIHI', ''],
    ['salted MD5 or SHA', '$sha256$EfatjsUqKYSrqv18O1FlA3hcIHI', ''],
    ['salted MD5 or SHA', '$hmac-sha1$EfatjsUqKYSrqv18O1FlA3hcIHI', ''],
    ['Domino', '(GDpOtD35gGlyDksQRxEU)', ''],
    ['Oracle', 'S:11F6AD8EC52A2984ABAAFD7C3B516503785C207200112233445566778899', ''],
    ['base64', 'LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSBE=', ''],
    ['without a usable password', '!aBcdefghijklmnopqrstuvwxyz0123456789ABCDE', ''],
    ['without a usable password', '*LK*', ''],
  ])('names %s: %s', async (name, hash) => {
    const message = getFault(await imports(hash, { acceptWeakPasswordHash: true }), hash);
    expect(message).toContain(name);
    expect(message).toContain('Supported formats are argon2id, scrypt, PBKDF2 and bcrypt');
  });

  it.each([
    ['an older version', argon2id.replace('v=19', 'v=16'), /version 19/],
    ['no version', argon2id.replace('v=19$', ''), /version.*19/],
    ['a secret key', argon2id.replace('p=4', 'p=4,keyid=AAAA'), /secret key/],
    ['another parameter', argon2id.replace('p=4', 'p=4,x=4'), /no other parameters/],
    ['another part', `${argon2id}$x`, /no other parts/],
    ['whitespace', `${argon2id}\n`, /white space/],
    ['no first character', argon2id.slice(1), /must begin with \$/],
    ['no first character, in bcrypt', bcrypt.slice(1), /must begin with \$/],
    [
      'a hash that is too long',
      `$pbkdf2-sha256$1000$${'A'.repeat(2000)}$${tag}`,
      /at most 1024 characters/,
    ],
    ['a long salt', `$pbkdf2-sha256$1000$${'A'.repeat(400)}$${tag}`, /salt of at most 128 bytes/],
  ])('names the problem: %s', async (_what, hash, message) => {
    expect(getFault(await imports(hash, { acceptWeakPasswordHash: true }), hash)).toMatch(message);
  });
});

describe('a password that the imported hash verifies only in part', () => {
  const long =
    'lantern-harbour-velvet-compass-meadow-thistle-granite-saffron-beacon-willow-0123456789';
  const toBcrypt = (text: string) => hashSync(text, 4);
  it.each([
    ['another tail after 72 bytes [16]', bcrypt, `${long.slice(0, 72)}-a-typo-in-the-tail`, long],
    ['the first 72 bytes of a longer one', toBcrypt(long), long.slice(0, 72), long],
    [
      'the first 72 bytes in fewer characters',
      toBcrypt('ä'.repeat(40)),
      'ä'.repeat(36),
      'ä'.repeat(40),
    ],
    [
      'NUL and a repetition in bcrypt',
      toBcrypt('short-but-fine'),
      'short-but-fine\u0000short-but-fine',
      'short-but-fine',
    ],
    [
      'NUL padding in PBKDF2',
      `$pbkdf2-sha256$10$${unpadded(saltBytes)}$${unpadded(pbkdf2Sync(password, saltBytes, 10, 32, 'sha256'))}`,
      `${password}\u0000`,
      password,
    ],
    [
      'NUL padding in scrypt',
      `$scrypt$ln=4,r=2,p=1$${unpadded(saltBytes)}$${unpadded(scryptSync(password, saltBytes, 64, { N: 16, r: 2, p: 1 }))}`,
      `${password}\u0000`,
      password,
    ],
  ])('is never stored: %s', async (_what, hash, typed, correctPassword) => {
    const user = await inviteUser({ passwordHash: hash, acceptWeakPasswordHash: true });
    await signsIn(user.email, typed);
    expect(await storedHash(user)).toBe(hash);
    expect(outcome(await signsIn(user.email, correctPassword))).toBe('200');
    expect(outcome(await signsIn(user.email, correctPassword))).toBe('200');
  });

  it('differs from a password of 71 bytes, which is stored', async () => {
    const text = long.slice(0, 71);
    const user = await inviteUser({ passwordHash: toBcrypt(text), acceptWeakPasswordHash: true });
    expect(outcome(await signsIn(user.email, text))).toBe('200');
    expect(await storedHash(user)).toMatch(/^\$argon2id\$/);
    expect(outcome(await signsIn(user.email, `${text}x`))).toBe(
      '401 unauthenticated invalid_credentials',
    );
  });
});

describe('the cost of a hash', () => {
  const saltAndTag = `$${salt}$${tag}`;
  it.each([
    // Kind, hash at the limit, its share of the allowed time, and a hash beyond the limit.
    [
      'argon2id',
      `$argon2id$v=19$m=131072,t=2,p=1${saltAndTag}`,
      0.874,
      `$argon2id$v=19$m=131072,t=3,p=1${saltAndTag}`,
    ],
    [
      'argon2id with one lane and little memory',
      `$argon2id$v=19$m=8,t=37500,p=1${saltAndTag}`,
      1,
      `$argon2id$v=19$m=8,t=37501,p=1${saltAndTag}`,
    ],
    [
      'argon2id with two lanes and little memory',
      `$argon2id$v=19$m=16,t=568,p=2${saltAndTag}`,
      1,
      `$argon2id$v=19$m=16,t=569,p=2${saltAndTag}`,
    ],
    [
      'argon2id with many lanes',
      `$argon2id$v=19$m=128,t=71,p=16${saltAndTag}`,
      1,
      `$argon2id$v=19$m=128,t=72,p=16${saltAndTag}`,
    ],
    [
      'argon2id of PHP',
      `$argon2id$v=19$m=65536,t=4,p=1${saltAndTag}`,
      0.874,
      `$argon2id$v=19$m=65536,t=5,p=1${saltAndTag}`,
    ],
    [
      'scrypt as OWASP recommends',
      `$scrypt$ln=17,r=8,p=1${saltAndTag}`,
      0.999,
      `$scrypt$ln=18,r=8,p=1${saltAndTag}`,
    ],
    [
      'scrypt with large blocks',
      `$scrypt$ln=1,r=13120,p=16${saltAndTag}`,
      1,
      `$scrypt$ln=1,r=13121,p=16${saltAndTag}`,
    ],
    ['pbkdf2', `$pbkdf2-sha512$i=1500000${saltAndTag}`, 1, `$pbkdf2-sha512$i=1500001${saltAndTag}`],
    ['phpass', '$P$E12345678abcdefghijklmnopqrstuv', 1, '$P$F12345678abcdefghijklmnopqrstuv'],
    [
      'scrypt of Firebase',
      `$scrypt-firebase$ln=17,r=8,p=1$${salt}$${'A'.repeat(86)}`,
      0.999,
      `$scrypt-firebase$ln=18,r=8,p=1$${salt}$${'A'.repeat(86)}`,
    ],
    [
      'bcrypt',
      '$2b$13$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
      1,
      '$2b$14$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW',
    ],
  ])('is limited for %s [SEC-3]', (_what, corner, share, beyond) => {
    const [at, over] = [corner, beyond].map(
      (hash) => parsePasswordHash(hash) ?? expect.fail('no hash'),
    );
    expect(getCost(at!)).toBeCloseTo(share, 2);
    expect([isAffordable(at!), isAffordable(over!)]).toEqual([true, false]);
  });

  it('is never spent on a stored hash above the limit: sign-in fails as usual, and a reset works [SEC-3]', async () => {
    const [ordinary, costly] = [await inviteUser({ password }), await inviteUser({ password })];
    const key = keys.userSecret(tenantId.acme, costly.userId);
    const item = await service.stored.item(key, service.stored.secrets);
    const expensiveHash =
      '$argon2id$v=19$m=128,t=2048000000,p=16$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
    await service.stored.put({ ...item, passwordHash: expensiveHash }, service.stored.secrets);
    const refusals = [];
    await signsIn(ordinary.email, 'not the one at all');
    for (const { email } of [ordinary, costly]) {
      for (const fake of [database, amazon]) fake.isWell();
      const { status, body } = await signsIn(email, 'not the one at all');
      refusals.push([
        status,
        body.message,
        [...database.sent, ...amazon.sent].map(({ operation }) => operation),
      ]);
    }
    expect(refusals[1]).toEqual(refusals[0]);

    const changed = await service.post(
      '/v1/users/me/password',
      { currentPassword: password, newPassword: 'seven lamps, an orchard' },
      { token: life.clock.aTokenOf('acme', [], costly.id) },
    );
    expect(outcome(changed)).toBe('400 invalid_input');

    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: costly.email });
    await service.on.records(await service.listPendingRecords());
    const token = parseMailToken(mailsTo(costly).at(-1)?.text ?? '');
    expect(
      outcome(
        await service.post('/v1/auth/password-reset/complete', {
          token,
          password: 'seven lamps, an orchard',
        }),
      ),
    ).toBe('200');
    expect(outcome(await signsIn(costly.email, 'seven lamps, an orchard'))).toBe('200');
  });
});
