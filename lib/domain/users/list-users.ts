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
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { IdentifierRef, UserStore } from './user-store.ts';
import { type AuthProvider, type ListedUser, toListedUser, type UserStatus } from './user.ts';

/** Conditions that listed users meet. All must hold. */
export interface UserFilter {
  readonly email?: string | undefined;
  readonly userName?: string | undefined;
  readonly externalId?: string | undefined;
  readonly emailPrefix?: string | undefined;
  readonly status?: UserStatus | undefined;
  readonly role?: Slug | undefined;
  readonly authProvider?: AuthProvider | undefined;
  /** `any` matches users who were ever invited, `none` users who wait for a first invitation. */
  readonly invitation?: InvitationStatus | 'any' | 'none' | undefined;
}

export interface UserQuery {
  readonly filter: UserFilter;
  readonly after: CanonicalEmail | undefined;
  readonly limit: number;
}

export interface UserPage {
  readonly users: readonly ListedUser[];
  /** Email after which the next page starts. Undefined on the last page. */
  readonly next: CanonicalEmail | undefined;
}

/** Limits of the entries that a page reads. Few of them may match, and users may be large. */
const maxEntries = 2000;
const maxReadUnits = 300;
/** Number of entries that a filter reads first. It doubles while too few of them match. */
const firstBatchSize = 100;
/** An entry has at most 1 KiB. */
const entriesPerReadUnit = 4;
/** A batch of fewer read units is left to the next page. */
const minBatchUnits = firstBatchSize / entriesPerReadUnit;

export interface ListUsersDependencies {
  readonly policy: Policy;
  readonly tenants: Pick<TenantStore, 'findCurrent'>;
  readonly users: UserStore;
  readonly now: () => Date;
}

/**
 * Lists users in the order of their canonical emails. A page stops after 2,000 users or 300 read
 * units, so it can be short or empty and still have a next page. Throws `forbidden`, or
 * `invalid_input` for an unknown role.
 */
export async function listUsers(
  query: UserQuery,
  context: RequestContext,
  deps: ListUsersDependencies,
): Promise<UserPage> {
  deps.policy.authorize(context, 'getUser', { self: false });
  const { role } = query.filter;
  if (role !== undefined) await assertRoleExists(role, context, deps);
  const ref = findIdentifier(query.filter);
  if (ref === undefined) return scanUsers(query, context, deps);
  const user = await deps.users.get(context.tenant.tenantId, ref, false);
  const isMatch = user !== undefined && matches(user, query.filter, deps.now());
  return { users: isMatch ? [toListedUser(user)] : [], next: undefined };
}

/** Finds a filter that only one user can match. */
function findIdentifier({ email, userName, externalId }: UserFilter): IdentifierRef | undefined {
  if (email !== undefined) return { email };
  if (userName !== undefined) return { userName };
  return externalId === undefined ? undefined : { externalId };
}

async function scanUsers(
  { filter, limit, after }: UserQuery,
  { tenant }: RequestContext,
  deps: ListUsersDependencies,
): Promise<UserPage> {
  const { emailPrefix = '', ...conditions } = filter;
  const prefix = canonicalizePrefix(emailPrefix);
  const isFiltered = Object.values(conditions).some((value) => value !== undefined);
  const users = new Map<Uuid, ListedUser>();
  const toPage = (next: UserPage['next']) => ({ users: [...users.values()], next });
  let next = after;
  let [remainingEntries, remainingUnits] = [isFiltered ? maxEntries : limit, maxReadUnits];
  let batchSize = isFiltered ? firstBatchSize : limit;
  while (remainingEntries > 0 && remainingUnits >= minBatchUnits) {
    // The store reads one entry more.
    const maxBatchSize = remainingUnits * entriesPerReadUnit - 1;
    const entryLimit = Math.min(batchSize, remainingEntries, maxBatchSize);
    const { entries, hasMore, readUnits } = await deps.users.list(tenant.tenantId, {
      prefix,
      after: next,
      limit: entryLimit,
      maxReadUnits: remainingUnits,
    });
    for (const { user, email } of entries) {
      if (users.size === limit) return toPage(next);
      if (user && matches(user, filter, deps.now())) putLatest(users, toListedUser(user));
      next = email;
    }
    if (!hasMore) return toPage(undefined);
    if (users.size === limit || entries.length < entryLimit) break;
    remainingEntries -= entries.length;
    remainingUnits -= readUnits;
    batchSize *= 2;
  }
  return toPage(next);
}

/** Adds a user at the end. A user whose email changes meanwhile has two entries. */
function putLatest(users: Map<Uuid, ListedUser>, user: ListedUser): void {
  const { userId, version } = user;
  if ((users.get(userId)?.version ?? 0) > version) return;
  users.delete(userId);
  users.set(userId, user);
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

/** True for a user whom a filter includes. */
export function matches(
  user: ListedUser,
  { userName, externalId, emailPrefix, status, role, authProvider, invitation }: UserFilter,
  now: Date,
): boolean {
  return (
    user.status !== 'deleted' &&
    (emailPrefix === undefined ||
      canonicalizeEmail(user.email).startsWith(canonicalizePrefix(emailPrefix))) &&
    (userName === undefined ||
      canonicalizeUserName(user.userName ?? '') === canonicalizeUserName(userName)) &&
    (externalId === undefined || user.externalId === externalId) &&
    (status === undefined || user.status === status) &&
    (role === undefined || user.roles.includes(role)) &&
    (authProvider === undefined || user.authProvider === authProvider) &&
    (invitation === undefined || hasInvitation(user, invitation, now))
  );
}

function hasInvitation(
  { status, invitation }: ListedUser,
  expected: NonNullable<UserFilter['invitation']>,
  now: Date,
): boolean {
  if (expected === 'none') return status === 'invite_pending' && invitation === undefined;
  if (invitation === undefined) return false;
  return expected === 'any' || getInvitationStatus(invitation, now) === expected;
}
