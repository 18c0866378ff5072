import { Failure } from '../../domain/kernel/failure.ts';
import type { User } from '../../domain/users/user.ts';
import {
  type ConditionalWrite,
  putIfAbsent,
  returnExisting,
  type Write,
} from '../dynamodb/transaction.ts';
import type { Claim } from './claims.ts';
import { toEntry } from './user-entry.ts';

/** Builds the item of a claim, which is the entry of the user or an alias in the list. */
export function toClaimItem(user: User, { key, inList }: Claim): object {
  if (inList === 'entry') return toEntry(key, user);
  const { tenantId, userId } = user;
  return { ...key, tenantId, userId, ...(inList === 'alias' && { alias: true }) };
}

/**
 * Reserves identifiers. Claims contain no secrets, so a conflict can return the existing item. Use
 * only its user ID, because an entry has personal data.
 */
export const putClaims = (
  directory: string,
  user: User,
  claims: readonly Claim[],
): ConditionalWrite<Claim['field']>[] =>
  claims.map((claim) => ({
    write: putIfAbsent(directory, toClaimItem(user, claim), returnExisting),
    conflict: claim.field,
  }));

const ifHeldBy = ({ userId }: User) => ({
  ConditionExpression: 'userId = :userId',
  ExpressionAttributeValues: { ':userId': userId },
});

/** For a user whose claims are faulty. A retry would fail as well. */
export const claimNotHeld = (): Failure =>
  new Failure(
    'unavailable',
    'This user cannot be changed until an operator repairs the directory',
    {
      cause: new Error('a claim of the user is missing or belongs to another user'),
    },
  );

export const replaceClaim = (directory: string, user: User, claim: Claim): Write =>
  putIfAbsent(directory, toClaimItem(user, claim), ifHeldBy(user));

export const releaseClaim = (directory: string, user: User, { key }: Claim): Write => ({
  Delete: { TableName: directory, Key: { ...key }, ...ifHeldBy(user) },
});

/**
 * Compares the claims before and after a change. `replaced` has the entry, which changes with its
 * user, and addresses that change between entry and alias.
 */
export function diffClaims(current: readonly Claim[], next: readonly Claim[]) {
  const find = (claims: readonly Claim[], { key }: Claim) =>
    claims.find((claim) => claim.key.pk === key.pk && claim.key.sk === key.sk);
  return {
    added: next.filter((claim) => !find(current, claim)),
    replaced: next.filter((claim) => {
      const earlier = find(current, claim);
      return earlier && (claim.inList === 'entry' || claim.inList !== earlier.inList);
    }),
    released: current.filter((claim) => !find(next, claim)),
  };
}
