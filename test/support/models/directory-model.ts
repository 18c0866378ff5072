/** What the directory is, told plainly: users in tenants, what they are called, and where they stand. */
import type { UserStatus } from '../../../lib/domain/users/user.ts';
import type { TenantSlug } from '../service.ts';

export interface ModelUser {
  readonly tenant: TenantSlug;
  readonly userId: string;
  readonly email: string;
  readonly userName: string | null;
  readonly name: string | null;
  readonly roleIds: readonly string[];
  readonly status: UserStatus;
  /** What a tombstone was. */
  readonly was?: UserStatus;
  readonly version: number;
}

/** Users in the order in which they were created; one that was erased is undefined. */
export interface Model {
  readonly users: (ModelUser | undefined)[];
  /** The ids of those that were erased, by their places. */
  readonly erased: Map<number, { tenant: TenantSlug; userId: string }>;
}

const spaceOf = (tenant: TenantSlug): string =>
  tenant === 'north' || tenant === 'south' ? 'shared' : tenant;

/** Which of these names somebody else holds in the space of a tenant: the e-mail is told first. */
export function heldIn(
  { users }: Model,
  {
    tenant,
    userId,
    email,
    userName,
  }: Pick<ModelUser, 'tenant' | 'email' | 'userName'> & { readonly userId?: string },
): 'email' | 'userName' | undefined {
  const others = users.filter(
    (other) =>
      other !== undefined &&
      other.status !== 'deleted' &&
      other.userId !== userId &&
      spaceOf(other.tenant) === spaceOf(tenant),
  );
  if (others.some((other) => other?.email.toLowerCase() === email.toLowerCase())) return 'email';
  return userName !== null &&
    others.some((other) => other?.userName?.toLowerCase() === userName.toLowerCase())
    ? 'userName'
    : undefined;
}

/** What a tenant lists: those that are no tombstones, in the order of their e-mails. */
export const listed = ({ users }: Model, tenant: TenantSlug): ModelUser[] =>
  users
    .filter((user) => user !== undefined && user.tenant === tenant && user.status !== 'deleted')
    .map((user) => user as ModelUser)
    .toSorted((a, b) => (a.email.toLowerCase() < b.email.toLowerCase() ? -1 : 1));

/** A user as the native API shows it, as far as the model knows. */
export const shownOf = ({ tenant: _tenant, was: _was, ...user }: ModelUser): object => user;
