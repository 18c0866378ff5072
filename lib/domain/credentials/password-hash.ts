import { Failure } from '../kernel/failure.ts';
import type { HashingCost } from './hash-password.ts';
import { damagedHash, decodeBase64, invalidHash, parseBcrypt } from './hash-encoding.ts';

/** A parsed password hash of a supported kind. */
export type PasswordHash =
  | ({ readonly kind: 'argon2id' } & HashingCost & SaltAndTag)
  | ({ readonly kind: 'scrypt' } & ScryptCost & SaltAndTag)
  /** Firebase's scrypt. The tag is the keystream that encrypts the signer key. */
  | ({ readonly kind: 'scrypt-firebase' } & ScryptCost & SaltAndTag)
  | ({
      readonly kind: 'pbkdf2';
      readonly digest: 'sha1' | 'sha256' | 'sha512';
      readonly rounds: number;
    } & SaltAndTag)
  /** `text` has no stray padding bits, as the library requires. */
  | {
      readonly kind: 'bcrypt';
      readonly logRounds: number;
      readonly text: string;
      readonly prehash?: BcryptPrehash;
    }
  /** MD5 of WordPress before 6.8 and of phpBB. `tag` is in their own base64. */
  | {
      readonly kind: 'phpass';
      readonly logRounds: number;
      readonly salt: string;
      readonly tag: string;
    }
  /** One SHA of password and salt. */
  | ({
      readonly kind: 'salted-sha';
      readonly digest: 'sha1' | 'sha256' | 'sha384' | 'sha512';
      readonly isSaltFirst: boolean;
    } & SaltAndTag);

/** N, r and p of scrypt. */
interface ScryptCost {
  readonly rounds: number;
  readonly blocks: number;
  readonly parallelism: number;
}

/**
 * Digest of the password that bcrypt hashes instead of the password: base64 of an HMAC-SHA-384 in
 * WordPress, hexadecimal SHA-256 in Django.
 */
export type BcryptPrehash = 'wordpress' | 'django';

interface SaltAndTag {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const maxSaltBytes = 128;
/** Tag lengths in use, in bytes. Another length means that the text is cut off. */
const pbkdf2TagLengths = [16, 20, 32, 64, 128, 256, 512] as const;
const tagLengths = {
  argon2id: [16, 32, 64],
  scrypt: [16, 32, 64],
  'scrypt-firebase': [64],
  'pbkdf2-sha1': pbkdf2TagLengths,
  'pbkdf2-sha256': pbkdf2TagLengths,
  'pbkdf2-sha512': pbkdf2TagLengths,
} as const;
/** Bounds for hashes that state the length of their tag. */
const minTagBytes = 16;
const maxTagBytes = 512;

const formats = {
  argon2id: '$argon2id$v=19$m=…,t=…,p=…$<salt>$<tag>',
  scrypt: '$scrypt$ln=…,r=…,p=…$<salt>$<tag>',
  'scrypt-firebase': '$scrypt-firebase$ln=…,r=…,p=…$<salt>$<keystream>',
  'pbkdf2-sha1': '$pbkdf2-sha1$i=…$<salt>$<tag>',
  'pbkdf2-sha256': '$pbkdf2-sha256$i=…$<salt>$<tag>',
  'pbkdf2-sha512': '$pbkdf2-sha512$i=…$<salt>$<tag>',
} as const;
type HashId = keyof typeof formats;

const prehashes: readonly (readonly [pattern: RegExp, prehash: BcryptPrehash])[] = [
  [/^\$wp(?=\$2[aby]\$)/, 'wordpress'],
  [/^bcrypt_sha256\$(?=\$2[aby]\$)/, 'django'],
];

/**
 * Parses a stored hash: a PHC string (https://github.com/P-H-C/phc-string-format), or a hash of
 * bcrypt or phpass. Computes no hash. Undefined for another format. Throws `invalid_input` for a
 * damaged hash.
 */
export function parseStoredHash(text: string): PasswordHash | undefined {
  const [pattern = /^/, prehash] = prehashes.find(([candidate]) => candidate.test(text)) ?? [];
  const phc = text.replace(pattern, '');
  if (/^\$2[aby]\$/.test(phc))
    return { kind: 'bcrypt', ...parseBcrypt(phc), ...(prehash && { prehash }) };
  if (/^\$[PH]\$/.test(phc)) return parsePhpass(phc);
  const [, id = '', ...parts] = phc.split('$');
  if (phc.startsWith('$') && Object.hasOwn(formats, id))
    return parsers[id as HashId](parts, id as HashId);
  return /^sha\d+-salt-/.test(id) ? parseSaltedSha(id, parts) : undefined;
}

/** Parses a stored hash. Undefined for an unsupported or damaged one. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  try {
    return parseStoredHash(text);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undefined;
  }
}

const shaBytes = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;

/** Parses `$sha512-salt-first$<salt>$<digest>` or `-last`: the position in the input of SHA. */
function parseSaltedSha(id: string, parts: readonly string[]): PasswordHash {
  const [, digest = '', position] = /^(sha\d+)-salt-(first|last)$/.exec(id) ?? [];
  const [saltText = '', tagText = '', ...others] = parts;
  const salt = decodeBase64(saltText, 'salt');
  const tag = decodeBase64(tagText, 'digest');
  if (
    !isShaDigest(digest) ||
    others.length > 0 ||
    tag.length !== shaBytes[digest] ||
    salt.length > maxSaltBytes
  )
    throw damagedHash(`a salted SHA hash is ${saltedShaFormat}`);
  return { kind: 'salted-sha', digest, isSaltFirst: position === 'first', salt, tag };
}

const saltedShaFormat =
  '{SSHA}, {SSHA256}, {SSHA384} or {SSHA512} with the base64 of digest and salt';
const isShaDigest = (name: string): name is keyof typeof shaBytes => Object.hasOwn(shaBytes, name);

/** Digits of phpass, in the order of their values. */
export const phpassDigits = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function parsePhpass(text: string): PasswordHash {
  const [, rounds = '', salt = '', tag = ''] =
    /^\$[PH]\$([./A-Za-z0-9])([./A-Za-z0-9]{8})([./A-Za-z0-9]{22})$/.exec(text) ?? [];
  const logRounds = phpassDigits.indexOf(rounds);
  if (tag === '' || logRounds < 7 || logRounds > 30)
    throw damagedHash(
      'a phpass hash is $P$, a digit from 5 to S, and 30 characters of ./A-Za-z0-9',
    );
  return { kind: 'phpass', logRounds, salt, tag };
}

const parsers: Readonly<Record<HashId, (parts: readonly string[], id: HashId) => PasswordHash>> = {
  argon2id: (parts, id) => {
    const [version = '', ...rest] = parts;
    if (parts.length === 3 && /^[mtp]=/.test(version))
      throw invalidHash('must have version 19 ($argon2id$v=19$…)');
    assertParts(rest, id);
    if (version !== 'v=19')
      throw invalidHash(
        'must have version 19 ($argon2id$v=19$…); older versions of Argon2 are not supported',
      );
    const { m: memory, t: passes, p: parallelism } = parseParameters(rest[0], ['m', 't', 'p'], id);
    // RFC 9106 §3.1.
    if (passes < 1 || parallelism < 1 || memory < 8 * parallelism)
      throw invalidHash('must have t ≥ 1, p ≥ 1 and m ≥ 8p (RFC 9106)');
    const saltAndTag = parseSaltAndTag(rest, id);
    if (saltAndTag.salt.length < 8)
      throw damagedHash('the salt of an argon2id hash has at least 8 bytes');
    return { kind: 'argon2id', memory, passes, parallelism, ...saltAndTag };
  },
  scrypt: (parts, id) => ({ kind: 'scrypt', ...parseScrypt(parts, id) }),
  'scrypt-firebase': (parts, id) => ({ kind: 'scrypt-firebase', ...parseScrypt(parts, id) }),
  'pbkdf2-sha1': (parts, id) => parsePbkdf2(parts, id, 'sha1'),
  'pbkdf2-sha256': (parts, id) => parsePbkdf2(parts, id, 'sha256'),
  'pbkdf2-sha512': (parts, id) => parsePbkdf2(parts, id, 'sha512'),
};

function parseScrypt(parts: readonly string[], id: HashId): ScryptCost & SaltAndTag {
  assertParts(parts, id);
  const { ln, r: blocks, p: parallelism } = parseParameters(parts[0], ['ln', 'r', 'p'], id);
  // RFC 7914 §2.
  if (ln < 1 || ln >= 16 * blocks || blocks < 1 || parallelism < 1)
    throw invalidHash('must have 1 ≤ ln < 16r, r ≥ 1 and p ≥ 1 (RFC 7914)');
  return { rounds: 2 ** ln, blocks, parallelism, ...parseSaltAndTag(parts, id) };
}

function parsePbkdf2(
  parts: readonly string[],
  id: HashId,
  digest: 'sha1' | 'sha256' | 'sha512',
): PasswordHash {
  assertParts(parts, id);
  // passlib writes the rounds without a name.
  const text = (parts[0] ?? '').replace(/^(?=\d)/, 'i=');
  const { i: rounds, l: length } = parseParameters(text, ['i'], id, ['l']);
  if (rounds < 1) throw invalidHash('must have i ≥ 1');
  return { kind: 'pbkdf2', digest, rounds, ...parseSaltAndTag(parts, id, length) };
}

function assertParts({ length }: readonly string[], id: HashId): void {
  if (length < 3) throw damagedHash(`it must have all parts of ${formats[id]}`);
  if (length > 3) throw invalidHash(`must have no other parts than ${formats[id]}`);
}

type HashParameters<Name extends string, Optional extends string> = Readonly<Record<Name, number>> &
  Readonly<Partial<Record<Optional, number>>>;

/** Parses comma-separated `name=number` in any order. */
function parseParameters<Name extends string, Optional extends string = never>(
  text: string | undefined,
  names: readonly Name[],
  id: HashId,
  optional: readonly Optional[] = [],
): HashParameters<Name, Optional> {
  const values: Record<string, number> = {};
  for (const part of text ? text.split(',') : []) {
    const [, name = '', value = ''] = /^([a-z]+)=(0|[1-9]\d{0,9})$/.exec(part) ?? [];
    if (/^(keyid|data)=/.test(part))
      throw invalidHash('cannot be made with a secret key or associated data (keyid, data)');
    if (name === '')
      throw damagedHash(
        `its parameters must be written as in ${formats[id]}, as numbers without leading zeros`,
      );
    if (name in values) throw damagedHash(`its parameter ${name} must be stated once`);
    if (![...names, ...optional].some((allowed) => allowed === name))
      throw invalidHash(`must have no other parameters than in ${formats[id]}`);
    values[name] = Number(value);
  }
  const missing = names.find((name) => !(name in values));
  if (missing !== undefined)
    throw damagedHash(`its parameter ${missing} is missing: it must be written as ${formats[id]}`);
  return values as HashParameters<Name, Optional>;
}

function parseSaltAndTag(
  [, saltText = '', tagText = '']: readonly string[],
  id: HashId,
  length?: number,
): SaltAndTag {
  const salt = decodeBase64(saltText, 'salt');
  if (salt.length > maxSaltBytes)
    throw invalidHash(`must have a salt of at most ${maxSaltBytes} bytes`);
  const tag = decodeBase64(tagText, 'tag');
  if (length !== undefined && length !== tag.length)
    throw damagedHash(`its tag has ${tag.length} bytes, but l=${length}`);
  const lengths: readonly number[] = tagLengths[id];
  const isStated = length !== undefined && length >= minTagBytes && length <= maxTagBytes;
  if (isStated || lengths.includes(tag.length)) return { salt, tag };
  const expected = [lengths.slice(0, -1).join(', '), lengths.at(-1)].filter(Boolean).join(' or ');
  throw damagedHash(`its tag has ${tag.length} bytes, but a tag of ${id} has ${expected}`);
}

/** True for a hash of another kind, or with lower costs, than new hashes. */
export function needsRehash(text: string, { memory, passes }: HashingCost): boolean {
  const hash = parsePasswordHash(text);
  return hash?.kind !== 'argon2id' || hash.memory < memory || hash.passes < passes;
}
