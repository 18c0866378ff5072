import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { getLogs } from '../../support/logs.ts';
import { outcome } from '../../support/scenarios/invitations.ts';
import { createMailService } from '../../support/scenarios/mail-delivery.ts';
import { adminToken, tenantId } from '../../support/service.ts';
import vectors from '../../vectors/password-hashes.json' with { type: 'json' };

const { service } = await createMailService({ hasOutboxIndex: true });

let users = 0;
const newEmail = () => `foreign-${++users}@example.com`;
const imports = (passwordHash: unknown, more: object = {}) =>
  service.post(
    '/v1/users',
    { email: newEmail(), passwordHash, ...more },
    { token: adminToken('acme') },
  );
const signsIn = (email: string, password: string) =>
  service.post(
    '/v1/auth/token',
    { tenant: 'acme', email, password },
    { sourceIp: `203.0.113.${++users % 250}` },
  );
const storedHash = async (id: string) => {
  const userId = id.replace(/^.*:(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const key = keys.userSecret(tenantId.acme, userId);
  return String((await service.stored.item(key, service.stored.secrets))?.['passwordHash']);
};

describe('a hash of another system', () => {
  it.each(vectors)('signs in: $system', async ({ password, passwordHash, isWeak }) => {
    const refused = await imports(passwordHash);
    expect(outcome(refused)).toBe(isWeak ? '422 password_rejected too_weak' : '201');
    const email = newEmail();
    const created = await imports(passwordHash, { email, acceptWeakPasswordHash: true });
    expect(outcome(created)).toBe('201');
    expect(outcome(await signsIn(email, `${password}x`))).toBe(
      '401 unauthenticated invalid_credentials',
    );
    expect(outcome(await signsIn(email, password))).toBe('200');
    // The first sign-in has replaced the hash.
    expect(await storedHash(created.body.userId)).toMatch(
      Buffer.byteLength(password) < 72 || typeof passwordHash === 'string' ? /^\$argon2id\$/ : /^/,
    );
    expect(outcome(await signsIn(email, password))).toBe('200');
  });

  it('of Firebase is stored without the signer key of the project', async () => {
    for (const { system, passwordHash } of vectors.filter((vector) =>
      vector.system.startsWith('Firebase'),
    )) {
      const created = await imports(passwordHash, { acceptWeakPasswordHash: true });
      const stored = await storedHash(created.body.userId);
      expect(stored, system).toMatch(/^\$scrypt-firebase\$ln=14,r=8,p=1\$/);
      expect(stored, system).not.toContain('jxspr8Ki0RYycVU8');
      expect(getLogs.join(), system).not.toContain('jxspr8Ki0RYycVU8');
    }
  });
});

const keycloak = {
  format: 'keycloak',
  credentialData: '{"hashIterations":1000,"algorithm":"pbkdf2-sha256"}',
  secretData: `{"salt":"c2l4dGVlbiBieXRlcyBvaw==","value":"${'A'.repeat(43)}="}`,
};
const firebase = {
  format: 'firebase',
  passwordHash: 'AAAA',
  salt: 'AAAA',
  base64_signer_key: 'AAAA',
  rounds: 8,
  mem_cost: 14,
};
const okta = { format: 'okta', algorithm: 'SHA-512', salt: 'AAAA', value: 'AAAA' };

describe('an exported hash', () => {
  it.each<readonly [what: string, hash: unknown, path: string, message: RegExp]>([
    ['of an unknown format', { format: 'cognito' }, 'format', /keycloak, okta or firebase/],
    [
      'with an unknown field',
      { ...okta, sald: 'A' },
      'sald',
      /not a field of this format.*saltOrder/,
    ],
    ['without a field', { ...okta, value: undefined }, 'value', /is required/],
    ['with a number as text', { ...firebase, rounds: 'eight' }, 'rounds', /whole number/],
    ['with a fraction', { ...firebase, mem_cost: 1.5 }, 'mem_cost', /whole number/],
    ['with null', { ...firebase, salt: null }, 'salt', /is required/],
    ['with cut-off JSON', { ...keycloak, secretData: '{"salt":' }, 'secretData', /JSON text/],
    ['with a list', { ...keycloak, secretData: [] }, 'secretData', /JSON text/],
    [
      'without a nested field',
      { ...keycloak, credentialData: '{"algorithm":"pbkdf2"}' },
      'credentialData.hashIterations',
      /is required/,
    ],
    ['with MD5', { ...okta, algorithm: 'MD5' }, 'algorithm', /must be BCRYPT/],
    ['with another order of the salt', { ...okta, saltOrder: 'BOTH' }, 'saltOrder', /PREFIX/],
  ])('%s is refused with the path of the field', async (_what, hash, path, message) => {
    const answer = await imports(hash, { acceptWeakPasswordHash: true });
    expect(outcome(answer)).toBe('400 invalid_input');
    const [issue] = answer.body.details.issues;
    expect(issue.path).toBe(`passwordHash.${path}`);
    expect(issue.message).toMatch(message);
  });

  it.each<readonly [what: string, hash: unknown, message: RegExp]>([
    ['a short digest', okta, /damaged/],
    [
      'a hash shorter than the signer key',
      { ...firebase, passwordHash: 'AA==' },
      /signer key has 3/,
    ],
    ['a short signer key', firebase, /3 bytes, but a tag of scrypt-firebase has 64/],
    [
      'a separator in the salt',
      { ...keycloak, secretData: { salt: 'AAAA$AAAA', value: 'AAAA' } },
      /no other parts/,
    ],
    [
      'an unknown algorithm',
      { ...keycloak, credentialData: { algorithm: 'hmac', hashIterations: 1 } },
      /must have the algorithm pbkdf2/,
    ],
  ])('with %s is refused', async (_what, hash, message) => {
    const answer = await imports(hash, { acceptWeakPasswordHash: true });
    expect(outcome(answer)).toBe('400 invalid_input');
    expect(answer.body.message).toMatch(message);
  });

  it.each([[7], [['x']], [{}], [{ format: 7 }]])('%j is no hash', async (hash) => {
    expect(outcome(await imports(hash))).toBe('400 invalid_input');
  });
});
