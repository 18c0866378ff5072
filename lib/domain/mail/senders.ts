import { domainToASCII } from 'node:url';
import { invalidInput } from '../kernel/failure.ts';
import { canonicalizeEmail } from '../kernel/canonical.ts';

/**
 * Addresses and domains that a deployment sends mails from. A domain covers its own addresses and
 * not those of its subdomains.
 */
export type Senders = readonly string[];

/** True if SES accepts mails from this address. */
export function isSender(address: string, senders: Senders): boolean {
  const sender = toAsciiAddress(address);
  return (
    isAscii(sender) &&
    (senders.includes(sender) || senders.includes(sender.slice(sender.lastIndexOf('@') + 1)))
  );
}

/** Describes the allowed senders in an issue message. */
export function describeSenders(senders: Senders): string {
  const domains = senders.filter((sender) => !sender.includes('@'));
  const addresses = senders.filter(
    (sender) => sender.includes('@') && !domains.some((domain) => sender.endsWith(`@${domain}`)),
  );
  const allowed = [...addresses, ...domains.map((domain) => `an ASCII address at ${domain}`)];
  const choices = new Intl.ListFormat('en', { type: 'disjunction' }).format(allowed);
  return `must be ${choices}: this deployment sends mails from no other address`;
}

/** Throws `invalid_input` for an address that SES does not send from. */
export function assertSender(address: string | null | undefined, senders: Senders): void {
  if (address && !isSender(address, senders))
    throw invalidInput({ path: 'sender', message: describeSenders(senders) });
}

/**
 * Converts an email to the form that SES accepts: the domain as A-labels, and the canonical local
 * part if only that is ASCII. Both forms name the same user.
 */
export function toAsciiAddress(email: string): string {
  const address = isAscii(email.slice(0, email.lastIndexOf('@')))
    ? email
    : canonicalizeEmail(email);
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  return `${address.slice(0, at)}@${domainToASCII(domain) || domain}`;
}

const isAscii = (text: string): boolean => !/[^ -~]/.test(text);
