import * as z from 'zod';
import { canonicalizeUserName } from '../../../domain/kernel/canonical.ts';
import { findLineFault, trimText } from '../../characters.ts';
import { anyEmail, internationalEmail } from '../../email-address.ts';
import { buildOnce } from '../../codec.ts';
import { checkText, hasAtMost, octets } from '../../text.ts';

const maxUserNameLength = 254;

/** Fits into a DynamoDB sort key of 1,024 bytes. */
const maxUserNameBytes = 1000;

const userNamePattern = buildOnce(
  () => /^(?!\.{1,2}$)(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}._-][\p{L}\p{M}\p{N}._-]*$/u,
);

/** Alphabets with similar letters. A username cannot mix them, because it could imitate another. */
const alphabets = buildOnce(() => [
  /\p{Script=Latin}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
]);

/** Describes the fault of a username without `@`. Returns undefined for a valid one. */
function findPlainNameFault(name: string): string | undefined {
  const canonical = canonicalizeUserName(name);
  const pattern = userNamePattern();
  if (!pattern.test(name) || !pattern.test(canonical)) {
    return 'must have only letters, digits, ., _ and -, or be an email address';
  }
  if (alphabets().filter((alphabet) => alphabet.test(canonical)).length > 1)
    return 'cannot mix Latin letters with letters of other alphabets';
  return [...canonical].length > maxUserNameLength || octets(canonical) > maxUserNameBytes
    ? `must have at most ${maxUserNameLength} characters and ${maxUserNameBytes} octets in canonical form`
    : undefined;
}

type FindFault = (name: string) => string | undefined;

const userNameText = (findFault: FindFault) =>
  z
    .string()
    .check(
      z.overwrite(trimText),
      z.refine((text) => text !== '', { error: 'is required', abort: true }),
      z.refine((name) => hasAtMost(name, maxUserNameLength), {
        error: `must have at most ${maxUserNameLength} characters`,
        abort: true,
      }),
      checkText(findFault),
    )
    .meta({
      description:
        'Username: 1 to 254 letters, digits, `.`, `_` and `-`, or an email address. Unique regardless of case. No other user can have the same address as email. White space at the ends is removed.',
      examples: ['jsmith'],
      minLength: 1,
      maxLength: maxUserNameLength,
    });

const findFaultWith =
  (address: z.ZodType<string>): FindFault =>
  (name) =>
    name.includes('@')
      ? address.safeParse(name).error?.issues[0]?.message
      : findPlainNameFault(name);

/** Username. One with `@` must be a valid email address, because it also claims that address. */
export const userNameField = (address: z.ZodType<string>) => userNameText(findFaultWith(address));

export const userName = () => userNameField(internationalEmail());

const anyAddress = buildOnce(anyEmail);

/** Describes the fault of an email that no dialect accepts. */
export const findEmailFault: FindFault = (text) =>
  anyAddress().safeParse(text).error?.issues[0]?.message;

/** Describes the fault of a username that no dialect but SCIM accepts. */
export const findUserNameFault: FindFault = (name) => findFaultWith(anyAddress())(name);

/** Username of any dialect, including SCIM: visible characters, with spaces between them. */
export const anyUserName = () =>
  userNameText((name) => findLineFault(name) && (findUserNameFault(name) ?? findLineFault(name)));

/** Email or username entered at sign-in. Invalid ones match no user. */
export const signInName = () => z.string().overwrite(trimText).max(maxUserNameLength);
