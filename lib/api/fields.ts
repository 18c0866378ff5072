import * as z from 'zod';
import { getIdName, idPatterns } from '../domain/kernel/ids.ts';
import { trimText } from './characters.ts';
import { blockText, lineText } from './text.ts';

/** The name of a user, an app client or an owner. White space at its ends is removed. */
export const longName = lineText(4096);
/** A part of a name, and the name of a role or a tenant. */
export const shortName = lineText(255);
export const description = blockText(4096);
export const shortDescription = blockText(1024);

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

/** What is in the link that a person was sent, behind `#token=`. It is what entitles to the call. */
export const linkToken = z.string().max(256).meta({
  writeOnly: true,
  description: 'Token of the link, after `#token=`.',
});
