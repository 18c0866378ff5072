import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { owaspArgon2id } from '../../../lib/domain/credentials/hash-password.ts';
import { keys } from '../../../lib/store/keys.ts';
import {
  createUser,
  creations,
  dialects,
  expectCreated,
  goodPassword,
  readUser,
} from '../../support/dialects/create-user.ts';
import { getLogs } from '../../support/logs.ts';
import { createTestService, type Service } from '../../support/service.ts';

const listHashes = async ({ stored }: Service): Promise<string[]> =>
  (await stored.all(stored.secrets)).flatMap(({ passwordHash }) => passwordHash ?? []);

/** True if the PHC string is the Argon2id hash of this password, with its salt and cost. */
function matches(phc: string, password: string): boolean {
  const [, memory, passes, parallelism, salt = '', tag = ''] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/.exec(
      phc,
    ) ?? [];
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const found = argon2Sync('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64'),
    tagLength: 32,
    ...cost,
  });
  return found.equals(Buffer.from(tag, 'base64'));
}

describe('a password is stored [P01]', () => {
  it('as Argon2id at the OWASP cost, and verifies only itself', async () => {
    const service = await createTestService({ hashingCost: owaspArgon2id });
    expectCreated(
      await createUser(service, 'native', { email: 'a@x.example', password: goodPassword }),
      'native',
    );
    const [hash = ''] = await listHashes(service);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(matches(hash, goodPassword)).toBe(true);
    expect(matches(hash, goodPassword.toUpperCase())).toBe(false);
  });

  it.each([
    [
      'another password with the same first 72 bytes',
      `${'tangled-orchard-'.repeat(5)}left`,
      `${'tangled-orchard-'.repeat(5)}right`,
    ],
    ['the password up to its NUL', 'quiet\u0000lamps orbit here', 'quiet'],
    ['the password without its outer spaces', '  quiet lamps orbit  ', 'quiet lamps orbit'],
    ['the password in another case', 'Quiet Lamps Orbit', 'quiet lamps orbit'],
  ])('as a hash that does not verify %s', async (_what, password, other) => {
    const service = await createTestService();
    expectCreated(
      await createUser(service, 'native', { email: 'a@x.example', password }),
      'native',
    );
    const [hash = ''] = await listHashes(service);
    expect([matches(hash, password), matches(hash, other)]).toEqual([true, false]);
  });

  it('as the same text for every Unicode form', async () => {
    const service = await createTestService();
    await createUser(service, 'native', {
      email: 'a@x.example',
      password: 'cafe\u0301 \uFB01lled with light',
    });
    await createUser(service, 'native', {
      email: 'b@x.example',
      password: 'caf\u00E9 filled with light',
    });
    expect(
      (await listHashes(service)).map((hash) => matches(hash, 'caf\u00E9 filled with light')),
    ).toEqual([true, true]);
  });

  it('with a unique salt', async () => {
    const service = await createTestService();
    for (const email of ['a@x.example', 'b@x.example'])
      await createUser(service, 'native', { email, password: goodPassword });
    const hashes = await listHashes(service);
    expect(new Set(hashes.map((hash) => hash.split('$')[4])).size).toBe(2);
  });

  it('only in the secrets table', async () => {
    const service = await createTestService();
    const { body } = await createUser(service, 'jitsudo', { email: 'a@x.example' });
    await createUser(service, 'native', { email: 'b@x.example' });
    await createUser(service, 'cradl', { email: 'c@x.example' });
    await createUser(service, 'credible', { email: 'd@x.example' });
    const secrets = (await service.stored.all(service.stored.secrets)).filter(
      ({ pk }) => pk !== keys.deploymentKey.pk,
    );
    expect(secrets.map(({ userId, passwordHash }) => [userId, typeof passwordHash])).toEqual([
      [body.id, 'string'],
    ]);
  });
});

describe('a password is not [O08]', () => {
  const passwords = {
    native: 'native-Orchard-7-lamps',
    jitsudo: 'jitsudo-Orchard-7-lamps',
    credible: 'credible-Orchard-7-lamps',
  };

  /** Secrets to search for: each password in several encodings, and the parts of each hash. */
  const listSecrets = (hashes: readonly string[]): string[] => [
    ...Object.values(passwords).flatMap((password) => [
      password,
      Buffer.from(password).toString('base64').slice(0, 24),
      encodeURIComponent(password),
    ]),
    ...hashes.flatMap((hash) => hash.split('$').slice(4)),
    'argon2',
    'passwordHash',
  ];

  it('in any response, log line or directory item', async () => {
    const service = await createTestService();
    const before = getLogs.length;
    const answers: string[] = [];
    for (const [index, dialect] of (['native', 'jitsudo', 'credible'] as const).entries()) {
      const fields = { email: `u${index}@x.example`, password: passwords[dialect] };
      const created = await createUser(service, dialect, fields);
      expectCreated(created, dialect);
      answers.push(
        created.text,
        JSON.stringify(created.headers),
        (await readUser(service, dialect, created)).text,
      );
      for (const reader of ['native', 'cradl'] as const) {
        const items = (await service.stored.all()).filter(
          ({ sk, email }) => sk === 'USER' && email === fields.email,
        );
        const id = `cradl:user:${items[0]?.['userId'].replaceAll('-', '')}`;
        const read = await service.get(`${creations[reader].target}/${id}`, {
          token: creations[reader].token('acme'),
        });
        expect(read.status).toBe(200);
        answers.push(read.text);
      }
      // The email is in use.
      const response = await createUser(service, dialect, fields);
      expect(response.status).toBe(409);
      answers.push(response.text);
    }
    const hashes = await listHashes(service);
    expect(hashes).toHaveLength(3);
    expect(getLogs.length).toBeGreaterThan(before);
    const output = [
      ...answers,
      ...getLogs.slice(before),
      JSON.stringify(await service.stored.all()),
    ].join('\n');
    for (const secret of listSecrets(hashes)) expect(output.includes(secret), secret).toBe(false);
  });

  it.each([
    ['too long', `${'x'.repeat(1100)}-Orchard-7-lamps`, {}],
    ['too short', 'Orchard-7', {}],
    ['too similar to a known word', 'acme-Orchard-7-lamps', {}],
    ['sent with an invalid email', 'valid-Orchard-7-lamps', { email: 'none' }],
    ['sent for a user of an identity provider', 'valid-Orchard-7-lamps', { authProvider: 'saml' }],
    ['not a string', ['valid-Orchard-7-lamps'], {}],
    ['sent with an unknown role', 'valid-Orchard-7-lamps', { roleIds: ['cradl:role:nobody'] }],
    [
      'sent with an unknown key',
      'valid-Orchard-7-lamps',
      { passwordHash: 'valid-Orchard-7-lamps' },
    ],
  ])('in the error response to one that is %s', async (_what, password, more) => {
    const service = await createTestService();
    const before = getLogs.length;
    const token = creations.native.token('acme');
    const answer = await service.post(
      '/v1/users',
      { email: 'a@x.example', password, ...more },
      { token },
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect([answer.text, ...getLogs.slice(before)].join('\n')).not.toContain('Orchard');
  });

  it.each(dialects)('in the %s error response to invalid JSON', async (dialect) => {
    const service = await createTestService();
    const before = getLogs.length;
    const { target, token } = creations[dialect];
    const headers = {
      'content-type': 'application/json',
      'x-tenant-id': '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
    };
    const answer = await service.post(target, '{"password":"valid-Orchard-7-lamps", "email":}', {
      token: token('acme'),
      headers,
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed_json']);
    expect([answer.text, ...getLogs.slice(before)].join('\n')).not.toContain('Orchard');
  });
});
