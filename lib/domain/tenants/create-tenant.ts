import { randomUUID } from 'node:crypto';
import { buildChangeRecord, buildInitialVersion } from '../access/change-entity.ts';
import type { Policy } from '../access/policy.ts';
import type { DeploymentContext } from '../access/request-context.ts';
import type { InvitationSettings } from '../invitations/invite.ts';
import { applyBranding, type BrandingInput, readNewLogo } from '../branding/change-branding.ts';
import type { Logo } from '../branding/logo.ts';
import { invalidInput } from '../kernel/failure.ts';
import type { Slug } from '../kernel/ids.ts';
import { assertSender, type Senders } from '../mail/senders.ts';
import { type CustomRole, indexRoles, type Role } from '../roles/role.ts';
import { buildCreationRecord, buildUser } from '../users/new-user.ts';
import type { User } from '../users/user.ts';
import { assertPasswordMinLength } from './password-minimum.ts';
import { generateSlug, isReservedSlug } from './slug.ts';
import type { NewRole, TenantAdminStore } from './tenant-store.ts';
import type { Tenant } from './tenant.ts';

export interface CreateTenantInput
  extends Pick<
    Tenant,
    | 'description'
    | 'uniqueness'
    | 'locale'
    | 'acceptUrl'
    | 'resetUrl'
    | 'confirmUrl'
    | 'verifyUrl'
    | 'sender'
    | 'invitationDays'
    | 'passwordMinLength'
    | 'administratorsSetPasswords'
    | 'requireOwnPassword'
    | 'signInEvents'
  > {
  readonly branding?: BrandingInput | undefined;
  /** Default: generated from the name. */
  readonly slug?: Slug | undefined;
  /** Default: the slug. */
  readonly name?: string | undefined;
  /** Default: the slug below the deployment's host suffix. */
  readonly origin?: string | undefined;
  /** Absent for a tenant without an owner, in which system administrators create users. */
  readonly ownerEmail?: string | undefined;
  readonly ownerName?: string | undefined;
  /** Custom roles of the new tenant. */
  readonly roles?: readonly Role[] | undefined;
}

export interface CreateTenantDependencies extends InvitationSettings {
  readonly policy: Policy;
  readonly tenantAdminStore: TenantAdminStore;
  readonly tenantHostSuffix: string | undefined;
  readonly senders: Senders;
  readonly minimumPasswordLength: number;
}

/**
 * Creates a tenant with its custom roles and invites its owner, if it has one, in one transaction.
 * Throws `forbidden`, `invalid_input` for a reserved slug, a missing origin, an unverified sender or
 * a password minimum below that of the deployment, `slug_taken`, `user_exists` (`ownerEmail`) or
 * `unavailable`.
 */
export async function createTenant(
  { roles = [], ...input }: CreateTenantInput,
  context: DeploymentContext,
  deps: CreateTenantDependencies,
): Promise<{ tenant: Tenant; owner: User | undefined }> {
  deps.policy.authorize(context, 'createTenant', {});
  if (input.slug !== undefined && isReservedSlug(input.slug))
    throw invalidInput({ path: 'slug', message: 'must not be a reserved name' });
  assertSender(input.sender, deps.senders);
  assertPasswordMinLength(input.passwordMinLength, deps);
  const newLogo = readNewLogo(input.branding);
  const { tenant, owner } = buildTenant({ ...input, newLogo }, context, deps);
  await deps.tenantAdminStore.create(tenant, {
    record: buildChangeRecord({ action: 'create', after: tenant }, context),
    owner: owner && { user: owner, creation: buildCreationRecord(context) },
    roles: roles.map((role) => buildRole(role, tenant, context)),
    newLogo,
    deadline: context.deadline,
  });
  return { tenant, owner };
}

function buildRole(
  role: Role,
  { tenantId, version, createdAt, createdBy }: Tenant,
  context: DeploymentContext,
): NewRole {
  const customRole: CustomRole = { ...role, tenantId, version, createdAt, createdBy };
  const record = buildChangeRecord({ action: 'create', after: customRole }, context);
  return { role: customRole, record };
}

/** Builds a tenant and its owner, if it has one: an invited user with the role admin. */
export function buildTenant(
  {
    ownerEmail,
    ownerName,
    name,
    slug = generateSlug(name),
    origin,
    branding,
    newLogo,
    ...fields
  }: Omit<CreateTenantInput, 'roles'> & { readonly newLogo?: Logo | undefined },
  context: DeploymentContext,
  {
    tenantHostSuffix,
    ...settings
  }: InvitationSettings & Pick<CreateTenantDependencies, 'tenantHostSuffix'>,
): { tenant: Tenant; owner: User | undefined } {
  const now = settings.now();
  const draft: Tenant = {
    ...fields,
    ...buildInitialVersion(context, now),
    tenantId: randomUUID(),
    slug,
    name: name ?? slug,
    origin: origin ?? buildDefaultOrigin(slug, tenantHostSuffix),
    status: 'active',
  };
  const tenant: Tenant = { ...draft, branding: applyBranding(draft, branding ?? null, newLogo) };
  if (ownerEmail === undefined) return { tenant, owner: undefined };
  const tenantContext = {
    ...context,
    tenant: {
      ...tenant,
      roles: indexRoles([], []),
      declaredPermissions: [],
      groups: new Map(),
      memberJobs: [],
      deletedRoles: new Set<Slug>(),
    },
  };
  const ownerInput = {
    email: ownerEmail,
    name: ownerName,
    authProvider: 'local',
    roles: ['admin'],
  } as const;
  const owner = {
    ...buildUser(ownerInput, tenantContext, settings),
    ownerSince: now.toISOString(),
  };
  return { tenant: { ...tenant, ownerUserId: owner.userId }, owner };
}

function buildDefaultOrigin(slug: Slug, suffix: string | undefined): string {
  if (suffix === undefined)
    throw invalidInput({
      path: 'origin',
      message: 'is required, because this deployment has no host suffix for tenants',
    });
  return `https://${slug}.${suffix}`;
}
