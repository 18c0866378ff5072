import { domainToASCII } from 'node:url';
import { canonicalizeEmail } from '../kernel/canonical.ts';

/**
 * Returns the address in a form that SES accepts: the domain as A-labels, and the canonical form of
 * a non-ASCII local part. Within a tenant both name the same user.
 */
export function toAsciiAddress(email: string): string {
  const deliverable = isAscii(email.slice(0, email.lastIndexOf('@')))
    ? email
    : canonicalizeEmail(email);
  const at = deliverable.lastIndexOf('@');
  return `${deliverable.slice(0, at)}@${domainToASCII(deliverable.slice(at + 1)) || deliverable.slice(at + 1)}`;
}

export const isAscii = (text: string): boolean => !/[^ -~]/.test(text);
