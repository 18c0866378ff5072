/** Model of the directory: users in tenants with identifiers and statuses. */
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
  /** Previous status of a tombstone. */
  readonly was?: UserStatus;
  /** Status to which a reactivation returns. */
  readonly suspendedFrom?: UserStatus;
  readonly version: number;
}

/** Users in order of creation. Undefined after an erasure. */
export interface Model {
  readonly users: (ModelUser | undefined)[];
  /** IDs of erased users by position. */
  readonly erased: Map<number, { tenant: TenantSlug; userId: string }>;
}

const getSpace = (tenant: TenantSlug): string =>
  tenant === 'north' || tenant === 'south' ? 'shared' : tenant;

/** First identifier that another user in the space of a tenant has. The email comes first. */
export function findHolder(
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
      getSpace(other.tenant) === getSpace(tenant),
  );
  if (others.some((other) => other?.email.toLowerCase() === email.toLowerCase())) return 'email';
  return userName !== null &&
    others.some((other) => other?.userName?.toLowerCase() === userName.toLowerCase())
    ? 'userName'
    : undefined;
}

/** Users that a tenant lists, without tombstones, by email. */
export const listModelUsers = ({ users }: Model, tenant: TenantSlug): ModelUser[] =>
  users
    .filter((user) => user !== undefined && user.tenant === tenant && user.status !== 'deleted')
    .map((user) => user as ModelUser)
    .toSorted((a, b) => (a.email.toLowerCase() < b.email.toLowerCase() ? -1 : 1));

/** Native response of a user, with the fields that the model knows. */
export const toModelView = ({
  tenant: _tenant,
  was: _was,
  suspendedFrom: _suspendedFrom,
  ...user
}: ModelUser): object => user;
