import type { AppClientStore } from '../app-clients/app-client-store.ts';
import { findActiveSecret, isActive, selectActiveSecrets } from '../app-clients/app-client.ts';
import { limitPermissions } from '../credential-limits/credential-limit.ts';
import { needsOwnPassword } from '../credential-limits/inactive-permissions.ts';
import { collectAssignedPermissions } from '../groups/group-roles.ts';
import { Failure } from '../kernel/failure.ts';
import type { Permission } from '../access/permissions.ts';
import { collectPermissions } from '../roles/role.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { toSubjectRef } from '../users/caller-account.ts';
import type { UserStore } from '../users/user-store.ts';
import type { InvitedUser } from '../users/user.ts';
import type { Invitation, Inviter } from './invitation.ts';
import { findInviteSource, type InviteSource, isInviteSource } from './invite-sources.ts';

export interface GrantDependencies {
  readonly now: () => Date;
  readonly users: Pick<UserStore, 'getWithGroups' | 'findFormerIdentity'>;
  readonly appClients: Pick<AppClientStore, 'get'>;
  readonly inviteSources: readonly InviteSource[];
}

/**
 * Selects the user's roles that exist and that the inviter can still grant. The owner keeps all
 * roles, because an inviter without permissions must not take them from the owner. Throws
 * `invitation_revoked`.
 */
export async function selectGrantableRoles(
  { userId, roles, invitation }: InvitedUser,
  tenant: TenantWithRoles,
  deps: GrantDependencies,
): Promise<readonly string[]> {
  const { inviter } = invitation;
  const permissionSets = await resolveInviterPermissions(invitation, tenant, deps);
  const isUnlimited = inviter.systemAdministrator === true || tenant.ownerUserId === userId;
  const canGrant = (slug: string) => {
    const permissions = collectPermissions([slug], tenant.roles);
    return permissionSets.some((set) =>
      permissions.every((permission) => set.includes(permission)),
    );
  };
  return roles.filter((slug) => tenant.roles.has(slug) && (isUnlimited || canGrant(slug)));
}

/**
 * Returns the current permissions of the inviter: one set per credential. Throws
 * `invitation_revoked` for an inactive user, a lost identity, a revoked or expired app client, and
 * an unregistered source.
 */
async function resolveInviterPermissions(
  { inviter, invitedAt }: Invitation,
  tenant: TenantWithRoles,
  deps: GrantDependencies,
): Promise<readonly (readonly Permission[])[]> {
  if (inviter.appClient) return resolveAppClientPermissions(inviter.appClient, tenant, deps);
  // System administrators have no account in this tenant.
  if (inviter.systemAdministrator) return [];
  if (isInviteSource(inviter)) {
    const source = findInviteSource(inviter, tenant.tenantId, deps.inviteSources);
    if (!source) throw inviterNotAllowed();
    return [collectPermissions(source.roles, tenant.roles)];
  }
  const ref = toSubjectRef({ ...inviter, subjectIsUser: inviter.subjectIsUser === true });
  const user = await deps.users.getWithGroups(tenant.tenantId, ref, false);
  if ('userId' in ref) {
    if (user?.status !== 'active') throw inviterNotAllowed();
    const assigned = collectAssignedPermissions(user, tenant);
    return [
      needsOwnPassword(user, tenant)
        ? []
        : limitPermissions(assigned, user.credentialLimits?.password),
    ];
  }
  if (user && user.status !== 'active') throw inviterNotAllowed();
  const formerIdentity = await deps.users.findFormerIdentity(tenant.tenantId, ref.identity);
  // The inviter has lost the account or its identity since the grant.
  if (
    formerIdentity &&
    !(user && formerIdentity.belongsTo(user)) &&
    formerIdentity.endedAt >= (inviter.grantedAt ?? invitedAt)
  )
    throw inviterNotAllowed();
  // Users of external issuers get their roles from the token.
  return [collectPermissions(inviter.roles, tenant.roles)];
}

async function resolveAppClientPermissions(
  { tenantId, appClientId, secretId }: NonNullable<Inviter['appClient']>,
  tenant: TenantWithRoles,
  { appClients, now }: GrantDependencies,
): Promise<readonly (readonly Permission[])[]> {
  const appClient = await appClients.get(tenantId, appClientId);
  if (!appClient || !isActive(appClient, now())) throw inviterNotAllowed();
  const secret = findActiveSecret(appClient, secretId, now());
  // The successors of a rotated secret inherit its invitations.
  const secrets = secret ? [secret] : selectActiveSecrets(appClient, now());
  return secrets.map(({ limit }) =>
    limitPermissions(collectAssignedPermissions(appClient, tenant), limit),
  );
}

const inviterNotAllowed = (): Failure =>
  new Failure('invitation_revoked', 'The inviter can no longer invite users', {
    details: { reason: 'inviter_gone' },
  });
