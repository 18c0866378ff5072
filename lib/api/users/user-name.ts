import * as z from 'zod';
import { canonicalizeUserName } from '../../domain/kernel/canonical.ts';
import { trimText } from '../characters.ts';
import { anyEmail, internationalEmail } from '../email-address.ts';
import { checkText, hasAtMost, octets } from '../text.ts';

const maxUserName = 254;

/** A sort key may have 1,024 bytes. */
const maxUserNameBytes = 1000;

const userNamePattern =
  /^(?!\.{1,2}$)(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}._-][\p{L}\p{M}\p{N}._-]*$/u;

/** Alphabets whose letters look alike: a name that mixes them looks like another name. */
const alphabets = [
  /\p{Script=Latin}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
];

/** Describes why a text without `@` is not a username. Undefined for a username. */
function findUserNameFault(name: string): string | undefined {
  const canonical = canonicalizeUserName(name);
  if (!userNamePattern.test(name) || !userNamePattern.test(canonical)) {
    return 'must have only letters, digits, ., _ and -, or be an email address';
  }
  if (alphabets.filter((alphabet) => alphabet.test(canonical)).length > 1)
    return 'cannot mix Latin letters with letters of other alphabets';
  return [...canonical].length > maxUserName || octets(canonical) > maxUserNameBytes
    ? `must have at most ${maxUserName} characters and ${maxUserNameBytes} octets in canonical form`
    : undefined;
}

/** A name to sign in with. One with `@` must be an address of the given form, because it also claims that address. */
export const userNameWith = (address: z.ZodType<string>) =>
  z
    .string()
    .overwrite(trimText)
    .refine((text) => text !== '', { error: 'is required', abort: true })
    .refine((name) => hasAtMost(name, maxUserName), {
      error: `must have at most ${maxUserName} characters`,
      abort: true,
    })
    .check(
      checkText((name) =>
        name.includes('@')
          ? address.safeParse(name).error?.issues[0]?.message
          : findUserNameFault(name),
      ),
    )
    .meta({
      description:
        'Username: 1 to 254 letters, digits, `.`, `_` and `-`, or an email address. Unique regardless of case. No other user can have the same address as email. White space at the ends is removed.',
      examples: ['jsmith'],
      minLength: 1,
      maxLength: maxUserName,
    });

export const userName = userNameWith(internationalEmail);

/** Username of any dialect. */
export const anyUserName = userNameWith(anyEmail);

/** Text typed to sign in. It need not be a valid name: an invalid one belongs to no user. */
export const signInName = z.string().overwrite(trimText).max(maxUserName);
