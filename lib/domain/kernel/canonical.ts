import { domainToASCII } from 'node:url';

/** Email in canonical form: folded local part, domain as A-labels. */
export type CanonicalEmail = string;

/** Domain name in canonical form: A-labels in lower case, without a trailing dot. */
export type DomainName = string;

/**
 * Folds case and compatibility forms (NFKC). Upper-casing first folds letters such as `ß` and `ſ`,
 * which lower-casing alone keeps. Repeats until the result is stable, so folding is idempotent.
 */
export function fold(text: string): string {
  // Fast path for ASCII.
  if (!/[^ -~]/.test(text)) return text.toLowerCase();
  const folded = text
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFKC');
  return folded === text ? folded : fold(folded);
}

/**
 * Canonicalizes an email for comparison and claims: the local part is folded, the domain becomes
 * A-labels (RFC 5890). Plus tags and dots stay significant.
 */
export function canonicalizeEmail(email: string): CanonicalEmail {
  const at = email.lastIndexOf('@');
  return `${fold(email.slice(0, at))}@${canonicalizeMailDomain(email.slice(at + 1))}`;
}

/**
 * Converts a domain to A-labels. ASCII text and text with delimiters of URLs are only folded:
 * Node.js would parse `example.com#ext` as `example.com`, and `1` as `0.0.0.1`.
 */
function canonicalizeMailDomain(text: string): string {
  const needsIdna = /^(?=.*[^ -~])[^#%/?\\]*$/su.test(text.normalize('NFKC'));
  // IDNA normalizes with the tables of an older Unicode version.
  return (needsIdna && domainToASCII(text.normalize('NFC'))) || fold(text);
}

/** RFC 1035 §2.3.4, without the length of the root label. */
const maxDomainNameLength = 253;

/**
 * Canonicalizes a domain name of at least two labels. Undefined for any other text, such as an IP
 * address.
 */
export function canonicalizeDomain(text: string): DomainName | undefined {
  // IDNA would also decode percent-encoding and ignore the characters of a URL.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(text)) return undefined;
  const name = domainToASCII(text.normalize('NFC')).replace(/\.$/, '');
  const labels = name.split('.');
  const isName =
    name.length <= maxDomainNameLength &&
    labels.length > 1 &&
    labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label));
  return isName && /^[a-z]/.test(labels.at(-1) ?? '') ? name : undefined;
}

export const getEmailDomain = (email: CanonicalEmail): DomainName =>
  email.slice(email.lastIndexOf('@') + 1);

/**
 * True if two emails differ only in the case of ASCII letters, or are both absent. Other spellings
 * can be other mailboxes.
 */
export const isSameAddress = (email: string | undefined, other: string | undefined): boolean =>
  email === undefined || other === undefined
    ? email === other
    : lowerAscii(email) === lowerAscii(other);

const lowerAscii = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Canonicalizes the name of a group for comparison and claims. */
export const canonicalizeGroupName = (name: string): string => fold(name);

/** Canonicalizes a username for comparison and claims. One with `@` is treated as an email. */
export function canonicalizeUserName(userName: string): string {
  const name = userName.replaceAll(/[\uFF20\uFE6B]/g, '@');
  return name.includes('@') ? canonicalizeEmail(name) : fold(name);
}

/**
 * Canonicalizes the beginning of an email. Every email that starts with `prefix` has a canonical
 * form that starts with the result, except if the prefix ends inside a non-ASCII domain label: the
 * A-label of the whole label starts differently.
 */
export function canonicalizePrefix(prefix: string): string {
  const at = prefix.lastIndexOf('@');
  if (at < 0) return fold(prefix);
  const domain = prefix.slice(at + 1).normalize('NFC');
  const lastLabel = domain.lastIndexOf('.') + 1;
  // `x` keeps digits from being parsed as an IP address.
  const labels =
    domainToASCII(`${domain.slice(0, lastLabel)}x`).slice(0, -1) ||
    fold(domain.slice(0, lastLabel));
  return `${fold(prefix.slice(0, at))}@${labels}${fold(domain.slice(lastLabel))}`;
}
