import { createHash } from 'node:crypto';
import type { ManagedBy } from '../../domain/connections/managed-by.ts';
import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import { isBeingErased, type User } from '../../domain/users/user.ts';
import { type Key, keys } from '../keys.ts';
import { toKeyText } from './claims.ts';

/** Longest canonical email in a sort key, which also has a user ID. */
const maxMailBytes = 400;

/** More emails of a user have no references. */
const maxMailValues = 32;

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Returns the key of a reference, or its prefix without a user ID. */
export const toScimIdKey = (
  tenantId: string,
  { connectionId, externalId }: ManagedBy & { readonly externalId: string },
  userId = '',
): Key => keys.scimIdReference(tenantId, { connectionId, hash: hash(externalId), userId });

/** Returns the key of a reference, or its prefix without a user ID. */
export const toMailValueKey = (tenantId: string, email: string, userId = ''): Key =>
  keys.mailReference(tenantId, toKeyText(canonicalizeEmail(email), maxMailBytes), userId);

/**
 * Lists the items that lead to a managed user by the ID in the identity provider, and by emails
 * that the user does not claim. A deleted user can only be found by the ID.
 */
export function toReferenceKeys(user: User): readonly Key[] {
  const { tenantId, userId, managedBy, status } = user;
  if (isBeingErased(user)) return [];
  const { connectionId, externalId } = managedBy ?? {};
  return [
    ...(connectionId === undefined || externalId === undefined
      ? []
      : [toScimIdKey(tenantId, { connectionId, externalId }, userId)]),
    ...(status === 'deleted'
      ? []
      : listMailValues(user).map((email) => toMailValueKey(tenantId, email, userId))),
  ];
}

/** Lists the distinct emails in the SCIM attributes of a user, except the claimed one. */
function listMailValues({ email, scimAttributes }: User): readonly string[] {
  if (scimAttributes === undefined) return [];
  const { emails = [] } = JSON.parse(scimAttributes) as { emails?: readonly { value?: unknown }[] };
  const values = emails.flatMap(({ value }) =>
    typeof value === 'string' ? canonicalizeEmail(value) : [],
  );
  const others = new Set(values);
  if (email !== undefined) others.delete(canonicalizeEmail(email));
  return [...others].slice(0, maxMailValues);
}
