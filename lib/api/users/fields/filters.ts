import * as z from 'zod';
import { canonicalizePrefix } from '../../../domain/kernel/canonical.ts';
import { getIdName, idPatterns } from '../../../domain/kernel/ids.ts';
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
