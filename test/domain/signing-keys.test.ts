import { createPublicKey, verify } from 'node:crypto';
import { join } from 'node:path';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startFakeAws } from '../../infra/local/fakes/fake-aws.ts';
import { toJoseSignature } from '../../lib/aws/ecdsa.ts';
import { toPublicJwk } from '../../lib/aws/public-jwk.ts';
import { createKmsSigningKey } from '../../lib/aws/kms-signing-key.ts';
import { issueAccessToken } from '../../lib/domain/sign-in/access-token.ts';
import {
  createFaultProxy,
  always,
  dropRequest,
  passThrough,
} from '../support/faults/fault-proxy.ts';
import { aws } from '../support/service.ts';
import {
  resource,
  resources,
  renderArn,
  synthesize,
  type Template,
  template,
} from '../support/synthesized-stack.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

const arn = 'arn:aws:kms:local:000000000000:key/current';

describe('a DER signature', () => {
  /** Encodes a signature as in RFC 3279, independently of the code under test. */
  const der = (...numbers: bigint[]) => {
    const integers = numbers.flatMap((number) => {
      const bytes = [...Buffer.from(number.toString(16).padStart(66, '0'), 'hex')];
      while (bytes.length > 1 && bytes[0] === 0 && (bytes[1] ?? 0) < 0x80) bytes.shift();
      return [0x02, bytes.length, ...bytes];
    });
    return Buffer.from([0x30, integers.length, ...integers]);
  };
  /** Any length up to 32 bytes, so short numbers and high bits are frequent. */
  const number = uint8Array({ minLength: 1, maxLength: 32 }).map((bytes) =>
    BigInt(`0x${Buffer.from(bytes).toString('hex')}`),
  );
  const fixed = (n: bigint) => n.toString(16).padStart(64, '0');

  test('converts to two 32-byte numbers, for all lengths and high bits', () => {
    assert(
      property(number, number, (r, s) => {
        expect(toJoseSignature(der(r, s)).toString('hex')).toBe(fixed(r) + fixed(s));
      }),
      {
        examples: [
          [0x80n, 1n],
          [0x7fn, 0xffn],
          [2n ** 256n - 1n, 2n ** 255n],
          [2n ** 255n - 1n, 2n ** 248n - 1n],
        ],
      },
    );
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['half', der(5n, 6n).subarray(0, 5)],
    ['one number', der(5n)],
    ['three numbers', der(5n, 6n, 7n)],
    ['more behind it', Buffer.concat([der(5n, 6n), Buffer.of(0)])],
    ['a number of 33 bytes', der(2n ** 256n, 1n)],
    ['a number without bytes', Buffer.from([0x30, 5, 0x02, 0, 0x02, 1, 1])],
    ['a tag that is not INTEGER', Buffer.from([0x30, 6, 0x04, 1, 1, 0x02, 1, 1])],
    ['a raw signature', Buffer.alloc(64, 7)],
  ])('is rejected: %s', (_, bytes) => {
    expect(() => toJoseSignature(bytes)).toThrow('Signature is not P-256 ECDSA in DER');
  });
});

test('the kid is the thumbprint of a P-256 key (RFC 7638), and other keys have none', () => {
  const key = {
    kty: 'EC',
    crv: 'P-256',
    x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
    y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
  };
  // Example of RFC 7517 and the result of jose.
  expect(toPublicJwk(createPublicKey({ key, format: 'jwk' }))).toEqual({
    ...key,
    alg: 'ES256',
    use: 'sig',
    kid: 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s',
  });
  const other = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' };
  expect(() => toPublicJwk(createPublicKey({ key: other, format: 'jwk' }))).toThrow('P-256');
});

describe('a KMS key', async () => {
  const way = await createFaultProxy((await aws()).endpoint);
  const config = { endpoint: way.endpoint, maxAttempts: 1 };
  const grantee = { subject: 'cradl:app-client:a', clientId: 'a', tenantId: 't', roles: ['admin'] };
  const ownIssuer = {
    issuer: 'https://roster.example.com',
    audience: 'roster',
    resourceServers: [],
  };
  const published = async (id: string) => {
    const { PublicKey } = await new KMSClient(config).send(new GetPublicKeyCommand({ KeyId: id }));
    return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  };
  const splitToken = (token: string) =>
    token
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));

  test('signs RFC 9068 tokens that its public key verifies, and is read once', async () => {
    way.isWell();
    const signingKey = createKmsSigningKey(arn, config);
    const now = new Date('2026-01-02T03:04:05.678Z');
    const roles = Array.from(
      { length: 100 },
      (_, index) => `a-role-with-a-very-long-name-that-makes-the-token-long-${index}`,
    );
    const tokens = [];
    for (let turn = 0; turn < 20; turn++)
      tokens.push(
        await issueAccessToken({ ...grantee, roles }, { now: () => now, signingKey, ownIssuer }),
      );
    const key = await published(arn);
    for (const { accessToken } of tokens) {
      const [header = '', payload = '', signature = ''] = accessToken.split('.');
      const bytes = Buffer.from(signature, 'base64url');
      expect(
        verify(
          'sha256',
          Buffer.from(`${header}.${payload}`),
          { key, dsaEncoding: 'ieee-p1363' },
          bytes,
        ),
      ).toBe(true);
    }
    const [first] = tokens;
    expect(first?.expiresIn).toBe(3600);
    expect(splitToken(first?.accessToken ?? '')).toEqual([
      { alg: 'ES256', typ: 'at+jwt', kid: toPublicJwk(key).kid },
      {
        iss: 'https://roster.example.com',
        aud: 'roster',
        sub: 'cradl:app-client:a',
        client_id: 'a',
        tenant_id: 't',
        roles,
        iat: 1767323045,
        exp: 1767326645,
        jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    ]);
    expect(way.sent.filter(({ operation }) => operation === 'GetPublicKey')).toHaveLength(2);
  });

  test('that cannot be read is unavailable, and is read again next time', async () => {
    const signingKey = createKmsSigningKey(arn, config);
    way.goesWrong(always(dropRequest));
    await expect(signingKey()).rejects.toMatchObject({ code: 'unavailable' });
    way.isWell();
    const key = await signingKey();
    way.goesWrong(always(dropRequest));
    await expect(key.sign(Buffer.from('hello'))).rejects.toMatchObject({ code: 'unavailable' });
    way.isWell();
    expect(await key.sign(Buffer.from('hello'))).toHaveLength(64);
  });

  test('that returns no signature is unavailable', async () => {
    way.goesWrong(
      always(async ({ perform, answer }) => {
        const { status, body } = await perform();
        answer({
          status,
          body: Buffer.from(body.toString().replace(/"Signature":"[^"]*"/, '"Signature":"AAAA"')),
        });
      }),
    );
    const key = await createKmsSigningKey(arn, config)();
    await expect(key.sign(Buffer.from('hello'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('differs per ID, signs 32-byte digests, and survives a restart if stored', async () => {
    way.goesWrong(always(passThrough));
    const kms = new KMSClient(config);
    const subject = {
      KeyId: 'a',
      Message: Buffer.alloc(32),
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    } as const;
    expect(toPublicJwk(await published('a')).kid).not.toBe(toPublicJwk(await published('b')).kid);
    await expect(
      kms.send(new SignCommand({ ...subject, Message: Buffer.alloc(31) })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(
      kms.send(new SignCommand({ ...subject, MessageType: 'RAW' })),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(
      kms.send(new SignCommand({ ...subject, SigningAlgorithm: 'ECDSA_SHA_384' })),
    ).rejects.toMatchObject({
      name: 'InvalidKeyUsageException',
    });

    const folder = createTemporaryFolder();
    const kids = [];
    for (let turn = 0; turn < 2; turn++) {
      const again = await startFakeAws({ linkKeyFile: join(folder, 'key') });
      kids.push((await createKmsSigningKey(arn, { endpoint: again.endpoint })()).keyId);
      await again.close();
    }
    expect(kids[0]).toBe(kids[1]);
  });
});

describe('the stack', () => {
  const keys = (from: Template = template) =>
    resources('AWS::KMS::Key', from).filter(([id]) => id.startsWith('SigningKey'));
  const environment = (from: Template = template) =>
    resource('AWS::Lambda::Function', 'Users', from).Properties.Environment.Variables;

  test('has a P-256 key in KMS that survives the deletion of the stack', () => {
    expect(
      keys().map(([id, { DeletionPolicy, Properties }]) => [
        id.slice(0, -8),
        DeletionPolicy,
        Properties.KeySpec,
        Properties.KeyUsage,
      ]),
    ).toEqual([['SigningKey1', 'Retain', 'ECC_NIST_P256', 'SIGN_VERIFY']]);
  });

  test('keeps a key unchanged as next, current and previous', () => {
    const next = synthesize({ signingKeys: { current: '1', next: '2' } });
    const promoted = synthesize({ signingKeys: { current: '2', previous: '1' } });
    expect(keys(next)).toEqual(expect.arrayContaining(keys(promoted)));
    expect(keys(next)).toContainEqual(keys()[0]);
    expect(JSON.parse(renderArn(environment(next)['SIGNING_KEYS']))).toEqual({
      current: '<SigningKey1.Arn>',
      next: '<SigningKey2.Arn>',
    });
    expect(JSON.parse(renderArn(environment(promoted)['SIGNING_KEYS']))).toEqual({
      current: '<SigningKey2.Arn>',
      previous: '<SigningKey1.Arn>',
    });
    expect(
      keys(synthesize({ signingKeys: { current: '2' } })).map(([id]) => id.slice(0, -8)),
    ).toEqual(['SigningKey2']);
  });

  test('has the configured issuer', () => {
    const own = environment(
      synthesize({ issuerUrl: 'https://users.example.com', resourceServers: [] }),
    )['OWN_ISSUER'];
    expect(JSON.parse(own)).toEqual({
      issuer: 'https://users.example.com',
      audience: 'https://users.example.com',
      resourceServers: [],
    });
  });
});
