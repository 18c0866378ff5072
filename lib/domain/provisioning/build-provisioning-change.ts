import type { RequestContext } from '../access/request-context.ts';
import type { Connection } from '../connections/connection.ts';
import type { ManagedBy } from '../connections/managed-by.ts';
import type { RequestLog } from '../connections/request-log.ts';
import { buildCredentialLimit, replaceLimits } from '../credential-limits/credential-limit.ts';
import { hashNewPassword } from '../credentials/hash-new-password.ts';
import type { HashingCost } from '../credentials/hash-password.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import { buildInvitation, type InvitationSettings } from '../invitations/invite.ts';
import { applyMergePatch } from '../kernel/json-merge-patch.ts';
import type { UserChanges } from '../users/build-user-change.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { getActivationFields, getReinvitationFields } from '../users/invitation-fields.ts';
import type { User, UserWithGroups } from '../users/user.ts';
import { changesEmail } from './choose-email.ts';
import { mapRoles, replaceMappedRoles } from './map-roles.ts';
import type { ProvisionedUser } from './provisioned-user.ts';

export interface PasswordSettings extends InvitationSettings {
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
}

interface ProvisioningChange {
  readonly user: UserWithGroups;
  readonly target: ProvisionedUser;
  /** Email that the user gets. */
  readonly email: string | undefined;
  readonly connection: Connection | undefined;
  readonly log: RequestLog;
}

/** Builds the change from a user to the state that an identity provider wants. */
export async function buildProvisioningChange(
  { user, target, email, connection, log }: ProvisioningChange,
  context: RequestContext,
  deps: PasswordSettings & { readonly tenants: TenantStore },
): Promise<{ readonly action: ChangeAction<'user'>; readonly changes: UserChanges }> {
  const { roleValues, metadata, password, active, externalId } = target;
  const { roles, mappedRoles } =
    roleValues === undefined || !connection
      ? { roles: user.roles, mappedRoles: user.managedBy?.roles ?? [] }
      : replaceMappedRoles(user, mapRoles(roleValues, connection, context, log));
  const fields: Partial<User> = {
    userName: target.userName,
    name: target.name,
    firstName: target.firstName,
    lastName: target.lastName,
    businessRole: target.businessRole,
    locale: target.locale,
    scimAttributes: target.scimAttributes,
    managedBy: buildManagedBy({ connection, externalId, mappedRoles }),
    roles,
    ...(target.description !== undefined && { description: target.description ?? undefined }),
    ...(metadata !== undefined && {
      metadata: applyMergePatch({ field: 'metadata', target: user.metadata, patch: metadata }),
    }),
    ...getEmailFields({ user, email, hasPassword: password !== undefined }, context, deps.now()),
  };
  const { action, fields: status } = getStatusFields({ user, email, active }, context, deps);
  const hashes = password !== undefined && setsPassword(user, connection, log);
  // The identity provider announces its changes.
  const notifies = connection === undefined;
  if (!hashes) {
    const input = { email, roles };
    const reinvitation = await getReinvitationFields({ user, input }, context, deps);
    return { action, changes: { fields: { ...fields, ...reinvitation, ...status }, notifies } };
  }
  log.changed(['password']);
  const { tenant } = context;
  const updated = { ...user, ...fields };
  const passwordHash = await hashNewPassword({ password, user: updated, tenant }, deps);
  const now = deps.now();
  const activation = active === false ? {} : getActivationFields(user, context, now);
  const credentialLimits = replaceLimits(updated.credentialLimits, {
    password: buildCredentialLimit(context, now),
  });
  return {
    action,
    changes: {
      fields: { ...fields, ...status, ...activation, credentialLimits },
      passwordHash,
      notifies,
    },
  };
}

/** Builds `managedBy` without undefined properties, so an unchanged value compares equal. */
export const buildManagedBy = ({
  connection,
  externalId,
  mappedRoles,
}: {
  readonly connection: Pick<Connection, 'connectionId'> | undefined;
  readonly externalId: string | undefined;
  readonly mappedRoles: readonly string[];
}): ManagedBy | undefined =>
  connection && {
    connectionId: connection.connectionId,
    ...(externalId !== undefined && { externalId }),
    ...(mappedRoles.length > 0 && { roles: mappedRoles }),
  };

/** True if the connection may set the password of the user. Logs a password that it ignores. */
export function setsPassword(
  { authProvider }: Pick<User, 'authProvider'>,
  connection: Pick<Connection, 'changePassword'> | undefined,
  log: RequestLog,
): boolean {
  const { changePassword = false } = connection ?? {};
  if (changePassword && authProvider === 'local') return true;
  log.skip(
    changePassword
      ? 'A user who signs in at an identity provider has no password'
      : 'The connection does not accept passwords',
    { name: 'password' },
  );
  return false;
}

interface EmailChange {
  readonly user: User;
  readonly email: string | undefined;
  readonly hasPassword: boolean;
}

/** A new email is unverified and limited to the permissions of the connection. */
function getEmailFields(
  { user, email, hasPassword }: EmailChange,
  context: RequestContext,
  now: Date,
): Partial<User> {
  if (!changesEmail(email, user)) return { email };
  // Until the invitation is accepted, the mailbox defines the account holder.
  const isPending = user.status === 'invite_pending' && !hasPassword;
  const limit = email === undefined || isPending ? undefined : buildCredentialLimit(context, now);
  return {
    email,
    emailVerified: false,
    emailVerifiedBy: undefined,
    credentialLimits: replaceLimits(user.credentialLimits, { email: limit }),
  };
}

interface StatusChange {
  readonly user: User;
  readonly email: string | undefined;
  readonly active: boolean | undefined;
}

/** Suspends or reactivates the user. A user who was created inactive is invited now. */
function getStatusFields(
  { user, email, active }: StatusChange,
  context: RequestContext,
  deps: InvitationSettings,
): { readonly action: ChangeAction<'user'>; readonly fields: Partial<User> } {
  if (user.deletion) {
    const restored = { ...user, status: user.deletion.status };
    const isPending = (restored.suspendedFrom ?? restored.status) === 'invite_pending';
    const suspendedFrom = isPending ? ('invite_pending' as const) : undefined;
    const fields =
      active === false
        ? { status: 'inactive' as const, suspendedFrom }
        : toReactivation({ ...restored, suspendedFrom });
    return { action: 'restore', fields: { ...fields, deletion: undefined } };
  }
  if (active === false && user.status !== 'inactive')
    return { action: 'suspend', fields: { status: 'inactive' } };
  if (active === true && user.status === 'inactive') {
    const fields = toReactivation(user);
    const needsInvitation =
      fields.status === 'invite_pending' && !user.invitation && email !== undefined;
    return {
      action: 'reactivate',
      fields: { ...fields, ...(needsInvitation && { invitation: buildInvitation(context, deps) }) },
    };
  }
  return { action: 'update', fields: {} };
}

/** A user who was suspended while invited is invited again. */
const toReactivation = ({ suspendedFrom }: User): Partial<User> => ({
  status: suspendedFrom ?? 'active',
});
