import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import type { User } from '../../domain/users/user.ts';
import type { CreationRecord } from '../../domain/users/user-store.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import { keys } from '../keys.ts';
import { putIfAbsent, type Write } from '../dynamodb/transaction.ts';
import { countReadUnits, toSizeAttribute } from './user-size.ts';
import { type Claim, toClaims, toItem, toOutboxAttributes } from './user-items.ts';

/** Takes a name. Only a claim is asked for when it is refused: a secret that stands in the way must not come back. */
export const putClaim = (directory: string, user: User, { key, field }: Claim): Write =>
  putIfAbsent(
    directory,
    {
      ...key,
      tenantId: user.tenantId,
      userId: user.userId,
      ...(field === 'email' && toSizeAttribute(user)),
    },
    { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
  );

/** Notes another size of a user in the claim of an email that they keep. */
export function buildClaimUpdate(directory: string, before: User, after: User): Write[] {
  const readUnits = countReadUnits(after);
  if (countReadUnits(before) === readUnits) return [];
  const { tenantId, userId } = after;
  return [
    {
      Update: {
        TableName: directory,
        Key: { ...keys.emailClaim(tenantId, canonicalizeEmail(after.email)) },
        UpdateExpression: 'SET readUnits = :readUnits',
        ConditionExpression: 'userId = :userId',
        ExpressionAttributeValues: { ':readUnits': readUnits, ':userId': userId },
      },
    },
  ];
}

/** What a new user is in the directory: a write for each of its `claims`, in their order, and then the user. */
export function buildUserWrites(
  directory: string,
  user: User,
  creation: CreationRecord,
  uniqueness: Tenant['uniqueness'],
): { readonly claims: readonly Claim[]; readonly writes: readonly Write[] } {
  const claims = toClaims(user, uniqueness);
  const item = {
    ...keys.user(user.tenantId, user.userId),
    ...toItem(user),
    ...toOutboxAttributes(user),
    creation,
  };
  return {
    claims,
    writes: [
      ...claims.map((each) => putClaim(directory, user, each)),
      putIfAbsent(directory, item),
    ],
  };
}
