/** The fields that dialects share: one rule for each, whatever it is called on the wire. */
import * as z from 'zod';
import { canonicalizeEmail, canonicalizeUserName } from '../domain/kernel/canonical.ts';
import { idPatterns, getIdName } from '../domain/kernel/ids.ts';
import { checkJsonLimits } from '../domain/kernel/json-merge-patch.ts';
import { isRasterImage } from './users/avatar.ts';
import { findBlockFault, findLineFault, trimText } from './characters.ts';
import { emailPatterns } from './email-patterns.ts';

/** RFC 5321 §4.5.3.1.3: a path of 256 octets, without its brackets. */
export const maxEmailBytes = 254;

const octets = (text: string): number => Buffer.byteLength(text);

/** Check that reports the fault that `refused` finds. */
export const checkText =
  (findFault: (text: string) => string | undefined) =>
  ({ value, issues }: { readonly value: string; readonly issues: z.core.$ZodRawIssue[] }): void => {
    const message = findFault(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: value });
  };

/**
 * An email address of one of the given forms. Sizes (RFC 5321 §4.5.3.1, RFC 1035 §2.3.4) are checked first, because no pattern must
 * see more than 254 characters. The canonical form must be an address of that form and size, too.
 */
export const emailAddress = (...patterns: readonly RegExp[]) => {
  const hasForm = (email: string): boolean => patterns.some((pattern) => pattern.test(email));
  const fits = (email: string): boolean => {
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
  return z
    .string()
    .overwrite(trimText)
    .refine((text) => text !== '', { error: 'is required', abort: true })
    .max(maxEmailBytes, { error: `must have at most ${maxEmailBytes} octets`, abort: true })
    .refine((email) => !/\p{White_Space}.*@|@.*\p{White_Space}/u.test(email), {
      error: 'must be an email address without white space',
      abort: true,
    })
    .check(checkText(findLineFault))
    .refine(fits, {
      error: 'must have at most 254 octets, 64 before the @ and 63 in each label of the domain',
      abort: true,
    })
    .refine((email) => !/[%?]/.test(email), {
      error:
        'cannot contain % or ?, because the gateway decodes paths twice and a path could name another user',
      abort: true,
    })
    .refine(hasForm, { error: 'must be an email address', abort: true })
    .refine(
      (email) => fits(canonicalizeEmail(email)) && hasForm(canonicalizeEmail(email)),
      'must be an email address in canonical form too',
    )
    .meta({
      description:
        'Email. Unique regardless of case, width and Unicode form. White space at the ends is removed.',
      examples: ['jsmith@example.com'],
    });
};

/** An address as Roster's own API and JITSudo's take it. */
export const internationalEmail = emailAddress(emailPatterns.international);

/** Email address of any dialect. */
export const anyEmail = emailAddress(...Object.values(emailPatterns));

const hasAtMost = (text: string, max: number): boolean =>
  text.length <= max * 2 && [...text].length <= max;

/**
 * Text that people see on one line, of up to `max` code points: trimmed, without line breaks and without characters that are
 * invisible or change the writing direction.
 */
export const lineText = (max: number) =>
  z
    .string()
    .overwrite(trimText)
    .refine((text) => text !== '', { error: 'is required', abort: true })
    .refine((text) => hasAtMost(text, max), {
      error: `must have at most ${max} characters`,
      abort: true,
    })
    .check(checkText(findLineFault))
    .meta({ maxLength: max, minLength: 1 });

/** Text of several lines, of up to `max` code points: stored exactly. */
const blockText = (max: number) =>
  z
    .string()
    .refine((text) => hasAtMost(text, max), {
      error: `must have at most ${max} characters`,
      abort: true,
    })
    .check(checkText(findBlockFault))
    .meta({ maxLength: max });

const findUrlFault = (text: string): string | undefined =>
  /\p{White_Space}/u.test(text) ? 'cannot contain white space' : findLineFault(text);

/** The text of a URL, of up to `max` octets: whether it is a URL is for the field to say. */
export const urlText = (max: number) =>
  z
    .string()
    .max(max, { abort: true })
    .refine((text) => octets(text) <= max, {
      error: `must have at most ${max} octets`,
      abort: true,
    })
    .check(checkText(findUrlFault));

/** The name of a user, an app client or an owner. White space at its ends is removed. */
export const longName = lineText(4096);
/** A part of a name, and the name of a role or a tenant. */
export const shortName = lineText(255);
export const description = blockText(4096);
export const shortDescription = blockText(1024);

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

const maxLocale = 35;

/** The canonical spelling of a language tag (RFC 5646); undefined for a text that is none. POSIX locales such as `de_DE` count as tags. */
function canonicalLocale(text: string): string | undefined {
  const tag = text.replaceAll('_', '-');
  // A language has two or three letters: no longer one is registered.
  if (!/^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i.test(tag)) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

/** A language tag, stored in its canonical spelling. */
export const languageTag = z
  .string()
  .overwrite(trimText)
  .refine((text) => text !== '', { error: 'is required', abort: true })
  .max(maxLocale, { error: `must have at most ${maxLocale} characters`, abort: true })
  .refine((text) => canonicalLocale(text) !== undefined, {
    error: 'must be a BCP 47 language tag such as de-CH',
    abort: true,
  })
  .overwrite((text) => canonicalLocale(text) ?? text);

/** A language tag (BCP 47). One that nobody speaks here is kept, and answered in the language of the tenant. */
export const locale = languageTag.meta({
  description:
    'Language of the user as a BCP 47 tag. Mails use it if a translation exists. Default: the language of the tenant.',
  examples: ['de-CH'],
});

/** Judged by the policy on passwords, not by its form. */
export const password = z
  .string()
  .meta({ writeOnly: true, format: 'password', description: 'Password. Never returned.' });

const maxRoles = 100;

/** Cradl's role ids → slugs. */
export const roleIds = z
  .array(
    z
      .string()
      .max(64, { abort: true })
      .regex(idPatterns.role, 'must be a role ID such as cradl:role:admin')
      .meta({ examples: ['cradl:role:user'] }),
  )
  .max(maxRoles)
  .transform((ids) => ids.map(getIdName));

/** Role names, which are slugs. Whether they exist is for the tenant to say. */
export const roleNames = z
  .array(
    z
      .string()
      .max(64)
      .meta({ examples: ['user'] }),
  )
  .max(maxRoles);

/** `cradl:app-client:<name>` → `<name>`. */
export const appClientId = z
  .string()
  .max(128, { abort: true })
  .regex(idPatterns['app-client'], 'must be an app client ID such as cradl:app-client:default')
  .transform(getIdName);

/** An object of the caller's own: up to 64 KiB of JSON and 32 levels. */
const withJsonLimits = <Schema extends z.ZodType>(schema: Schema) =>
  schema.check(({ value, issues }) => {
    const message = checkJsonLimits(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: undefined });
  });

export const metadata = withJsonLimits(z.record(z.string(), z.unknown())).meta({
  description: 'Free-form JSON object of up to 64 KiB and 32 levels, returned unchanged.',
});

const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);

const projectTutorial = z.looseObject({
  hasClickedCreateModel: flag,
  doNotShowModelIntro: flag,
  doNotShowSchemaExplorerTip: flag,
  doNotShowTutorialInHomePanel: flag,
});

/** Credible's onboarding flags: the four known ones are always there, others are kept. */
export const tutorialFlags = z.looseObject({
  projectTutorial: projectTutorial
    .nullish()
    .transform((value) => value ?? projectTutorial.parse({})),
});

export const tutorialStatus = withJsonLimits(tutorialFlags).meta({
  description: 'Progress of the onboarding tutorials.',
});

const flagUpdate = z.boolean().nullable().optional();

/** The same in a change: what is left out stays as it is. */
export const tutorialStatusUpdate = withJsonLimits(
  z.looseObject({
    projectTutorial: z
      .looseObject({
        hasClickedCreateModel: flagUpdate,
        doNotShowModelIntro: flagUpdate,
        doNotShowSchemaExplorerTip: flagUpdate,
        doNotShowTutorialInHomePanel: flagUpdate,
      })
      .nullable()
      .optional(),
  }),
).meta({ description: 'Changes to the progress of the onboarding tutorials.' });

/** A picture as a data URI. */
export const avatar = z
  .string()
  .max(262_166, { abort: true })
  .refine(isRasterImage, 'must be a data URI (base64) of a PNG, JPEG, GIF or WebP image')
  .meta({ description: 'PNG, JPEG, GIF or WebP image as a data URI of up to 262,166 characters.' });

export const authProvider = z.enum(['local', 'oidc', 'saml']).default('local');

/** What is in the link that a person was sent, behind `#token=`. It is what entitles to the call. */
export const linkToken = z.string().max(256).meta({
  writeOnly: true,
  description: 'Token of the link, after `#token=`.',
});
