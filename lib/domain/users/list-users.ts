import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { getInvitationStatus, type InvitationStatus } from '../invitations/invitation.ts';
import {
  type CanonicalEmail,
  canonicalizeEmail,
  canonicalizePrefix,
  canonicalizeUserName,
} from '../kernel/canonical.ts';
import { invalidInput } from '../kernel/failure.ts';
import type { Slug } from '../kernel/ids.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { UserStore } from './user-store.ts';
import type { AuthProvider, User, UserStatus } from './user.ts';

/** Conditions that listed users meet. All must hold. */
export interface UserFilter {
  readonly email?: string | undefined;
  readonly userName?: string | undefined;
  readonly emailPrefix?: string | undefined;
  readonly status?: UserStatus | undefined;
  readonly role?: Slug | undefined;
  readonly authProvider?: AuthProvider | undefined;
  /** `any` matches users who were ever invited, `none` users who wait for a first invitation. */
  readonly invitation?: InvitationStatus | 'any' | 'none' | undefined;
}

interface UserQuery {
  readonly filter: UserFilter;
  readonly after: CanonicalEmail | undefined;
  readonly limit: number;
}

export interface UserPage {
  readonly users: readonly User[];
  /** Email after which the next page starts. Undefined on the last page. */
  readonly next: CanonicalEmail | undefined;
}

/** Limits the cost of a page, whose users may be large or rarely match. */
const maxReadUnits = 300;
const batchSize = 100;

export interface ListUsersDependencies {
  readonly policy: Policy;
  readonly tenants: Pick<TenantStore, 'findCurrent'>;
  readonly users: UserStore;
  readonly now: () => Date;
}

/**
 * Lists users in the order of their canonical emails. A page stops after 300 read units, so it can
 * be short or empty and still have a next page. Throws `forbidden`, or `invalid_input` for an
 * unknown role.
 */
export async function listUsers(
  query: UserQuery,
  context: RequestContext,
  deps: ListUsersDependencies,
): Promise<UserPage> {
  deps.policy.authorize(context, 'getUser', {});
  const { email, userName, role } = query.filter;
  if (role !== undefined) await assertRoleExists(role, context, deps);
  if (email === undefined && userName === undefined) return scanUsers(query, context, deps);
  const ref = email === undefined ? { userName: userName ?? '' } : { email };
  const user = await deps.users.get(context.tenant.tenantId, ref, false);
  const isMatch = user !== undefined && matches(user, query.filter, deps.now());
  return { users: isMatch ? [user] : [], next: undefined };
}

async function scanUsers(
  { filter, limit, after }: UserQuery,
  { tenant }: RequestContext,
  deps: ListUsersDependencies,
): Promise<UserPage> {
  const { emailPrefix = '', ...conditions } = filter;
  const prefix = canonicalizePrefix(emailPrefix);
  const isFiltered = Object.values(conditions).some((value) => value !== undefined);
  const entryLimit = isFiltered ? batchSize : limit;
  const users: User[] = [];
  let next = after;
  let remainingUnits = maxReadUnits;
  while (remainingUnits > 0) {
    const { entries, hasMore, readUnits } = await deps.users.list(tenant.tenantId, {
      prefix,
      after: next,
      limit: entryLimit,
      maxReadUnits: remainingUnits,
    });
    for (const { user, email } of entries) {
      if (users.length === limit) return { users, next };
      if (user && matches(user, filter, deps.now())) users.push(user);
      next = email;
    }
    if (!hasMore) return { users, next: undefined };
    if (!isFiltered || entries.length < entryLimit) break;
    remainingUnits -= readUnits;
  }
  return { users, next };
}

/**
 * Throws `invalid_input` for an unknown role. Reads the current roles before it rejects one that
 * the cache lacks.
 */
async function assertRoleExists(
  slug: Slug,
  { tenant }: RequestContext,
  { tenants }: Pick<ListUsersDependencies, 'tenants'>,
): Promise<void> {
  if (tenant.roles.has(slug)) return;
  if ((await tenants.findCurrent(tenant.tenantId))?.roles.has(slug)) return;
  throw invalidInput({ path: 'roleId', message: 'must be a role of this tenant' });
}

function matches(
  user: User,
  { userName, emailPrefix, status, role, authProvider, invitation }: UserFilter,
  now: Date,
): boolean {
  return (
    user.status !== 'deleted' &&
    (emailPrefix === undefined ||
      canonicalizeEmail(user.email).startsWith(canonicalizePrefix(emailPrefix))) &&
    (userName === undefined ||
      canonicalizeUserName(user.userName ?? '') === canonicalizeUserName(userName)) &&
    (status === undefined || user.status === status) &&
    (role === undefined || user.roles.includes(role)) &&
    (authProvider === undefined || user.authProvider === authProvider) &&
    (invitation === undefined || hasInvitation(user, invitation, now))
  );
}

function hasInvitation(
  { status, invitation }: User,
  expected: NonNullable<UserFilter['invitation']>,
  now: Date,
): boolean {
  if (expected === 'none') return status === 'invite_pending' && invitation === undefined;
  if (invitation === undefined) return false;
  return expected === 'any' || getInvitationStatus(invitation, now) === expected;
}
