import * as z from 'zod';
import { canonicalizeEmail } from '../domain/kernel/canonical.ts';
import { findLineFault, trimText } from './characters.ts';
import { buildOnce } from './codec.ts';
import { checkText, octets } from './text.ts';

/** Email patterns by the API that defines them. Each takes linear time. */
export const emailPatterns = {
  /** ASCII subset of `international`, because compiling a pattern for Unicode takes 2 ms. */
  ascii: buildOnce(
    () =>
      /^[\w!#$&'*+/=^`{|}~-]+(?:\.[\w!#$&'*+/=^`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:[a-z]{2,}|xn--[a-z0-9-]+)$/i,
  ),
  /**
   * Unquoted addresses (RFC 5321 dot-atom, RFC 6531 letters) with a domain of at least two labels.
   */
  international: buildOnce(
    () =>
      /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}!#$&'*+/=^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$&'*+/=^_`{|}~-]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?\.)+(?:\p{L}[\p{L}\p{M}]+|xn--[a-z0-9-]+)$/iu,
  ),
  /** Equals Cradl's published pattern, which takes exponential time. */
  cradl: buildOnce(() => /^[A-Za-z0-9][-+._A-Za-z0-9]*@[-_.A-Za-z0-9]+\.[A-Za-z]{2,}$/),
  /** Credible's pattern for paths, without `%`. A path can name every user that it creates. */
  credible: buildOnce(() => /^[a-zA-Z0-9._+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/),
} as const satisfies Readonly<Record<string, () => RegExp>>;

/** RFC 5321 §4.5.3.1.3, without angle brackets. */
export const maxEmailBytes = 254;

/**
 * Email address that matches one of the patterns, also in canonical form. Sizes (RFC 5321 §4.5.3.1,
 * RFC 1035 §2.3.4) are checked first, so patterns see at most 254 characters.
 */
export const emailAddress = (...patterns: readonly (() => RegExp)[]) => {
  const matchesPattern = (email: string): boolean =>
    patterns.some((pattern) => pattern().test(email));
  const fitsLimits = (email: string): boolean => {
    const at = email.lastIndexOf('@');
    return (
      octets(email) <= maxEmailBytes &&
      octets(email.slice(0, at)) <= 64 &&
      email
        .slice(at + 1)
        .split('.')
        .every((label) => octets(label) <= 63)
    );
  };
  // One call of check() builds one schema. A chain of methods would build one per method.
  return z
    .string()
    .check(
      z.overwrite(trimText),
      z.refine((text) => text !== '', { error: 'is required', abort: true }),
      z.maxLength(maxEmailBytes, {
        error: `must have at most ${maxEmailBytes} octets`,
        abort: true,
      }),
      z.refine((email) => !/\p{White_Space}.*@|@.*\p{White_Space}/u.test(email), {
        error: 'must be an email address without white space',
        abort: true,
      }),
      checkText(findLineFault),
      z.refine(fitsLimits, {
        error: 'must have at most 254 octets, 64 before the @ and 63 in each label of the domain',
        abort: true,
      }),
      z.refine((email) => !/[%?]/.test(email), {
        error:
          'cannot contain % or ?, because the gateway decodes paths twice and a path could name another user',
        abort: true,
      }),
      z.refine(matchesPattern, { error: 'must be an email address', abort: true }),
      z.refine(
        (email) => fitsLimits(canonicalizeEmail(email)) && matchesPattern(canonicalizeEmail(email)),
        'must be an email address in canonical form too',
      ),
    )
    .meta({
      description:
        'Email. Unique regardless of case, width and Unicode form. White space at the ends is removed.',
      examples: ['jsmith@example.com'],
    });
};

/** Email address of the native and JITSudo APIs. */
export const internationalEmail = () =>
  emailAddress(emailPatterns.ascii, emailPatterns.international);

/** Email address of any dialect. */
export const anyEmail = () => emailAddress(...Object.values(emailPatterns));
