import { invalidHash } from '../hash-encoding.ts';

/** Well-known formats that cannot be verified here. */
const unsupported: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^[SU]?\$S\$|^U\$P\$/, 'a Drupal hash ($S$)'],
  [/^\$1\$|^\{crypt\}\$1\$/i, 'an MD5 crypt hash ($1$)'],
  [/^\$apr1\$/, 'an Apache MD5 hash ($apr1$)'],
  [/^\$5\$|^\{(?:crypt|sha256-crypt)\}\$5\$/i, 'a SHA-256 crypt hash ($5$)'],
  [/^\$6\$|^\{(?:crypt|sha512-crypt)\}\$6\$/i, 'a SHA-512 crypt hash ($6$)'],
  [/^\$3\$/, 'an NT hash ($3$)'],
  [/^\$7\$/, 'a scrypt hash of crypt(3) ($7$)'],
  [/^\$g?y\$|^\{crypt\}\$g?y\$/i, 'a yescrypt hash ($y$, $gy$)'],
  [/^\$(?:md5[$,]|sm3\$)/, 'a crypt hash of Solaris or SM3'],
  [/^\$sha1\$/, 'a SHA-1 crypt hash ($sha1$)'],
  [/^\$2x?\$/, 'a bcrypt hash of a faulty version ($2$, $2x$)'],
  [/^\$bcrypt-sha256\$/, 'a bcrypt-sha256 hash of passlib'],
  [/^\$argon2[di]?\$/, 'an Argon2i or Argon2d hash'],
  [
    /^\$f(?:iresc|bsc)rypt\$/,
    'a scrypt hash of Firebase without its salt separator and signer key',
  ],
  [
    /^\$?pbkdf2[-_:](?:hmac[-_])?(?:md5|sha-?(?:224|384|3)|blake|whirlpool|ripemd)/i,
    'a PBKDF2 hash with another digest than SHA-1, SHA-256 and SHA-512',
  ],
  [
    /^\$?pbkdf2[-_:]|^\$p5k2\$|^pbkdf2(?:\$|with)|^grub\.pbkdf2\./i,
    'a PBKDF2 hash in another form than $pbkdf2-sha256$i=…$<salt>$<tag>',
  ],
  [
    /^scrypt[:$]|^\$s0\$|^\{scrypt\}|^\$[0-9a-f]{5,6}\$/i,
    'a scrypt hash in another form than $scrypt$ln=…,r=…,p=…$<salt>$<tag>',
  ],
  [
    /^\$(?:scram|shiro1|ml|8|9|NT|gost|balloon[\w-]*)\$|^SCRAM-SHA/i,
    'a hash of SCRAM, Shiro, macOS or Cisco',
  ],
  [/^\$(?:hmac-)?s{0,2}(?:md[45]|ha(?:-?(?:1|224|256|384|512))?)\$/i, 'a salted MD5 or SHA hash'],
  [/^\$A\$/, 'a hash of MySQL ($A$)'],
  [/^\$drupal\d\$/i, 'a Drupal hash'],
  [/^\$phpass\$/i, 'a phpass hash'],
  [/^\(G[\w+/.]+\)$/, 'a hash of Lotus Domino'],
  [/^S:[0-9A-F]{60}/i, 'a hash of Oracle'],
  [/^\{noop\}|^\{(?:clear(?:text)?|plain)\}/i, 'a password in plain text'],
  [/^\{[\w.@,;:|/ -]{1,40}\}/, 'an LDAP hash such as {SHA} or {SMD5}'],
  [
    /^(?:md5|sha1|sha224|sha256|sha384|sha512|crypt|unsalted_\w+|hex_\w+)[$:]/i,
    'a salted MD5 or SHA hash',
  ],
  [
    /^(?:md5)?(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})(?:[:$].*)?$/i,
    'an MD5 or SHA hash in hex',
  ],
  [/^\*[0-9a-f]{40}$|^0x0[12]00[0-9a-f]{40,}$/i, 'a hash of MySQL or SQL Server'],
  [
    /^(?:[\w+/-]{22}==|[\w+/-]{27}=|[\w+/-]{43}=|[\w+/-]{64}|[\w+/-]{86}(?:==)?)$/,
    'a hash in base64 without its salt and parameters',
  ],
  [/^!|^[*x]$|^\*?(?:LK|NP)\*?$/, 'the marker of an account without a usable password'],
  [/^[./A-Za-z0-9]{13}$|^_[./A-Za-z0-9]{19}$/, 'a DES crypt hash'],
];

/** Throws `invalid_input` for a hash in a well-known format that cannot be verified here. */
export function assertSupportedHash(text: string): void {
  const [, name] = unsupported.find(([pattern]) => pattern.test(text)) ?? [];
  if (name === undefined) return;
  const supported =
    'argon2id, scrypt, PBKDF2 and bcrypt, and those of other systems in the documentation';
  throw invalidHash(
    `cannot be ${name}. Supported formats are ${supported}. ` +
      'To let the user choose a password, create the user without a hash',
  );
}
