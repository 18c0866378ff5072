import type { RequestContext } from '../access/request-context.ts';
import {
  canonicalizeEmail,
  canonicalizePrefix,
  canonicalizeUserName,
} from '../kernel/canonical.ts';
import { invalidInput } from '../kernel/failure.ts';
import { type InvitationStatus, getInvitationStatus } from '../invitations/invitation.ts';
import type { Policy } from '../access/policy.ts';
import type { TenantStore } from '../tenants/tenant.ts';
import type { AuthProvider, UserStatus, User, UserStore } from './user.ts';

/** What a list is narrowed to; all that is there has to hold. */
export interface UserFilter {
  readonly email?: string | undefined;
  readonly userName?: string | undefined;
  readonly emailPrefix?: string | undefined;
  readonly status?: UserStatus | undefined;
  /** A slug. */
  readonly role?: string | undefined;
  readonly authProvider?: AuthProvider | undefined;
  /** Status of the invitation. `any` matches all users who were ever invited, `none` those who wait for a first invitation. */
  readonly invitation?: InvitationStatus | 'any' | 'none' | undefined;
}

export interface UserPage {
  readonly users: readonly User[];
  /** The canonical e-mail to go on behind; undefined at the end of the list. */
  readonly next: string | undefined;
}

/** Read units for one page at most, however large its users are, and however few of them match. */
const maxReadUnits = 300;
const batchSize = 100;

export interface ListUsersDependencies {
  readonly policy: Policy;
  readonly tenants: Pick<TenantStore, 'findCurrent'>;
  readonly users: UserStore;
  readonly now: () => Date;
}

/**
 * The users of the tenant in the order of their canonical e-mails, strongly consistent. A page may be short, or empty, and
 * still have a next: it ends after 300 read units. Throws `invalid_input` for a filter by a role that the tenant does not have.
 */
export async function listUsers(
  filter: UserFilter,
  page: { limit: number; after: string | undefined },
  context: RequestContext,
  deps: ListUsersDependencies,
): Promise<UserPage> {
  deps.policy.authorize(context, 'getUser', {});
  const { tenantId } = context.tenant;
  const { email, userName, emailPrefix = '', ...scanned } = filter;
  if (filter.role !== undefined) await assertRoleExists(filter.role, context, deps);
  if (email !== undefined || userName !== undefined) {
    const user = await deps.users.get(
      tenantId,
      email === undefined ? { userName: userName ?? '' } : { email },
      false,
    );
    return { users: user && matches(user, filter, deps.now()) ? [user] : [], next: undefined };
  }

  const found: User[] = [];
  const isFiltered = Object.values(scanned).some((value) => value !== undefined);
  let { after } = page;
  const limit = isFiltered ? batchSize : page.limit;
  for (let left = maxReadUnits; left > 0; ) {
    const prefix = canonicalizePrefix(emailPrefix);
    const { entries, more, readUnits } = await deps.users.list(tenantId, {
      prefix,
      after,
      limit,
      maxReadUnits: left,
    });
    for (const entry of entries) {
      const isMatch = entry.user !== undefined && matches(entry.user, filter, deps.now());
      if (found.length === page.limit) return { users: found, next: after };
      if (isMatch) found.push(entry.user);
      after = entry.email;
    }
    if (!more) return { users: found, next: undefined };
    if (!isFiltered || entries.length < limit) break;
    left -= readUnits;
  }
  return { users: found, next: after };
}

/** Throws `invalid_input` for a role that no user can have. Roles are remembered for a while, so a new one is looked up. */
async function assertRoleExists(
  slug: string,
  { tenant }: RequestContext,
  { tenants }: Pick<ListUsersDependencies, 'tenants'>,
): Promise<void> {
  if (tenant.roles.has(slug) || (await tenants.findCurrent(tenant.tenantId))?.roles.has(slug))
    return;
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
  return (
    invitation !== undefined &&
    (expected === 'any' || getInvitationStatus(invitation, now) === expected)
  );
}
