import { invalidInput } from '../kernel/failure.ts';
import { isAscii, toAsciiAddress } from './ascii-address.ts';

/**
 * Addresses and domains that a deployment sends mails from. A domain covers its own addresses and
 * not those of its subdomains.
 */
export type Senders = readonly string[];

/** True if SES accepts mails from this address. */
export function isSender(address: string, senders: Senders): boolean {
  const sent = toAsciiAddress(address);
  return (
    isAscii(sent) &&
    (senders.includes(sent) || senders.includes(sent.slice(sent.lastIndexOf('@') + 1)))
  );
}

/** Names the senders, for the message of a refusal. */
export function describeSenders(senders: Senders): string {
  const domains = senders.filter((sender) => !sender.includes('@'));
  const addresses = senders.filter(
    (sender) => sender.includes('@') && !domains.some((domain) => sender.endsWith(`@${domain}`)),
  );
  const named = [...addresses, ...domains.map((domain) => `an ASCII address at ${domain}`)];
  const choices = new Intl.ListFormat('en', { type: 'disjunction' }).format(named);
  return `must be ${choices}: this deployment sends mails from no other address`;
}

/** Throws `invalid_input` for an address that SES would refuse to send from. */
export function assertSender(address: string | null | undefined, senders: Senders): void {
  if (address && !isSender(address, senders))
    throw invalidInput({ path: 'sender', message: describeSenders(senders) });
}
