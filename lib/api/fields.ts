import * as z from 'zod';
import { getIdName, idPatterns, uuidPattern } from '../domain/kernel/ids.ts';
import { maxUserRoles } from '../domain/users/user.ts';
import { tenantSlugPattern } from '../domain/tenants/slug.ts';
import { trimText } from './characters.ts';
import { blockText, lineText } from './text.ts';

/** Name of a user, app client or owner. */
export const longName = () => lineText(4096);
/** First or last name, or the name of a role or tenant. */
export const shortName = () => lineText(255);
export const description = () => blockText(4096);
export const shortDescription = () => blockText(1024);

const maxLocaleLength = 35;

/** Canonical form of a language tag (RFC 5646) or POSIX locale. Undefined for any other text. */
function toCanonicalLocale(text: string): string | undefined {
  const tag = text.replaceAll('_', '-');
  // Registered languages have two or three letters.
  if (!/^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i.test(tag)) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

/** Language tag in canonical form. */
export const languageTag = () =>
  z.string().check(
    z.overwrite(trimText),
    z.refine((text) => text !== '', { error: 'is required', abort: true }),
    z.maxLength(maxLocaleLength, {
      error: `must have at most ${maxLocaleLength} characters`,
      abort: true,
    }),
    z.refine((text) => toCanonicalLocale(text) !== undefined, {
      error: 'must be a BCP 47 language tag such as de-CH',
      abort: true,
    }),
    z.overwrite((text) => toCanonicalLocale(text) ?? text),
  );

/** The domain checks the password policy. */
export const password = () =>
  z
    .string()
    .meta({ writeOnly: true, format: 'password', description: 'Password. Never returned.' });

const roleIdText = () =>
  z
    .string()
    .max(64, { abort: true })
    .regex(idPatterns.role, 'must be a role ID such as cradl:role:admin')
    .meta({ examples: ['cradl:role:user'] });

/** Role ID, converted to its slug. */
export const roleId = () => roleIdText().transform(getIdName);

/** Role IDs, converted to slugs. */
export const roleIds = () =>
  z
    .array(roleIdText())
    .max(maxUserRoles)
    .transform((ids) => ids.map(getIdName));

/** Role slugs. The domain checks that they exist. */
export const roleNames = () =>
  z
    .array(
      z
        .string()
        .max(64)
        .meta({ examples: ['user'] }),
    )
    .max(maxUserRoles);

/** Roles of a new user. */
export const newUserRoleIds = () =>
  roleIds().optional().meta({
    description: 'IDs of the roles. Default: the default role of the tenant, if it has one.',
  });

/** App client ID, converted to its name. */
export const appClientId = () =>
  z
    .string()
    .max(128, { abort: true })
    .regex(idPatterns['app-client'], 'must be an app client ID such as cradl:app-client:default')
    .transform(getIdName);

/** Token of a mailed or copied link, after `#token=`. */
export const linkToken = () =>
  z.string().max(256).meta({
    writeOnly: true,
    description: 'Token of the link, after `#token=`.',
  });

/** Slug or ID of the tenant, in requests without a token. */
export const tenantSlugOrId = () =>
  z
    .string()
    .overwrite(trimText)
    .refine((name) => name !== '', { error: 'is required', abort: true })
    .max(63, { abort: true })
    .refine(
      (name) => tenantSlugPattern.test(name.toLowerCase()) || uuidPattern.test(name),
      'must be the slug or the ID of a tenant',
    )
    .meta({
      description:
        'Slug or ID of the tenant. Optional if `X-Tenant-ID` or the host names the tenant.',
      examples: ['acme'],
    });
