import type { Creation, User } from '../domain/users/user.ts';
import type { Tenant } from '../domain/tenants.ts';
import { keys } from './keys.ts';
import { putNew, type Write } from './transaction.ts';
import { type Claim, claimsOf, itemOf, owedAttributes } from './user-items.ts';

/** Takes a name. Only a claim is asked for when it is refused: a secret that stands in the way must not come back. */
export const claim = (directory: string, { tenantId, userId }: User, { key }: Claim): Write =>
  putNew(directory, { ...key, tenantId, userId }, { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });

/** What a new user is in the directory: a write for each of its `claims`, in their order, and then the user. */
export function newUserWrites(
  directory: string,
  user: User,
  creation: Creation,
  uniqueness: Tenant['uniqueness'],
): { readonly claims: readonly Claim[]; readonly writes: readonly Write[] } {
  const claims = claimsOf(user, uniqueness);
  const item = { ...keys.user(user.tenantId, user.userId), ...itemOf(user), ...owedAttributes(user), creation };
  return { claims, writes: [...claims.map((each) => claim(directory, user, each)), putNew(directory, item)] };
}
