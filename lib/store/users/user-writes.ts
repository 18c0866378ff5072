import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import type { CreationRecord, User } from '../../domain/users/user.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import { keys } from '../keys.ts';
import { putNew, type Write } from '../dynamodb/transaction.ts';
import { countReadUnits, sizeAttribute } from './user-size.ts';
import { type Claim, claimsOf, itemOf, owedAttributes } from './user-items.ts';

/** Takes a name. Only a claim is asked for when it is refused: a secret that stands in the way must not come back. */
export const claim = (directory: string, user: User, { key, field }: Claim): Write =>
  putNew(
    directory,
    {
      ...key,
      tenantId: user.tenantId,
      userId: user.userId,
      ...(field === 'email' && sizeAttribute(user)),
    },
    { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
  );

/** Notes another size of a user in the claim of an email that they keep. */
export function resizeClaim(directory: string, before: User, after: User): Write[] {
  const readUnits = countReadUnits(after);
  if (countReadUnits(before) === readUnits) return [];
  const { tenantId, userId } = after;
  return [
    {
      Update: {
        TableName: directory,
        Key: { ...keys.email(tenantId, canonicalizeEmail(after.email)) },
        UpdateExpression: 'SET readUnits = :readUnits',
        ConditionExpression: 'userId = :userId',
        ExpressionAttributeValues: { ':readUnits': readUnits, ':userId': userId },
      },
    },
  ];
}

/** What a new user is in the directory: a write for each of its `claims`, in their order, and then the user. */
export function newUserWrites(
  directory: string,
  user: User,
  creation: CreationRecord,
  uniqueness: Tenant['uniqueness'],
): { readonly claims: readonly Claim[]; readonly writes: readonly Write[] } {
  const claims = claimsOf(user, uniqueness);
  const item = {
    ...keys.user(user.tenantId, user.userId),
    ...itemOf(user),
    ...owedAttributes(user),
    creation,
  };
  return {
    claims,
    writes: [...claims.map((each) => claim(directory, user, each)), putNew(directory, item)],
  };
}
