import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { retryStaleWrite } from '../access/change-entity.ts';
import type { BrakeStore } from '../connections/brake.ts';
import type { ConnectionStore } from '../connections/connection-store.ts';
import type { Connection } from '../connections/connection.ts';
import type { RequestLog } from '../connections/request-log.ts';
import type { DomainStore } from '../domains/domain-store.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { isSameAddress } from '../kernel/canonical.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { buildUserChange } from '../users/build-user-change.ts';
import { noFieldChanges, userNotFound } from '../users/change-user.ts';
import type { UserReferences, UserStore } from '../users/user-store.ts';
import type { User, UserWithGroups } from '../users/user.ts';
import { assertManageable, assertManaged } from './assert-managed.ts';
import { buildProvisioningChange, type PasswordSettings } from './build-provisioning-change.ts';
import { chooseEmail, matchRefused, UnmanagedMatch } from './choose-email.ts';
import type { ProvisionedUser } from './provisioned-user.ts';
import type { ViewedUser } from './read-users.ts';
import { writeManagedUser } from './write-managed-user.ts';

export interface ProvisioningDependencies extends PasswordSettings {
  readonly policy: Policy;
  readonly users: UserStore;
  readonly userReferences: UserReferences;
  readonly tenants: TenantStore;
  readonly domains: Pick<DomainStore, 'get'>;
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly brakes: BrakeStore;
  readonly onBrakeFailed: (connection: Connection, error: unknown) => void;
}

/** Request of a connection, or of an administrator. */
export interface ProvisioningRequest {
  readonly connection: Connection | undefined;
  readonly log: RequestLog;
}

interface UserChange {
  readonly userId: Uuid | undefined;
  readonly ifMatch?: IfMatch | undefined;
  /** Returns the target state. Runs again after a concurrent change. */
  readonly apply: (user: UserWithGroups) => ProvisionedUser;
}

/**
 * Changes a managed user to the state that `apply` returns, in one transaction. Writes nothing if
 * nothing changes. Throws `forbidden`, `not_found`, `not_managed`, `precondition_failed`,
 * `user_exists`, `password_rejected`, `deprovisioning_held`, `invalid_input` or `unavailable`.
 */
export async function changeProvisionedUser(
  request: ProvisioningRequest & UserChange,
  context: RequestContext,
  deps: ProvisioningDependencies,
): Promise<ViewedUser> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const { connection } = request;
  const check = (user: UserWithGroups) => assertManaged(user, connection, context, deps);
  return writeProvisionedUser({ ...request, check }, context, deps);
}

interface WriteRequest extends ProvisioningRequest, UserChange {
  /** True to restore a deleted user. */
  readonly restores?: boolean;
  /** Throws if the connection cannot change the user. */
  readonly check: (user: UserWithGroups) => Promise<void>;
}

/** Writes the target state of a user after the policy decision. */
async function writeProvisionedUser(
  { userId, ifMatch, apply, check, restores = false, connection, log }: WriteRequest,
  context: RequestContext,
  deps: ProvisioningDependencies,
): Promise<ViewedUser> {
  const { tenantId } = context.tenant;
  const read = async (): Promise<UserWithGroups> => {
    const user =
      userId === undefined
        ? undefined
        : await deps.users.getWithGroups(tenantId, { userId }, false);
    if (!user || (user.status === 'deleted') !== restores) throw userNotFound();
    await check(user);
    return user;
  };
  const taken = new Set<string>();
  const build = async (user: UserWithGroups) => {
    const target = apply(user);
    const buildWith = (email: string | undefined) =>
      buildProvisioningChange({ user, target, email, connection, log }, context, deps);
    const search = { user, target, taken, connection, log, validate: buildWith };
    const { action, changes } = await buildWith(await settleEmail(search, context, deps));
    return buildUserChange({ action, before: user, changes }, context, deps.now);
  };
  const write = async (change: NonNullable<Awaited<ReturnType<typeof build>>>) => {
    try {
      return await writeManagedUser(change, connection, context, deps);
    } catch (error) {
      // Builds the change again without the email.
      if (takeEmail(error, change.after.email, taken)) return 'stale' as const;
      throw error;
    }
  };
  let groups: UserWithGroups['groups'] = [];
  const readGroups = async () => {
    const user = await read();
    groups = user.groups;
    return user;
  };
  const update = { read: readGroups, ifMatch, build, write };
  return { ...(await retryStaleWrite(update, context, deps.now)), groups };
}

/**
 * Remembers an email that another user got meanwhile, or has in another tenant. False for other
 * errors.
 */
export function takeEmail(error: unknown, email: string | undefined, taken: Set<string>): boolean {
  const isEmail =
    error instanceof Failure &&
    error.code === 'user_exists' &&
    error.details['field'] === 'email' &&
    email !== undefined &&
    !taken.has(email);
  if (isEmail) taken.add(email);
  return isEmail;
}

interface EmailRequest extends ProvisioningRequest {
  /** Undefined for a new user. */
  readonly user?: UserWithGroups | undefined;
  readonly target: ProvisionedUser;
  readonly taken: ReadonlySet<string>;
  /** Address that no user had before. The write decides. */
  readonly freeAddress?: string | undefined;
  /** Throws for an invalid change. Runs before another user loses the email. */
  readonly validate: (email: string | undefined) => Promise<unknown>;
}

/**
 * Chooses the email of a user. An inactive user of the connection who has it loses it first. An
 * inactive user gets no email of another one.
 */
export async function settleEmail(
  { user, target, taken, connection, freeAddress, validate }: EmailRequest,
  context: RequestContext,
  deps: ProvisioningDependencies,
): Promise<string | undefined> {
  const [best] = target.emails;
  // The user has the best address already.
  if (best !== undefined && user?.email === best && user.status !== 'deleted') return best;
  const isFree = best !== undefined && freeAddress !== undefined && !taken.has(best);
  if (isFree && isSameAddress(best, freeAddress)) return best;
  const mayRelease = target.active ?? user?.status !== 'inactive';
  const candidates = target.emails;
  const search = { candidates, userId: user?.userId, connection, taken, mayRelease };
  try {
    const { email, holder } = await chooseEmail(search, context, deps);
    if (!holder) return email;
    await validate(email);
    if (!(await releaseEmail(holder, { connection }, context, deps))) {
      const others = candidates.filter((address) => address !== email);
      return (await chooseEmail({ ...search, candidates: others }, context, deps)).email;
    }
    return email;
  } catch (error) {
    throw error instanceof UnmanagedMatch ? matchRefused(error) : error;
  }
}

/** Removes the email of an inactive user. False if the connection cannot change the user. */
export async function releaseEmail(
  { userId }: User,
  { connection }: Pick<ProvisioningRequest, 'connection'>,
  context: RequestContext,
  deps: ProvisioningDependencies,
): Promise<boolean> {
  const { tenantId, uniqueness } = context.tenant;
  try {
    await retryStaleWrite(
      {
        read: async () => {
          const user = await deps.users.getWithGroups(tenantId, { userId }, false);
          if (!user) throw userNotFound();
          await assertManaged(user, connection, context, deps);
          return user;
        },
        build: async (user) => {
          if (user.status !== 'inactive') throw userNotFound();
          const fields = { email: undefined, emailVerified: false, emailVerifiedBy: undefined };
          const changes = { fields, notifies: false };
          return buildUserChange({ action: 'update', before: user, changes }, context, deps.now);
        },
        write: (change) => deps.users.update({ ...change, uniqueness, deadline: context.deadline }),
      },
      context,
      deps.now,
    );
    return true;
  } catch (error) {
    const isRefused =
      error instanceof Failure && ['not_found', 'not_managed', 'forbidden'].includes(error.code);
    if (isRefused) return false;
    throw error;
  }
}

/** Lets the connection manage a user and writes the target state. */
export async function adoptUser(
  {
    match: { userId, managedBy: matched },
    ...request
  }: ProvisioningRequest & {
    readonly match: Pick<User, 'userId' | 'managedBy'>;
    readonly target: ProvisionedUser;
  },
  context: RequestContext,
  deps: ProvisioningDependencies,
): Promise<ViewedUser> {
  const check = (user: UserWithGroups) => assertManageable(user, context, deps);
  const { connection, target } = request;
  const apply = (user: UserWithGroups) => {
    // Another connection may have taken over the user meanwhile.
    const managers = [connection?.connectionId, matched?.connectionId];
    if (user.managedBy && !managers.includes(user.managedBy.connectionId))
      throw matchRefused(new UnmanagedMatch(user, 'userName'));
    return target;
  };
  return writeProvisionedUser({ ...request, userId, check, apply }, context, deps);
}

/** Restores a deleted user of the connection in the target state. */
export async function restoreProvisionedUser(
  {
    target,
    ...request
  }: ProvisioningRequest & {
    readonly userId: Uuid;
    readonly target: ProvisionedUser;
  },
  context: RequestContext,
  deps: ProvisioningDependencies,
): Promise<ViewedUser> {
  const check = (user: UserWithGroups) => assertManaged(user, request.connection, context, deps);
  const apply = () => target;
  return writeProvisionedUser({ ...request, check, apply, restores: true }, context, deps);
}
