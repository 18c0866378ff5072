import { assertHoldsPermissions } from '../access/assert-holds-permissions.ts';
import { changeEntity } from '../access/change-entity.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { applyBranding, type BrandingInput, readNewLogo } from '../branding/change-branding.ts';
import type { Logo } from '../branding/logo.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { invalidInput } from '../kernel/failure.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import { toChangedFields } from '../kernel/json-merge-patch.ts';
import { assertSender, type Senders } from '../mail/senders.ts';
import type { UserStore } from '../users/user-store.ts';
import { assertCalledByOwner, isCalledByOwner, prepareOwnershipTransfer } from './ownership.ts';
import { assertPasswordMinLength } from './password-minimum.ts';
import { assertNotDeleted, getPathTenant } from './read-tenants.ts';
import type { OwnershipTransfer, TenantAdminStore } from './tenant-store.ts';
import type { SignInEvents, Tenant, UsableTenantStatus } from './tenant.ts';
import { invalidTransition } from './transitions.ts';

/** Changes of a tenant. Null clears a field. */
export interface UpdateTenantInput {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly locale?: string | undefined;
  readonly defaultRole?: Slug | null | undefined;
  readonly invitationDays?: number | null | undefined;
  readonly passwordMinLength?: number | null | undefined;
  readonly branding?: BrandingInput | null | undefined;
  readonly administratorsSetPasswords?: boolean | undefined;
  readonly requireOwnPassword?: boolean | undefined;
  readonly signInEvents?: SignInEvents | undefined;
  readonly origin?: string | undefined;
  readonly acceptUrl?: string | null | undefined;
  readonly resetUrl?: string | null | undefined;
  readonly confirmUrl?: string | null | undefined;
  readonly verifyUrl?: string | null | undefined;
  readonly sender?: string | null | undefined;
  readonly status?: UsableTenantStatus | undefined;
  readonly ownerUserId?: Uuid | undefined;
}

/** Tenant that an operation changes. */
export interface TenantTarget {
  readonly tenantId: Uuid | undefined;
  readonly ifMatch: IfMatch;
}

export interface TenantDependencies {
  readonly policy: Policy;
  readonly tenantAdminStore: TenantAdminStore;
  readonly users: UserStore;
  readonly senders: Senders;
  readonly minimumPasswordLength: number;
  readonly now: () => Date;
}

/**
 * Updates a tenant. Throws `forbidden` (some fields require a system administrator or the owner),
 * `not_found`, `invalid_input` for an unverified sender, an unknown default role or a password
 * minimum below that of the deployment, `owner_ineligible`, `precondition_failed` or `unavailable`.
 */
export async function updateTenant(
  { input, ...target }: TenantTarget & { readonly input: UpdateTenantInput },
  context: RequestContext,
  deps: TenantDependencies,
): Promise<Tenant> {
  const { ownerUserId = context.tenant.ownerUserId, branding, ...others } = input;
  const fields = toChangedFields(others);
  // Clients send back unchanged values.
  const transfersOwnership = ownerUserId !== context.tenant.ownerUserId;
  const requiresOwner =
    transfersOwnership ||
    input.administratorsSetPasswords !== undefined ||
    input.requireOwnPassword !== undefined;
  deps.policy.authorize(context, 'updateTenant', {
    fields: [
      ...Object.keys(fields),
      ...(branding === undefined ? [] : ['branding']),
      ...(transfersOwnership ? ['ownerUserId'] : []),
    ],
    owner: requiresOwner && (await isCalledByOwner(context.tenant, context, deps)),
  });
  const newLogo = readNewLogo(branding);
  const check = (tenant: Tenant): void => {
    assertNotDeleted(tenant);
    assertChangedValues({ tenant, input }, context, deps);
  };
  const newOwnerId = transfersOwnership ? ownerUserId : undefined;
  const buildFields = (tenant: Tenant): Partial<Tenant> => ({
    ...fields,
    ...(branding !== undefined && { branding: applyBranding(tenant, branding, newLogo) }),
  });
  return applyTenantChange(
    { ...target, action: 'update', buildFields, requiresOwner, newOwnerId, check, newLogo },
    context,
    deps,
  );
}

/**
 * Throws `invalid_input` or `forbidden` for a value that the tenant cannot have. An unchanged value
 * is accepted even if the configuration no longer permits it.
 */
function assertChangedValues(
  { tenant, input }: { readonly tenant: Tenant; readonly input: UpdateTenantInput },
  context: RequestContext,
  deps: TenantDependencies,
): void {
  const { sender, passwordMinLength, defaultRole } = input;
  if (defaultRole !== tenant.defaultRole) assertDefaultRole(defaultRole, context);
  if (sender !== tenant.sender) assertSender(sender, deps.senders);
  if (passwordMinLength !== tenant.passwordMinLength)
    assertPasswordMinLength(passwordMinLength, deps);
}

/**
 * Throws `invalid_input` for a role that does not exist, or `forbidden` for one with permissions
 * that the caller lacks.
 */
function assertDefaultRole(slug: Slug | null | undefined, context: RequestContext): void {
  if (slug === null || slug === undefined) return;
  const role = context.tenant.roles.get(slug);
  if (!role) throw invalidInput({ path: 'defaultRole', message: 'must be a role of this tenant' });
  assertHoldsPermissions(role.permissions, context, {
    subject: 'The default role',
    action: 'set only default roles',
  });
}

/**
 * Suspends or resumes a tenant. Throws `forbidden`, `not_found`, `invalid_transition` if the tenant
 * already has the status or is deleted, or `precondition_failed`.
 */
export async function setTenantStatus(
  { status, ...target }: TenantTarget & { readonly status: UsableTenantStatus },
  context: RequestContext,
  deps: TenantDependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'suspendTenant', {});
  const action = status === 'suspended' ? 'suspend' : 'resume';
  const check = (tenant: Tenant): void => {
    if (tenant.status === status || tenant.status === 'deleted')
      throw invalidTransition(tenant, action, deps.now());
  };
  return applyTenantChange(
    { ...target, action, buildFields: () => ({ status }), requiresOwner: false, check },
    context,
    deps,
  );
}

/**
 * Transfers the ownership to another user. Throws `forbidden` unless the owner or a system
 * administrator calls, `not_found`, `owner_ineligible` or `precondition_failed`.
 */
export async function transferOwnership(
  { userId = '', ...target }: TenantTarget & { readonly userId: Uuid | undefined },
  context: RequestContext,
  deps: TenantDependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'transferOwnership', {
    owner: await isCalledByOwner(context.tenant, context, deps),
  });
  return applyTenantChange(
    {
      ...target,
      action: 'transferOwnership',
      buildFields: () => ({}),
      requiresOwner: true,
      newOwnerId: userId,
      check: assertNotDeleted,
    },
    context,
    deps,
  );
}

interface TenantChange extends TenantTarget {
  readonly action: ChangeAction<'tenant'>;
  readonly buildFields: (tenant: Tenant) => Partial<Tenant>;
  /** True if only the owner and system administrators may make the change. */
  readonly requiresOwner: boolean;
  /** Undefined to keep the owner. */
  readonly newOwnerId?: Uuid | undefined;
  readonly check: (tenant: Tenant) => void;
  readonly newLogo?: Logo | undefined;
}

async function applyTenantChange(
  {
    action,
    tenantId,
    ifMatch,
    buildFields,
    requiresOwner,
    newOwnerId,
    check,
    newLogo,
  }: TenantChange,
  context: RequestContext,
  deps: TenantDependencies,
): Promise<Tenant> {
  let transfer: OwnershipTransfer | undefined;
  const change = async (tenant: Tenant): Promise<Partial<Tenant>> => {
    check(tenant);
    if (requiresOwner) await assertCalledByOwner(tenant, context, deps);
    transfer =
      newOwnerId === undefined
        ? undefined
        : await prepareOwnershipTransfer({ userId: newOwnerId, tenant }, context, deps);
    return { ...buildFields(tenant), ...(transfer && { ownerUserId: transfer.after.userId }) };
  };
  return changeEntity<Tenant>(
    {
      action,
      ifMatch,
      change,
      read: () => getPathTenant(tenantId, context, deps),
      write: (tenantChange) => deps.tenantAdminStore.write(tenantChange, { transfer, newLogo }),
    },
    context,
    deps.now,
  );
}
