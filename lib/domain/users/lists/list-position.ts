import { canonicalizeEmail } from '../../kernel/canonical.ts';
import type { ListedUser } from '../user.ts';

/** Field and direction by which a list is sorted. A minus sorts in descending order. */
export const userSorts = [
  'email',
  '-email',
  'createdTime',
  '-createdTime',
  'updatedTime',
  '-updatedTime',
] as const;
export type UserSort = (typeof userSorts)[number];

export const isByTime = (sort: UserSort): boolean => sort.endsWith('Time');
export const isDescending = (sort: UserSort): boolean => sort.startsWith('-');

/** Sorts after all emails. */
const lastCharacter = '\u{10FFFF}';

/** Key of a user in the list: the canonical email. Users without an email are last, by their IDs. */
export const toListKey = ({ userId, email }: Pick<ListedUser, 'userId' | 'email'>): string =>
  email === undefined ? `${lastCharacter}${userId}` : canonicalizeEmail(email);

/**
 * Formats the position of a user in a sorted list. Positions compare as text. The user ID makes
 * positions unique where emails or times can be equal.
 */
export function toPosition(
  { userId, email, status, createdAt, updatedAt }: ListedUser,
  sort: UserSort = 'email',
): string {
  switch (sort) {
    case 'createdTime':
    case '-createdTime':
      return `${createdAt}#${userId}`;
    case 'updatedTime':
    case '-updatedTime':
      // A user without updates has the time of the creation.
      return `${updatedAt ?? createdAt}#${userId}`;
    default:
      return status === 'deleted'
        ? `${toListKey({ userId, email })}#${userId}`
        : toListKey({ userId, email });
  }
}
