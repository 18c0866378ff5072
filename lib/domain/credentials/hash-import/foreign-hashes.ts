import { damagedHash, decodeBase64 } from '../hash-encoding.ts';

const toBase64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Other spellings of supported hashes. */
const spellings: readonly (readonly [pattern: RegExp, toPhc: (...groups: string[]) => string])[] = [
  // OpenLDAP, Dovecot and Spring Security.
  [/^\{(?:argon2(?:id)?(?:@[\w.]+)?|bcrypt|blf-crypt|crypt)\}(?=\$(?:argon2|2))/i, () => ''],
  [/^\{pbkdf2-sha(1|256|512)\}(?=\d)/i, (digest) => `$pbkdf2-sha${digest}$`],
  [/^\{pbkdf2\}(?=\d)|^\$pbkdf2\$(?=\d)/i, () => '$pbkdf2-sha1$'],
  [/^\{SSHA(256|384|512)?\}(.*)$/i, (bits = '1', data = '') => fromSaltedSha(bits, data)],
  // Django, whose salts are text.
  [/^(?:argon2(?=\$argon2)|bcrypt\$(?=\$2))/, () => ''],
  [
    /^pbkdf2_sha(1|256)\$(\d+)\$([^$]+)\$/,
    (digest, rounds, salt = '') => `$pbkdf2-sha${digest}$i=${rounds}$${toBase64(salt)}$`,
  ],
  [
    /^scrypt\$(\d{1,10})\$([^$]+)\$(\d+)\$(\d+)\$/,
    (rounds, salt = '', blocks = '', lanes = '') =>
      `$scrypt$ln=${Math.log2(Number(rounds))},r=${blocks},p=${lanes}$${toBase64(salt)}$`,
  ],
  // ASP.NET Identity, version 2 and 3.
  [/^(A[A-Q][A-Za-z0-9+/]{64,}={0,2})$/, (data = '') => fromAspNet(data)],
  // Firebase, as Ory and Supabase write it.
  [
    /^\$firescrypt\$(ln=\d+,r=\d+,p=\d+)\$([^$]+)\$([^$]+)\$([^$]+)\$([^$]+)$/,
    (parameters = '', salt = '', hash = '', saltSeparator = '', signerKey = '') =>
      fromFirebase({ parameters, salt, hash, saltSeparator, signerKey }),
  ],
  [
    /^\$fbscrypt\$v=1,n=(\d+),r=(\d+),p=(\d+),ss=([^,$]+),sk=([^,$]+)\$([^$]+)\$([^$]+)$/,
    (n, r, p, saltSeparator = '', signerKey = '', salt = '', hash = '') =>
      fromFirebase({ parameters: `ln=${n},r=${r},p=${p}`, salt, hash, saltSeparator, signerKey }),
  ],
];

/**
 * Rewrites the spellings of ASP.NET, Django, Firebase, LDAP and Spring as PHC strings. Other text is
 * returned unchanged. Throws `invalid_input` for a damaged hash.
 */
export function toPhc(text: string): string {
  for (const [pattern, rewrite] of spellings) {
    const [head, ...groups] = pattern.exec(text) ?? [];
    if (head !== undefined) return rewrite(...groups) + text.slice(head.length);
  }
  return text;
}

const digestBytes: Readonly<Record<string, number>> = { 1: 20, 256: 32, 384: 48, 512: 64 };

/** Separates the digest of LDAP's salted SHA (RFC 2307) from the salt behind it. */
function fromSaltedSha(bits: string, data: string): string {
  const bytes = decodeBase64(data, 'digest');
  const length = digestBytes[bits] ?? 0;
  const saltLength = bytes.length - length;
  // LDAP servers pad base64, and their salts have 4, 8 or 16 bytes. Other lengths are cut off.
  if (saltLength <= 0 || saltLength % 4 !== 0 || data.length % 4 !== 0)
    throw damagedHash(
      `it must be padded base64 of a digest of ${length} bytes and a salt of 4, 8, 12 or 16 bytes`,
    );
  const [tag, salt] = [bytes.subarray(0, length), bytes.subarray(length)];
  return `$sha${bits}-salt-last$${toBase64(salt)}$${toBase64(tag)}`;
}

/** Digests of the pseudorandom functions in version 3 of ASP.NET Identity. */
const aspNetDigests = ['sha1', 'sha256', 'sha512'] as const;

/**
 * Reads a hash of ASP.NET Identity. Version 2 is a zero byte, a salt of 16 bytes and a tag of 32.
 * Version 3 has a header of three numbers: function, rounds and length of the salt.
 */
function fromAspNet(data: string): string {
  const bytes = decodeBase64(data, 'text');
  if (bytes[0] === 0) {
    if (bytes.length !== 49)
      throw damagedHash(
        `a hash of ASP.NET Identity 2 has 49 bytes, but this one has ${bytes.length}`,
      );
    return formatPbkdf2('sha1', 1000, { salt: bytes.subarray(1, 17), tag: bytes.subarray(17) });
  }
  const [digest, rounds, saltLength] = [1, 5, 9].map((offset) => bytes.readUInt32BE(offset));
  const name = aspNetDigests[digest ?? NaN];
  const tagStart = 13 + (saltLength ?? 0);
  if (name === undefined || rounds === undefined || bytes.length - tagStart !== 32)
    throw damagedHash('a hash of ASP.NET Identity 3 has a header of 13 bytes, a salt and 32 bytes');
  const [salt, tag] = [bytes.subarray(13, tagStart), bytes.subarray(tagStart)];
  return formatPbkdf2(name, rounds, { salt, tag });
}

const formatPbkdf2 = (
  digest: string,
  rounds: number,
  { salt, tag }: { readonly salt: Buffer; readonly tag: Buffer },
): string => `$pbkdf2-${digest}$i=${rounds},l=${tag.length}$${toBase64(salt)}$${toBase64(tag)}`;

/** A hash of Firebase with the parameters of its project, in base64. */
interface FirebaseHash {
  /** `ln`, `r` and `p` of scrypt. */
  readonly parameters: string;
  readonly salt: string;
  readonly hash: string;
  readonly saltSeparator: string;
  readonly signerKey: string;
}

/**
 * Converts a hash of Firebase. Firebase encrypts the signer key of the project by AES-CTR, with a
 * key that scrypt derives from the password. The keystream verifies a password as well, and does not
 * contain the signer key.
 */
export function fromFirebase({
  parameters,
  salt,
  hash,
  saltSeparator,
  signerKey,
}: FirebaseHash): string {
  const encrypted = decodeBase64(hash, 'hash');
  const key = decodeBase64(signerKey, 'signer key');
  if (encrypted.length !== key.length)
    throw damagedHash(
      `its hash has ${encrypted.length} bytes, but the signer key has ${key.length}`,
    );
  const salts = [
    decodeBase64(salt, 'salt'),
    saltSeparator === '' ? Buffer.alloc(0) : decodeBase64(saltSeparator, 'salt separator'),
  ];
  const keystream = encrypted.map((byte, index) => byte ^ (key[index] ?? 0));
  return `$scrypt-firebase$${parameters}$${toBase64(Buffer.concat(salts))}$${toBase64(keystream)}`;
}
