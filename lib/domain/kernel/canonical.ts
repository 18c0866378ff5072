import { domainToASCII } from 'node:url';

/**
 * Compatibility forms and case folded away (NFKC; upper-casing first folds what lower-casing alone leaves apart, such as
 * `ß` and `ſ`; a sigma at the end is a sigma). Repeated until it changes nothing, so that folding twice is folding once.
 */
function fold(text: string): string {
  // Pure ASCII, nearly always.
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
 * The one form in which e-mail addresses are compared, claimed and looked up: local part folded, domain as A-label
 * (RFC 5890). Providers' own tricks (plus tags, dots) stay distinct. Mail goes to the address as it was typed if that is deliverable.
 */
export function canonicalizeEmail(email: string): string {
  const at = email.lastIndexOf('@');
  // IDNA normalises too, but by the tables of an older Unicode.
  const domain = email.slice(at + 1).normalize('NFC');
  return `${fold(email.slice(0, at))}@${domainToASCII(domain) || fold(domain)}`;
}

/** True if two spellings differ at most in the case of ASCII letters: any other spelling may be another mailbox to a mail system. */
export const isSameAddress = (email: string, other: string): boolean =>
  lowerAscii(email) === lowerAscii(other);

const lowerAscii = (text: string): string =>
  text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The one form in which user names are compared, claimed and looked up: of an address that of the address. */
export function canonicalizeUserName(userName: string): string {
  const name = userName.replaceAll(/[\uFF20\uFE6B]/g, '@');
  return name.includes('@') ? canonicalizeEmail(name) : fold(name);
}

/**
 * The canonical form of the beginning of an e-mail: every address that begins so, in any form, begins with this. Only of a
 * label that is not ASCII and not whole is nothing known, since its A-label begins otherwise.
 */
export function canonicalizePrefix(prefix: string): string {
  const at = prefix.lastIndexOf('@');
  if (at < 0) return fold(prefix);
  const domain = prefix.slice(at + 1).normalize('NFC');
  const begun = domain.lastIndexOf('.') + 1;
  // With a label behind them, since digits alone would be taken for an IP address.
  const whole =
    domainToASCII(`${domain.slice(0, begun)}x`).slice(0, -1) || fold(domain.slice(0, begun));
  return `${fold(prefix.slice(0, at))}@${whole}${fold(domain.slice(begun))}`;
}
