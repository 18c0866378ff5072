import { findMissing } from '../access/permissions.ts';
import type { RequestContext } from '../access/request-context.ts';
import { assertHoldsPermissions } from '../access/assert-holds-permissions.ts';
import { assertPasswordAllowed, getMinimumLength } from '../credentials/password-policy.ts';
import { collectPersonalWords } from '../credentials/personal-words.ts';
import { hashPassword } from '../credentials/hash-password.ts';
import { canonicalizeUserName } from '../kernel/canonical.ts';
import { Failure } from '../kernel/failure.ts';
import type { Slug } from '../kernel/ids.ts';
import type { DurationMs } from '../kernel/time.ts';
import { collectPermissions } from '../roles/role.ts';
import { buildCreationRecord, buildUser } from '../users/new-user.ts';
import { isBeingErased, type User } from '../users/user.ts';
import { isManagedBy } from './assert-managed.ts';
import { buildManagedBy, setsPassword } from './build-provisioning-change.ts';
import {
  adoptUser,
  type ProvisioningDependencies,
  type ProvisioningRequest,
  releaseEmail,
  restoreProvisionedUser,
  settleEmail,
  takeEmail,
} from './change-provisioned-user.ts';
import { matchRefused, mayAdopt, UnmanagedMatch } from './choose-email.ts';
import { mapRoles } from './map-roles.ts';
import type { ProvisionedUser } from './provisioned-user.ts';
import type { ViewedUser } from './read-users.ts';

export interface CreationDependencies extends ProvisioningDependencies {
  /** Time after a deletion in which the user can be restored. */
  readonly restoreWindowMs: DurationMs;
}

interface CreationRequest extends ProvisioningRequest {
  readonly target: ProvisionedUser;
}

/**
 * Creates a user, or reactivates the inactive user of the same person: the only one with the
 * external ID, or the one with the username unless the external IDs differ. Throws `forbidden`,
 * `user_exists` (with `details.userId` for a user that the connection manages), `not_managed`,
 * `password_rejected`, `too_many_requests` or `unavailable`.
 */
export async function provisionUser(
  request: CreationRequest,
  context: RequestContext,
  deps: CreationDependencies,
): Promise<ViewedUser> {
  const { connection, log, target } = request;
  const mapped = connection ? mapRoles(target.roleValues ?? [], connection, context, log) : [];
  const roles = mapped.length > 0 ? mapped : getDefaultRoles(context);
  deps.policy.authorize(context, 'createUser', {
    grantedPermissions: collectPermissions(mapped, context.tenant.roles),
    assignsRoles: mapped.length > 0,
    verifiesEmail: false,
  });
  const holders = await findHolders(request, context, deps);
  const match = await findMatch(holders, request, context, deps);
  if (match) {
    assertHoldsPermissions(['users:update'], context, {
      subject: 'The user',
      action: 'change only users',
    });
    const { userId } = match.user;
    return match.kind === 'restore'
      ? restoreProvisionedUser({ ...request, userId }, context, deps)
      : adoptUser({ ...request, match: match.user, target: activate(target) }, context, deps);
  }
  assertDefaultRole(roles, mapped, context);
  const freeAddress = holders.found ? undefined : target.userName;
  return createUser({ ...request, roles, mapped, freeAddress }, context, deps);
}

/** A provider that creates a user again wants an active one, unless it says otherwise. */
const activate = (target: ProvisionedUser): ProvisionedUser => ({
  ...target,
  active: target.active ?? true,
});

function getDefaultRoles({ tenant: { defaultRole, roles } }: RequestContext): readonly Slug[] {
  return defaultRole !== undefined && roles.has(defaultRole) ? [defaultRole] : [];
}

/** Throws `forbidden` if the default role of the tenant has permissions above the connection. */
function assertDefaultRole(
  roles: readonly Slug[],
  mapped: readonly Slug[],
  { tenant, principal }: RequestContext,
): void {
  if (mapped.length > 0) return;
  const missingPermissions = findMissing(
    collectPermissions(roles, tenant.roles),
    principal.permissions,
  );
  if (missingPermissions.length === 0) return;
  throw new Failure('forbidden', 'The default role has permissions that the connection lacks', {
    notices: ['New users get the default role of the tenant. Give the connection this role, too.'],
    missingPermissions,
  });
}

interface Match {
  readonly kind: 'reactivate' | 'restore';
  readonly user: User;
}

interface Holders {
  /** User with the username, or with it as an address. */
  readonly found: User | undefined;
  readonly byExternalId: readonly User[];
}

/** Finds the users who have the identifiers of a request. */
async function findHolders(
  { connection, target: { userName, externalId } }: CreationRequest,
  { tenant: { tenantId } }: RequestContext,
  deps: CreationDependencies,
): Promise<Holders> {
  const [found, byExternalId] = await Promise.all([
    // A username with `@` is an address, too.
    deps.users.get(tenantId, userName.includes('@') ? { address: userName } : { userName }, false),
    externalId === undefined || !connection
      ? []
      : deps.userReferences.findByScimId(tenantId, connection.connectionId, externalId),
  ]);
  return { found, byExternalId };
}

/** Finds the user of the same person. Throws `user_exists` for a user who stays as they are. */
async function findMatch(
  { found, byExternalId }: Holders,
  request: CreationRequest,
  context: RequestContext,
  deps: CreationDependencies,
): Promise<Match | undefined> {
  const { connection, log, target } = request;
  const { userName, externalId } = target;
  if (found && !isManagedBy(found, connection)) {
    if (await mayAdopt(found, connection, context, deps))
      return { kind: 'reactivate', user: found };
    throw matchRefused(new UnmanagedMatch(found, 'userName'));
  }
  if (found && found.status !== 'inactive') throw alreadyExists(found);
  // An inactive user with another username gives up the address.
  const isAddressOnly = found?.userName !== undefined && !isSameName(found.userName, userName);
  const holder = isAddressOnly ? undefined : found;
  if (isAddressOnly) await releaseEmail(found, request, context, deps);
  const managed = byExternalId.filter((user) => isManagedBy(user, connection));
  const existing = managed.filter(({ status }) => status !== 'deleted');
  const [only] = existing;
  if (only && existing.length === 1 && only.status === 'inactive')
    return { kind: 'reactivate', user: only };
  if (holder) {
    const earlier = holder.managedBy?.externalId;
    const isSamePerson =
      earlier === undefined || externalId === undefined || earlier === externalId;
    if (isSamePerson) return { kind: 'reactivate', user: holder };
    log.skip('The username belongs to an inactive user with another externalId', {
      id: holder.userId,
    });
    throw alreadyExists(holder);
  }
  const adopted = await findAdoptable(request, context, deps);
  if (adopted) return { kind: 'reactivate', user: adopted };
  const restorable = managed.filter((user) => isRestorable(user, deps));
  const [deleted] = restorable;
  return connection?.afterDelete === 'restore' && deleted && restorable.length === 1
    ? { kind: 'restore', user: deleted }
    : undefined;
}

const isSameName = (first: string, second: string): boolean =>
  canonicalizeUserName(first) === canonicalizeUserName(second);

/** Finds the user with the best email whom the connection may take over. */
async function findAdoptable(
  { connection, target }: CreationRequest,
  context: RequestContext,
  deps: CreationDependencies,
): Promise<User | undefined> {
  const [email] = target.emails;
  if (connection?.onUnmanagedMatch !== 'adopt' || email === undefined) return undefined;
  const user = await deps.users.get(context.tenant.tenantId, { email }, false);
  return user && (await mayAdopt(user, connection, context, deps)) ? user : undefined;
}

const isRestorable = (user: User, { now, restoreWindowMs }: CreationDependencies): boolean =>
  user.deletion !== undefined &&
  !isBeingErased(user) &&
  now().getTime() <= Date.parse(user.deletion.at) + restoreWindowMs;

/** `user_exists` with the ID of a user that the connection manages. */
const alreadyExists = ({ userId }: User): Failure =>
  new Failure('user_exists', 'A user with this username already exists', {
    details: { field: 'userName', userId },
  });

interface NewUserRequest extends CreationRequest {
  /** Address that no user had before. */
  readonly freeAddress: string | undefined;
  readonly roles: readonly Slug[];
  readonly mapped: readonly Slug[];
}

async function createUser(
  { roles, mapped, ...request }: NewUserRequest,
  context: RequestContext,
  deps: CreationDependencies,
): Promise<ViewedUser> {
  const { connection, target } = request;
  const { tenant, deadline } = context;
  const { authProvider = 'local' } = connection ?? {};
  const { emails: _emails, active = true, externalId, roleValues: _values, ...profile } = target;
  const { password: sentPassword, metadata, description, ...fields } = profile;
  const password =
    sentPassword !== undefined && setsPassword({ authProvider }, connection, request.log)
      ? sentPassword
      : undefined;
  const taken = new Set<string>();
  const validate = async (email: string | undefined): Promise<void> => {
    if (password === undefined) return;
    await assertPasswordAllowed(password, {
      minimumLength: getMinimumLength(tenant, deps.minimumPasswordLength),
      personalWords: collectPersonalWords({ ...fields, email }, tenant),
    });
  };
  for (;;) {
    const email = await settleEmail({ ...request, taken, validate }, context, deps);
    await validate(email);
    const needsInvitation = authProvider === 'local' && password === undefined;
    const user: User = {
      ...buildUser(
        {
          ...fields,
          email,
          authProvider,
          roles,
          ...(typeof description === 'string' && { description }),
          ...(metadata && { metadata: removeNulls(metadata) }),
          ...(password !== undefined && { password }),
          ...(!active && { status: 'inactive' as const }),
          // Without an email, an administrator has to give the user a credential.
          sendInvitation: active && email !== undefined,
        },
        context,
        deps,
      ),
      // A reactivation invites the user.
      ...(!active && needsInvitation && { suspendedFrom: 'invite_pending' as const }),
      ...(connection && {
        managedBy: buildManagedBy({ connection, externalId, mappedRoles: mapped }),
      }),
    };
    try {
      await deps.users.create(user, {
        creation: buildCreationRecord(context),
        uniqueness: tenant.uniqueness,
        passwordHash:
          password === undefined ? undefined : await hashPassword(password, deps.hashingCost),
        deadline,
      });
      return { ...user, groups: [] };
    } catch (error) {
      if (!takeEmail(error, email, taken)) throw error;
    }
  }
}

const removeNulls = (metadata: NonNullable<ProvisionedUser['metadata']>) =>
  Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));
