import { isDeepStrictEqual } from 'node:util';
import { canonicalizeEmail, canonicalizeUserName } from '../kernel/canonical.ts';
import type { UserRef } from '../users/user-store.ts';
import type { Profile, User } from '../users/user.ts';

type Identifiers = Pick<Profile, 'email' | 'userName' | 'externalId' | 'identity'>;

/** Lists the identifiers of a user. Two users conflict only if they share one. */
export function listIdentifiers({
  email,
  userName,
  externalId,
  identity,
}: Identifiers): readonly string[] {
  const name = userName === undefined ? undefined : canonicalizeUserName(userName);
  return [
    ...(email === undefined ? [] : [canonicalizeEmail(email)]),
    ...(name === undefined ? [] : [name.includes('@') ? name : `userName ${name}`]),
    ...(externalId === undefined ? [] : [`externalId ${externalId}`]),
    ...(identity === undefined
      ? []
      : [`identity ${JSON.stringify([identity.issuer, identity.subject])}`]),
  ];
}

/** True if a reference matches a user. */
export function hasIdentifier(user: User, ref: UserRef): boolean {
  if ('userId' in ref) return user.userId === ref.userId;
  if ('externalId' in ref) return user.externalId === ref.externalId;
  if ('identity' in ref) return isDeepStrictEqual(user.identity, ref.identity);
  const email = user.email === undefined ? undefined : canonicalizeEmail(user.email);
  if ('email' in ref) return email === canonicalizeEmail(ref.email);
  const userName = user.userName === undefined ? undefined : canonicalizeUserName(user.userName);
  if ('userName' in ref) return userName === canonicalizeUserName(ref.userName);
  return [email, userName].includes(canonicalizeEmail(ref.address));
}
