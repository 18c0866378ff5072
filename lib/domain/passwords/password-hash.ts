import { Failure } from '../failure.ts';
import type { HashingCost } from '../passwords.ts';

/** A password hash of one of the kinds that can be verified, taken apart. */
export type PasswordHash =
  | ({ readonly kind: 'argon2id' } & HashingCost & Salted)
  /** `blocks` is the `r` of scrypt, `rounds` its N. */
  | ({ readonly kind: 'scrypt'; readonly rounds: number; readonly blocks: number; readonly parallelism: number } & Salted)
  | ({ readonly kind: 'pbkdf2'; readonly digest: 'sha256' | 'sha512'; readonly rounds: number } & Salted)
  /** `text` is the whole of it, in the spelling of the library that verifies it. */
  | { readonly kind: 'bcrypt'; readonly logRounds: number; readonly text: string };

interface Salted {
  readonly salt: Buffer;
  readonly tag: Buffer;
}

/** More than any of these strings needs. */
const longestHash = 512;
const base64 = '[A-Za-z0-9+/.]';
const number = '0|[1-9]\\d{0,9}';
// passlib writes a `.` for the `+` of base64, and the rounds of PBKDF2 without a name.
const salted = `\\$(${base64}{11,86})\\$(${base64}{16,86})`;
const argon2id = new RegExp(`^\\$argon2id\\$v=19\\$m=(${number}),t=(${number}),p=(${number})${salted}$`);
const scrypt = new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(${number}),p=(${number})${salted}$`);
const pbkdf2 = new RegExp(`^\\$pbkdf2-(sha256|sha512)\\$(?:i=)?(${number})(?:,l=(\\d{1,2}))?${salted}$`);
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/**
 * Takes a PHC string apart (https://github.com/P-H-C/phc-string-format; bcrypt in the form of crypt(3)); undefined for what is
 * none of a kind that is known here. Nothing is computed.
 */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  if (text.length > longestHash) return undefined;
  return argon2idOf(text) ?? scryptOf(text) ?? pbkdf2Of(text) ?? bcryptOf(text);
}

const bytesOf = (text = ''): Buffer => Buffer.from(text.replaceAll('.', '+'), 'base64');
const saltedWith = (salt: string | undefined, tag: string | undefined): Salted => ({ salt: bytesOf(salt), tag: bytesOf(tag) });

function argon2idOf(text: string): PasswordHash | undefined {
  const [, memory, passes, parallelism, salt, tag] = argon2id.exec(text) ?? [];
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  // RFC 9106 §3.1.
  const isPossible = cost.parallelism >= 1 && cost.passes >= 1 && cost.memory >= 8 * cost.parallelism;
  return isPossible ? { kind: 'argon2id', ...cost, ...saltedWith(salt, tag) } : undefined;
}

function scryptOf(text: string): PasswordHash | undefined {
  const [, logRounds, blocks, parallelism, salt, tag] = scrypt.exec(text) ?? [];
  const cost = { rounds: 2 ** Number(logRounds), blocks: Number(blocks), parallelism: Number(parallelism) };
  // RFC 7914 §2.
  const isPossible = cost.rounds >= 2 && cost.blocks >= 1 && cost.parallelism >= 1 && cost.rounds < 2 ** (16 * cost.blocks);
  return isPossible ? { kind: 'scrypt', ...cost, ...saltedWith(salt, tag) } : undefined;
}

function pbkdf2Of(text: string): PasswordHash | undefined {
  const [, digest, rounds, length, salt, tag] = pbkdf2.exec(text) ?? [];
  const parts = saltedWith(salt, tag);
  const isPossible = Number(rounds) >= 1 && (length === undefined || Number(length) === parts.tag.length);
  return isPossible ? { kind: 'pbkdf2', digest: digest as 'sha256', rounds: Number(rounds), ...parts } : undefined;
}

function bcryptOf(text: string): PasswordHash | undefined {
  const logRounds = Number(bcrypt.exec(text)?.[1]);
  // Below 4 and above 31 there is no bcrypt.
  return logRounds >= 4 && logRounds <= 31 ? { kind: 'bcrypt', logRounds, text } : undefined;
}

// Each is half a second of one core to a second (as a refused sign-in takes), and at most 128 MiB: what libraries and OWASP begin with is
// less, or as much: PHP's Argon2id has 64 MiB and 4 passes, OWASP's scrypt 2^17 rounds.
const mostMemory = 128 * 1024;
const mostArgon2 = 256 * 1024;
const mostLanes = 16;
const mostScrypt = 2 ** 20;
/** In 128 bytes: what it mixes, and a little for its lanes. */
const mostScryptMemory = mostScrypt + 2 ** 10;
const mostPbkdf2 = 1_500_000;
const mostBcrypt = 13;

/** Whether verifying a password against it takes no more than anybody can be let ask for. */
function isAffordable(hash: PasswordHash): boolean {
  if (hash.kind === 'argon2id')
    return hash.memory <= mostMemory && hash.memory * hash.passes <= mostArgon2 && hash.parallelism <= mostLanes;
  if (hash.kind === 'scrypt') {
    const { rounds, blocks, parallelism } = hash;
    const isSmall = blocks * (rounds + parallelism) <= mostScryptMemory;
    return rounds * blocks * parallelism <= mostScrypt && parallelism <= mostLanes && isSmall;
  }
  if (hash.kind === 'pbkdf2') return hash.rounds <= mostPbkdf2;
  return hash.logRounds <= mostBcrypt;
}

/** Throws `password_rejected` (422, reason `too_costly`) for a hash that would take too long to verify; nothing is computed. */
export function assertAffordable(text: string, field: string): void {
  const hash = parsePasswordHash(text);
  if (hash && isAffordable(hash)) return;
  throw new Failure('password_rejected', 'This hash takes too much time or memory to verify', { details: { field, reason: 'too_costly' } });
}

/** Whether a hash is of another kind than new ones, or cheaper in any way to guess at. */
export function isOutdated(text: string, { memory, passes }: HashingCost): boolean {
  const hash = parsePasswordHash(text);
  return hash?.kind !== 'argon2id' || hash.memory < memory || hash.passes < passes;
}
