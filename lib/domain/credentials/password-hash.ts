import { Failure } from '../kernel/failure.ts';
import type { HashingCost } from './hash-password.ts';
import { assertSupportedHash, toPhc } from './foreign-hashes.ts';
import { damagedHash, decodeBase64, invalidHash, parseBcrypt } from './hash-encoding.ts';

/** A parsed password hash of a supported kind. */
export type PasswordHash =
  | ({ readonly kind: 'argon2id' } & HashingCost & SaltAndTag)
  /** `rounds` is N, `blocks` is r. */
  | ({
      readonly kind: 'scrypt';
      readonly rounds: number;
      readonly blocks: number;
      readonly parallelism: number;
    } & SaltAndTag)
  | ({
      readonly kind: 'pbkdf2';
      readonly digest: 'sha256' | 'sha512';
      readonly rounds: number;
    } & SaltAndTag)
  /** `text` has no stray padding bits, as the library requires. */
  | { readonly kind: 'bcrypt'; readonly logRounds: number; readonly text: string };

interface SaltAndTag {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

const maxLength = 1024;
const maxSaltBytes = 128;
/** Tag lengths in use, in bytes. Another length means that the text is cut off. */
const tagLengths = {
  argon2id: [16, 32, 64],
  scrypt: [16, 32, 64],
  'pbkdf2-sha256': [16, 20, 32, 64, 128, 256, 512],
  'pbkdf2-sha512': [16, 20, 32, 64, 128, 256, 512],
} as const;
/** Bounds for hashes that state the length of their tag. */
const minTagBytes = 16;
const maxTagBytes = 512;

const formats = {
  argon2id: '$argon2id$v=19$m=…,t=…,p=…$<salt>$<tag>',
  scrypt: '$scrypt$ln=…,r=…,p=…$<salt>$<tag>',
  'pbkdf2-sha256': '$pbkdf2-sha256$i=…$<salt>$<tag>',
  'pbkdf2-sha512': '$pbkdf2-sha512$i=…$<salt>$<tag>',
} as const;
type HashId = keyof typeof formats;

/**
 * Parses a PHC string (https://github.com/P-H-C/phc-string-format), a bcrypt hash, or a variant of
 * Django, LDAP or Spring. Computes no hash. Throws `invalid_input` for anything else.
 */
function parseOrThrow(text: string): PasswordHash {
  if (text.length > maxLength) throw invalidHash(`must have at most ${maxLength} characters`);
  if (text.trim() !== text) throw invalidHash('must have no white space at its ends');
  const phc = toPhc(text);
  if (/^\$2[aby]\$/.test(phc)) return { kind: 'bcrypt', ...parseBcrypt(phc) };
  const [, id = '', ...parts] = phc.split('$');
  if (phc.startsWith('$') && Object.hasOwn(formats, id))
    return parsers[id as HashId](parts, id as HashId);
  if (/^(?:argon2id|pbkdf2-sha(?:256|512)|2[aby])\$/.test(phc))
    throw damagedHash('it must begin with $');
  assertSupportedHash(phc);
  throw invalidHash(
    'must be a PHC string of argon2id, scrypt, pbkdf2-sha256 or pbkdf2-sha512, or a bcrypt hash',
  );
}

/** Parses a hash. Undefined for an unsupported or damaged one. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const { hash } = validatePasswordHash(text);
  return hash;
}

/** Parses a hash, or returns the issue message for an invalid one. */
export function validatePasswordHash(text: string): {
  readonly hash?: PasswordHash;
  readonly message?: string | undefined;
} {
  try {
    return { hash: parseOrThrow(text) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { message: error.details.issues?.[0]?.message };
  }
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
  scrypt: (parts, id) => {
    assertParts(parts, id);
    const { ln, r: blocks, p: parallelism } = parseParameters(parts[0], ['ln', 'r', 'p'], id);
    // RFC 7914 §2.
    if (ln < 1 || ln >= 16 * blocks || blocks < 1 || parallelism < 1)
      throw invalidHash('must have 1 ≤ ln < 16r, r ≥ 1 and p ≥ 1 (RFC 7914)');
    return { kind: 'scrypt', rounds: 2 ** ln, blocks, parallelism, ...parseSaltAndTag(parts, id) };
  },
  'pbkdf2-sha256': (parts, id) => parsePbkdf2(parts, id, 'sha256'),
  'pbkdf2-sha512': (parts, id) => parsePbkdf2(parts, id, 'sha512'),
};

function parsePbkdf2(
  parts: readonly string[],
  id: HashId,
  digest: 'sha256' | 'sha512',
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
  throw damagedHash(
    `its tag has ${tag.length} bytes, but a tag of ${id} has ${lengths.slice(0, -1).join(', ')} or ${lengths.at(-1)}`,
  );
}

/** True for a hash of another kind, or with lower costs, than new hashes. */
export function needsRehash(text: string, { memory, passes }: HashingCost): boolean {
  const hash = parsePasswordHash(text);
  return hash?.kind !== 'argon2id' || hash.memory < memory || hash.passes < passes;
}
