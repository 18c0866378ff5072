/** The fields that dialects share: one rule for each, whatever it is called on the wire. */
import * as z from 'zod';
import { canonicalEmail } from '../domain/canonical.ts';
import { idPatterns, nameOf } from '../domain/ids.ts';
import { tryPasswordHash } from '../domain/passwords/password-hash.ts';
import { freeFormExcess } from '../domain/users/free-form.ts';
import { rasterImage } from './avatar.ts';

const octets = (text: string): number => Buffer.byteLength(text);

/**
 * An e-mail address of the given form. Sizes (RFC 5321 §4.5.3.1, RFC 1035 §2.3.4) come before the pattern, so that no
 * pattern sees more than 254 characters; what it folds to must be an address of that form and size too.
 */
export const emailAddress = (pattern: RegExp) => {
  const fits = (email: string): boolean => {
    const at = email.lastIndexOf('@');
    return (
      octets(email) <= 254 &&
      octets(email.slice(0, at)) <= 64 &&
      email
        .slice(at + 1)
        .split('.')
        .every((label) => octets(label) <= 63)
    );
  };
  return z
    .string()
    .max(254, { error: 'must have at most 254 octets', abort: true })
    .refine(fits, { error: 'must have at most 254 octets, 64 before the @ and 63 in each label of the domain', abort: true })
    .refine((email) => !/[%?]/.test(email), {
      error: 'cannot contain % or ?, because the gateway decodes paths twice and a path could name another user',
      abort: true,
    })
    .refine((email) => pattern.test(email), { error: 'must be an email address', abort: true })
    .refine((email) => fits(canonicalEmail(email)) && pattern.test(canonicalEmail(email)), 'must be an email address in canonical form too')
    .meta({ description: 'Unique, whatever its case, width or Unicode form.', examples: ['jsmith@example.com'] });
};

/**
 * Addresses as mail systems take them unquoted (RFC 5321 dot-atom, RFC 6531 letters): one `@`, no control, space, bidi or
 * zero-width character, a domain of at least two labels.
 */
export const internationalEmail = emailAddress(
  /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}!#$&'*+/=^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$&'*+/=^_`{|}~-]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])?\.)+(?:\p{L}[\p{L}\p{M}]+|xn--[a-z0-9-]+)$/iu,
);

/** Text of up to so many code points, kept exactly as it was sent. */
export const text = (most: number, least = 0) =>
  z
    .string()
    .refine((value) => value.length <= most * 2 && [...value].length <= most, {
      error: `must have at most ${most} characters`,
      abort: true,
    })
    .refine((value) => value.length >= least, `must have at least ${least} character${least === 1 ? '' : 's'}`)
    .meta({ maxLength: most, ...(least > 0 && { minLength: least }) });

export const longText = text(4096);
export const shortText = text(255);

/** The user name of Credible's page; unique whatever its case. */
export const userName = z
  .string()
  .max(64, { abort: true })
  .regex(/^[a-zA-Z0-9_-]+$/, 'must have only letters, digits, _ and -')
  .meta({ description: 'Unique, whatever its case.', examples: ['jsmith'] });

/** A language tag (BCP 47). One that nobody speaks here is kept, and answered in the language of the tenant. */
export const locale = z
  .string()
  .max(35)
  .meta({ description: 'The language that the person reads: a BCP 47 tag. Mails are in it where they can be.', examples: ['de-CH'] });

/** Judged by the policy on passwords, not by its form. */
export const password = z.string().meta({ writeOnly: true, format: 'password', description: 'Never returned.' });

/** A password hash from another system. Its form is checked here, its cost and strength by the domain. */
export const passwordHash = z
  .string()
  .check(({ value, issues }) => {
    const { fault } = tryPasswordHash(value);
    if (fault !== undefined) issues.push({ code: 'custom', message: fault, input: undefined });
  })
  .meta({
    writeOnly: true,
    description:
      'The hash of the password in the system that the user comes from, instead of a password: a PHC string of `argon2id` (version 19), `scrypt`, `pbkdf2-sha256` or `pbkdf2-sha512`, or a bcrypt hash (`$2a$`, `$2b$`, `$2y$`). Parameters may have any order. Salt and tag are base64, base64url or that of passlib, with or without padding. The salt has up to 128 bytes. The tag has 16, 32 or 64 bytes; of PBKDF2 also 20, 128, 256 or 512, or as `l` states. Less than 32 bytes of tag or 8 of salt needs `acceptWeakPasswordHash`. The spellings of Django (`pbkdf2_sha256$…`, `scrypt$…`, `argon2$…`, `bcrypt$…`), LDAP and Spring (`{ARGON2}`, `{PBKDF2-SHA256}`, `{bcrypt}`, `{CRYPT}$2y$…`) are accepted too. Never returned. Replaced by a new hash when the user signs in, except for bcrypt if the password has 72 bytes or more.',
    examples: ['$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
  });

const mostRoles = 100;

/** Cradl's role ids → slugs. */
export const roleIds = z
  .array(
    z
      .string()
      .max(64, { abort: true })
      .regex(idPatterns.role, 'must be a role ID such as cradl:role:admin')
      .meta({ examples: ['cradl:role:user'] }),
  )
  .max(mostRoles)
  .transform((ids) => ids.map(nameOf));

/** Role names, which are slugs. Whether they exist is for the tenant to say. */
export const roleNames = z
  .array(
    z
      .string()
      .max(64)
      .meta({ examples: ['user'] }),
  )
  .max(mostRoles);

/** `cradl:app-client:<name>` → `<name>`. */
export const appClientId = z
  .string()
  .max(128, { abort: true })
  .regex(idPatterns['app-client'], 'must be an app client ID such as cradl:app-client:default')
  .transform(nameOf);

/** An object of the caller's own: up to 64 KiB of JSON and 32 levels. */
const bounded = <Schema extends z.ZodType>(schema: Schema) =>
  schema.check(({ value, issues }) => {
    const message = freeFormExcess(value);
    if (message !== undefined) issues.push({ code: 'custom', message, input: undefined });
  });

export const metadata = bounded(z.record(z.string(), z.unknown())).meta({ description: 'Yours to fill; every value comes back exactly.' });

const flag = z.boolean().default(false);

/** Credible's onboarding flags: the four known ones are always there, others are kept. */
export const onboarding = z.looseObject({
  projectTutorial: z
    .looseObject({
      hasClickedCreateModel: flag,
      doNotShowModelIntro: flag,
      doNotShowSchemaExplorerTip: flag,
      doNotShowTutorialInHomePanel: flag,
    })
    .prefault({}),
});

export const tutorialStatus = bounded(onboarding).meta({ description: 'How far the onboarding tutorials have come.' });

const changedFlag = z.boolean().nullable().optional();

/** The same in a change: what is left out stays as it is. */
export const tutorialStatusChange = bounded(
  z.looseObject({
    projectTutorial: z
      .looseObject({
        hasClickedCreateModel: changedFlag,
        doNotShowModelIntro: changedFlag,
        doNotShowSchemaExplorerTip: changedFlag,
        doNotShowTutorialInHomePanel: changedFlag,
      })
      .nullable()
      .optional(),
  }),
).meta({ description: 'What is to be different about the onboarding tutorials.' });

/** A picture as a data URI. */
export const avatar = z
  .string()
  .max(262_166, { abort: true })
  .refine(rasterImage, 'must be a data URI (base64) of a PNG, JPEG, GIF or WebP image')
  .meta({ description: 'PNG, JPEG, GIF or WebP as a data URI of up to 262,166 characters.' });

export const authProvider = z.enum(['local', 'oidc', 'saml']).default('local');

/** For a body that changes something. */
export const namesSomething = (body: object): boolean => Object.values(body).some((value) => value !== undefined);
export const nothingNamed = 'must name at least one field';

/** What is in the link that a person was sent, behind `#token=`. It is what entitles to the call. */
export const linkToken = z
  .string()
  .max(256)
  .meta({ writeOnly: true, description: 'What stands behind `#token=` in the link. It says who calls, and entitles to nothing else.' });
