import type { User } from '../../domain/users/user.ts';

/** Bytes that one read unit reads. */
const unitBytes = 4096;
/** Allowance for all fields that are not measured. */
const otherBytes = 2048;

/** Fields that can be large, and that only a change of the user itself changes. */
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

/** Read units of a user's item, at most: a power of two, so it seldom changes. */
export function countReadUnits(user: Pick<User, (typeof largeFields)[number]>): number {
  const bytes =
    otherBytes +
    largeFields.reduce(
      (total, field) => total + Buffer.byteLength(JSON.stringify(user[field]) ?? ''),
      0,
    );
  return 2 ** Math.ceil(Math.log2(Math.ceil(bytes / unitBytes)));
}

/** The size of a user in the claim of their email, by which a list knows it before it reads them. Absent for 1 unit. */
export function toSizeAttribute(user: User): { readonly readUnits?: number } {
  const readUnits = countReadUnits(user);
  return readUnits > 1 ? { readUnits } : {};
}
