import type { User } from '../../domain/users/user.ts';

export const bytesPerReadUnit = 4096;
/** Allowance for all fields that are not measured. */
const otherBytes = 2048;

/** Fields that can be large. Only a change of the user changes them. */
const largeFields = [
  'description',
  'identity',
  'metadata',
  'name',
  'firstName',
  'lastName',
  'businessRole',
  'tutorialStatus',
] as const;

/** Upper bound of the read units of a user's item. A power of two, so it seldom changes. */
export function countReadUnits(user: Pick<User, (typeof largeFields)[number]>): number {
  const bytes =
    otherBytes +
    largeFields.reduce(
      (total, field) => total + Buffer.byteLength(JSON.stringify(user[field]) ?? ''),
      0,
    );
  return 2 ** Math.ceil(Math.log2(Math.ceil(bytes / bytesPerReadUnit)));
}

/** Size of a user in the email claim, where a list reads it first. Absent for 1 unit. */
export function toSizeAttribute(user: User): { readonly readUnits?: number } {
  const readUnits = countReadUnits(user);
  return readUnits > 1 ? { readUnits } : {};
}
