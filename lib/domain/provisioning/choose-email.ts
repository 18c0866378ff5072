import type { RequestContext } from '../access/request-context.ts';
import type { ConnectionStore } from '../connections/connection-store.ts';
import type { Connection } from '../connections/connection.ts';
import { canonicalizeEmail, getEmailDomain, isSameAddress } from '../kernel/canonical.ts';
import type { DomainStore } from '../domains/domain-store.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import { isManagedBy } from './assert-managed.ts';

interface Dependencies {
  readonly users: Pick<UserStore, 'get'>;
}

/** Email for a user, and the inactive user of the connection that must release it first. */
export interface EmailChoice {
  readonly email: string | undefined;
  readonly holder?: User | undefined;
}

interface EmailSearch {
  /** Valid addresses, best first. */
  readonly candidates: readonly string[];
  /** User who gets the email. Undefined for a new user. */
  readonly userId?: Uuid | undefined;
  readonly connection: Connection | undefined;
  /** Addresses that another tenant or a concurrent request took. */
  readonly taken: ReadonlySet<string>;
  /** False for an inactive user, who gets no email of another user. */
  readonly mayRelease: boolean;
}

/**
 * Chooses the first address that no other active user has. An inactive user of the same connection
 * gives up theirs. Throws `UnmanagedMatch` for the address of a user whom the connection does not
 * manage.
 */
export async function chooseEmail(
  { candidates, userId, connection, taken, mayRelease }: EmailSearch,
  { tenant }: RequestContext,
  { users }: Dependencies,
): Promise<EmailChoice> {
  for (const email of candidates) {
    if (taken.has(email)) continue;
    const holder = await users.get(tenant.tenantId, { address: email }, false);
    if (!holder || holder.userId === userId) return { email };
    if (!isManagedBy(holder, connection)) throw new UnmanagedMatch(holder, 'email');
    const isReleasable =
      mayRelease &&
      holder.status === 'inactive' &&
      holder.email !== undefined &&
      canonicalizeEmail(holder.email) === canonicalizeEmail(email);
    if (isReleasable) return { email, holder };
  }
  return { email: undefined };
}

/** A user outside of the connection has the username or email of a request. */
export class UnmanagedMatch extends Error {
  readonly user: User;
  readonly field: 'email' | 'userName';

  constructor(user: User, field: 'email' | 'userName') {
    super('A user outside of the connection has this identifier');
    this.user = user;
    this.field = field;
  }
}

/** Converts a match to the conflict that the caller sees. It contains nothing about the user. */
export const matchRefused = ({ field }: UnmanagedMatch): Failure =>
  new Failure(
    'user_exists',
    `A user with this ${field === 'email' ? 'email' : 'username'} exists, and the connection does not manage it. An administrator can let the connection manage the user; the setting onUnmanagedMatch of the connection decides.`,
    { details: { field } },
  );

/**
 * True if the connection can take over a user whose verified domain belongs to the tenant, and whom
 * no other connection manages. A deleted connection manages no users.
 */
export async function mayAdopt(
  user: User,
  connection: Connection | undefined,
  { tenant }: RequestContext,
  {
    domains,
    connections,
  }: {
    readonly domains: Pick<DomainStore, 'get'>;
    readonly connections: Pick<ConnectionStore, 'get'>;
  },
): Promise<boolean> {
  if (connection?.onUnmanagedMatch !== 'adopt' || user.email === undefined) return false;
  const { connectionId } = user.managedBy ?? {};
  if (connectionId !== undefined && (await connections.get(tenant.tenantId, connectionId)))
    return false;
  const name = getEmailDomain(canonicalizeEmail(user.email));
  const domain = await domains.get(tenant.tenantId, name);
  return domain?.verifiedAt !== undefined;
}

/** True if an update gives the user another email. */
export const changesEmail = (email: string | undefined, user: Pick<User, 'email'>): boolean =>
  email === undefined || user.email === undefined
    ? email !== user.email
    : !isSameAddress(email, user.email);
