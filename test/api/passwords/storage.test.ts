import { argon2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { owaspArgon2id } from '../../../lib/domain/credentials/hash-password.ts';
import { keys } from '../../../lib/store/keys.ts';
import {
  creates,
  creations,
  dialects,
  expectCreated,
  goodPassword,
  readsBack,
} from '../../support/dialects/create-user.ts';
import { logged } from '../../support/logs.ts';
import { aService, type Service } from '../../support/service.ts';

const hashesOf = async ({ stored }: Service): Promise<string[]> =>
  (await stored.all(stored.secrets)).flatMap(({ passwordHash }) => passwordHash ?? []);

/** Whether a PHC string is the Argon2id hash of this password, by what the string itself says of salt and cost. */
function verifies(phc: string, password: string): boolean {
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

describe('P01: how a password is kept', () => {
  it('as Argon2id at the cost that OWASP names, which only that password verifies', async () => {
    const service = await aService({ hashingCost: owaspArgon2id });
    expectCreated(
      await creates(service, 'native', { email: 'a@x.example', password: goodPassword }),
      'native',
    );
    const [hash = ''] = await hashesOf(service);
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(verifies(hash, goodPassword)).toBe(true);
    expect(verifies(hash, goodPassword.toUpperCase())).toBe(false);
  });

  it.each([
    [
      'a longer one whose first 72 bytes are the same',
      `${'tangled-orchard-'.repeat(5)}left`,
      `${'tangled-orchard-'.repeat(5)}right`,
    ],
    ['one that ends at its NUL', 'quiet\u0000lamps orbit here', 'quiet'],
    ['one without its spaces', '  quiet lamps orbit  ', 'quiet lamps orbit'],
    ['one in another case', 'Quiet Lamps Orbit', 'quiet lamps orbit'],
  ])('not to be confused with %s', async (_what, password, other) => {
    const service = await aService();
    expectCreated(await creates(service, 'native', { email: 'a@x.example', password }), 'native');
    const [hash = ''] = await hashesOf(service);
    expect([verifies(hash, password), verifies(hash, other)]).toEqual([true, false]);
  });

  it('the same however a keyboard composes it', async () => {
    const service = await aService();
    await creates(service, 'native', {
      email: 'a@x.example',
      password: 'cafe\u0301 \uFB01lled with light',
    });
    await creates(service, 'native', {
      email: 'b@x.example',
      password: 'caf\u00E9 filled with light',
    });
    expect(
      (await hashesOf(service)).map((hash) => verifies(hash, 'caf\u00E9 filled with light')),
    ).toEqual([true, true]);
  });

  it('with a salt of its own', async () => {
    const service = await aService();
    for (const email of ['a@x.example', 'b@x.example'])
      await creates(service, 'native', { email, password: goodPassword });
    const hashes = await hashesOf(service);
    expect(new Set(hashes.map((hash) => hash.split('$')[4])).size).toBe(2);
  });

  it('in the secrets table, and for users with a password only', async () => {
    const service = await aService();
    const { body } = await creates(service, 'jitsudo', { email: 'a@x.example' });
    await creates(service, 'native', { email: 'b@x.example' });
    await creates(service, 'cradl', { email: 'c@x.example' });
    await creates(service, 'credible', { email: 'd@x.example' });
    const secrets = (await service.stored.all(service.stored.secrets)).filter(
      ({ pk }) => pk !== keys.deploymentKey.pk,
    );
    expect(secrets.map(({ userId, passwordHash }) => [userId, typeof passwordHash])).toEqual([
      [body.id, 'string'],
    ]);
  });
});

describe('O08: a password never comes out', () => {
  const passwords = {
    native: 'native-Orchard-7-lamps',
    jitsudo: 'jitsudo-Orchard-7-lamps',
    credible: 'credible-Orchard-7-lamps',
  };

  /** What must appear nowhere: each password in the ways it could be written, and each hash in its parts. */
  const secretsIn = (hashes: readonly string[]): string[] => [
    ...Object.values(passwords).flatMap((password) => [
      password,
      Buffer.from(password).toString('base64').slice(0, 24),
      encodeURIComponent(password),
    ]),
    ...hashes.flatMap((hash) => hash.split('$').slice(4)),
    'argon2',
    'passwordHash',
  ];

  it('in any answer, log line or item of the directory', async () => {
    const service = await aService();
    const before = logged.length;
    const answers: string[] = [];
    for (const [index, dialect] of (['native', 'jitsudo', 'credible'] as const).entries()) {
      const fields = { email: `u${index}@x.example`, password: passwords[dialect] };
      const created = await creates(service, dialect, fields);
      expectCreated(created, dialect);
      answers.push(
        created.text,
        JSON.stringify(created.headers),
        (await readsBack(service, dialect, created)).text,
      );
      for (const reader of ['native', 'cradl'] as const) {
        const items = (await service.stored.all()).filter(
          ({ sk, email }) => sk === 'USER' && email === fields.email,
        );
        const id = `cradl:user:${items[0]?.['userId'].replaceAll('-', '')}`;
        const read = await service.gets(`${creations[reader].target}/${id}`, {
          token: creations[reader].token('acme'),
        });
        expect(read.status).toBe(200);
        answers.push(read.text);
      }
      // Taken by now.
      const refused = await creates(service, dialect, fields);
      expect(refused.status).toBe(409);
      answers.push(refused.text);
    }
    const hashes = await hashesOf(service);
    expect(hashes).toHaveLength(3);
    expect(logged.length).toBeGreaterThan(before);
    const seen = [
      ...answers,
      ...logged.slice(before),
      JSON.stringify(await service.stored.all()),
    ].join('\n');
    for (const secret of secretsIn(hashes)) expect(seen.includes(secret), secret).toBe(false);
  });

  it.each([
    ['too long', `${'x'.repeat(1100)}-Orchard-7-lamps`, {}],
    ['too short', 'Orchard-7', {}],
    ['about a known word', 'acme-Orchard-7-lamps', {}],
    ['sent with an address that is none', 'valid-Orchard-7-lamps', { email: 'none' }],
    ['sent for a user who has none', 'valid-Orchard-7-lamps', { authProvider: 'saml' }],
    ['no string', ['valid-Orchard-7-lamps'], {}],
    [
      'sent with a role that is not there',
      'valid-Orchard-7-lamps',
      { roleIds: ['cradl:role:nobody'] },
    ],
    [
      'sent with an unknown key',
      'valid-Orchard-7-lamps',
      { passwordHash: 'valid-Orchard-7-lamps' },
    ],
  ])('in the refusal of one that is %s', async (_what, password, more) => {
    const service = await aService();
    const before = logged.length;
    const token = creations.native.token('acme');
    const answer = await service.posts(
      '/v1/users',
      { email: 'a@x.example', password, ...more },
      { token },
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect([answer.text, ...logged.slice(before)].join('\n')).not.toContain('Orchard');
  });

  it.each(dialects)('in what %s makes of broken JSON', async (dialect) => {
    const service = await aService();
    const before = logged.length;
    const { target, token } = creations[dialect];
    const headers = {
      'content-type': 'application/json',
      'x-tenant-id': '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0',
    };
    const answer = await service.posts(target, '{"password":"valid-Orchard-7-lamps", "email":}', {
      token: token('acme'),
      headers,
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed_json']);
    expect([answer.text, ...logged.slice(before)].join('\n')).not.toContain('Orchard');
  });
});
