import { domainToASCII } from 'node:url';
import { canonicalizeEmail } from '../kernel/canonical.ts';

/**
 * The address as SES can write to it: a domain as A-labels and, if the local part is not ASCII but its canonical form is, that form.
 * Within a tenant both name the same user.
 */
export function toAsciiAddress(email: string): string {
  const deliverable = isAscii(email.slice(0, email.lastIndexOf('@')))
    ? email
    : canonicalizeEmail(email);
  const at = deliverable.lastIndexOf('@');
  return `${deliverable.slice(0, at)}@${domainToASCII(deliverable.slice(at + 1)) || deliverable.slice(at + 1)}`;
}

export const isAscii = (text: string): boolean => !/[^ -~]/.test(text);
