import * as z from 'zod';
import { canonicalizePrefix } from '../../../domain/kernel/canonical.ts';
import { getIdName, idPatterns } from '../../../domain/kernel/ids.ts';
import { parseSearch } from '../../../domain/users/lists/search.ts';
import type { EpochMs } from '../../../domain/kernel/time.ts';
import { roleSlugPattern } from '../../../domain/roles/role.ts';
import { trimText } from '../../characters.ts';
import { anyEmail, maxEmailBytes } from '../../email-address.ts';
import { externalId } from './user-fields.ts';
import { anyUserName } from './user-name.ts';

const spaceHint = 'cannot contain a space; a + in a query means a space, so write it as %2B';

/** Trims a trailing space. Any other space is probably an unescaped `+`. */
const withoutSpaces = () =>
  z
    .string()
    .refine((text) => trimText(text) !== '', { error: 'cannot be blank', abort: true })
    .refine((text) => !/^\p{White_Space}|\p{White_Space}\S/u.test(text), {
      error: spaceHint,
      abort: true,
    });

export const emailFilter = () => withoutSpaces().pipe(anyEmail());

export const userNameFilter = () => withoutSpaces().pipe(anyUserName());

export const externalIdFilter = () =>
  z
    .string()
    .refine((text) => trimText(text) !== '', { error: 'cannot be blank', abort: true })
    .pipe(externalId());

/** Beginning of an email. Rejects a trailing space too, because it may be the `+` of a tag. */
export const emailPrefixFilter = () =>
  z
    .string()
    .max(maxEmailBytes, { abort: true })
    .refine((prefix) => prefix !== '', { error: 'cannot be blank', abort: true })
    .refine((prefix) => !/\p{White_Space}/u.test(prefix), { error: spaceHint, abort: true })
    .regex(
      /^[\p{L}\p{M}\p{N}!#$&'*+/=^_`{|}~.-]*(?:@[\p{L}\p{M}\p{N}._-]*)?$/u,
      'must be the beginning of an email address',
    )
    .refine(
      (prefix) => Buffer.byteLength(canonicalizePrefix(prefix)) <= maxEmailBytes,
      `must have at most ${maxEmailBytes} octets`,
    );

export const roleFilter = () =>
  z
    .string()
    .max(64, { abort: true })
    .refine(
      (id) => idPatterns.role.test(id) && roleSlugPattern.test(getIdName(id)),
      'must be a role ID such as cradl:role:admin',
    );

const maxSearchLength = 100;

/** Words to search for. A space separates words, so an unescaped `+` finds the same users. */
export const searchFilter = () =>
  z
    .string()
    .overwrite(trimText)
    .refine((text) => text !== '', { error: 'cannot be blank', abort: true })
    .refine((text) => Array.from(text).length <= maxSearchLength, {
      error: `must have at most ${maxSearchLength} characters`,
      abort: true,
    })
    .refine((text) => parseSearch(text).length > 0, 'must contain a letter or digit');

/** Time with an offset (RFC 3339). The group has the digits after the milliseconds. */
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3}(\d*))?(?:Z|[+-]\d\d:\d\d)$/;

/** Parses a time. NaN for other text, and for days that do not exist. */
function parseTime(text: string): EpochMs {
  const day = text.slice(0, 10);
  const exists = new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
  return timePattern.test(text) && exists ? Date.parse(text) : Number.NaN;
}

/** Time in milliseconds. Stored times have no smaller parts, so rounding changes no result. */
export const timeFilter = (rounding: 'down' | 'up') =>
  z
    .string()
    .refine((text) => !/ \d\d:\d\d$/.test(text), { error: spaceHint, abort: true })
    .refine((text) => !Number.isNaN(parseTime(text)), {
      error: 'must be a time with an offset, such as 2026-01-31T12:00:00Z',
      abort: true,
    })
    .transform((text) => {
      const hasSmallerParts = /[1-9]/.test(timePattern.exec(text)?.[1] ?? '');
      return parseTime(text) + (rounding === 'up' && hasSmallerParts ? 1 : 0);
    });

/** Part of an identity, which is compared exactly. */
const identityFilter = (max: number) =>
  z
    .string()
    .max(max, { abort: true })
    .refine((text) => trimText(text) !== '', { error: 'cannot be blank', abort: true });

export const identityIssuerFilter = () =>
  identityFilter(512).refine((text) => !/\p{White_Space}/u.test(text), spaceHint);

export const identitySubjectFilter = () =>
  identityFilter(256).refine(
    (text) => trimText(text) === text,
    'cannot begin or end with white space; a + in a query means a space, so write it as %2B',
  );

/** Values by the names of members. */
export const metadataFilter = () =>
  z.record(
    z.string(),
    z
      .string()
      .max(1024, { abort: true })
      .refine((value) => trimText(value) !== '', 'cannot be blank'),
  );
