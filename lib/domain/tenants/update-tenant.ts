import type { RequestContext } from '../access/request-context.ts';
import { changeEntity, type IfMatch } from '../access/change-entity.ts';
import { Failure } from '../kernel/failure.ts';
import { assertSender, type Senders } from '../mail/senders.ts';
import type { Policy } from '../access/policy.ts';
import type { OwnershipTransfer, Tenant, TenantAdminStore } from './tenant.ts';
import type { UserStore } from '../users/user.ts';
import { getPathTenant } from './path-tenant.ts';
import { assertCalledByOwner, isCalledByOwner, prepareOwnershipTransfer } from './ownership.ts';

/** What is to be different about a tenant: what is absent stays, null goes. */
export interface UpdateTenantInput {
  readonly name?: string | undefined;
  readonly locale?: string | undefined;
  readonly invitationDays?: number | null | undefined;
  readonly administratorsSetPasswords?: boolean | undefined;
  readonly requireOwnPassword?: boolean | undefined;
  readonly origin?: string | undefined;
  readonly acceptUrl?: string | null | undefined;
  readonly resetUrl?: string | null | undefined;
  readonly confirmUrl?: string | null | undefined;
  readonly sender?: string | null | undefined;
  readonly status?: Tenant['status'] | undefined;
  readonly ownerUserId?: string | undefined;
}

export interface TenantDependencies {
  readonly policy: Policy;
  readonly tenantAdminStore: TenantAdminStore;
  readonly users: UserStore;
  readonly senders: Senders;
  readonly now: () => Date;
}

/**
 * Changes what a patch names. Throws `forbidden` (some fields need a system administrator, and some the owner), `not_found` for
 * whatever is not the caller's, `invalid_input` for a sender that SES would refuse, `precondition_failed`, `unavailable`, and what `promoted` throws.
 */
export async function updateTenant(
  tenantId: string | undefined,
  patch: UpdateTenantInput,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TenantDependencies,
): Promise<Tenant> {
  const { ownerUserId = context.tenant.ownerUserId, ...others } = patch;
  const named = Object.entries(others).filter(([, value]) => value !== undefined);
  // Naming the owner that there is asks for nothing: clients send back what they have read.
  const transfersOwnership = ownerUserId !== context.tenant.ownerUserId;
  const requiresOwner =
    transfersOwnership ||
    patch.administratorsSetPasswords !== undefined ||
    patch.requireOwnPassword !== undefined;
  const owner = requiresOwner && (await isCalledByOwner(context.tenant, context, deps));
  deps.policy.authorize(context, 'updateTenant', {
    fields: [...named.map(([field]) => field), ...(transfersOwnership ? ['ownerUserId'] : [])],
    owner,
  });
  const fields = Object.fromEntries(named.map(([field, value]) => [field, value ?? undefined]));
  // Sending back the sender that there is changes nothing, also where the configuration no longer has it.
  const check = ({ sender }: Tenant): void =>
    assertSender(patch.sender === sender ? undefined : patch.sender, deps.senders);
  const newOwner = transfersOwnership ? ownerUserId : undefined;
  return applyTenantChange(
    { action: 'update', tenantId, ifMatch, fields, requiresOwner, newOwner, check },
    context,
    deps,
  );
}

/** Suspends a tenant, or resumes it. Throws `forbidden`, `not_found`, `precondition_failed`, and `invalid_transition` for one that has this status already. */
export async function setTenantStatus(
  tenantId: string | undefined,
  status: Tenant['status'],
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TenantDependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'suspendTenant', {});
  const check = (tenant: Tenant): void => {
    if (tenant.status === status) throw tenantHasStatus(status);
  };
  const action = status === 'suspended' ? 'suspend' : 'resume';
  return applyTenantChange(
    { action, tenantId, ifMatch, fields: { status }, requiresOwner: false, check },
    context,
    deps,
  );
}

const tenantHasStatus = (status: Tenant['status']): Failure =>
  new Failure('invalid_transition', `The tenant is already ${status}`, {
    details: { status, allowed: [status === 'suspended' ? 'resume' : 'suspend'] },
  });

/** Makes another user the owner. Throws `forbidden` unless the owner asks, or a system administrator; and what `promoted` throws. */
export async function transferOwnership(
  tenantId: string | undefined,
  userId: string | undefined,
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TenantDependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'transferOwnership', {
    owner: await isCalledByOwner(context.tenant, context, deps),
  });
  return applyTenantChange(
    {
      action: 'transferOwnership',
      tenantId,
      ifMatch,
      fields: {},
      requiresOwner: true,
      newOwner: userId ?? '',
    },
    context,
    deps,
  );
}

interface TenantChange {
  readonly action: string;
  readonly tenantId: string | undefined;
  readonly ifMatch: IfMatch;
  readonly fields: Partial<Tenant>;
  /** Whether it is for the owner, or a system administrator. */
  readonly requiresOwner: boolean;
  /** Who is to own it; undefined where that stays. */
  readonly newOwner?: string | undefined;
  readonly check?: (tenant: Tenant) => void;
}

async function applyTenantChange(
  { action, tenantId, ifMatch, fields, requiresOwner, newOwner, check }: TenantChange,
  context: RequestContext,
  deps: TenantDependencies,
): Promise<Tenant> {
  let promotion: OwnershipTransfer | undefined;
  const change = async (tenant: Tenant): Promise<Partial<Tenant>> => {
    check?.(tenant);
    if (requiresOwner) await assertCalledByOwner(tenant, context, deps);
    promotion =
      newOwner === undefined
        ? undefined
        : await prepareOwnershipTransfer(newOwner, tenant, context, deps);
    return { ...fields, ...(promotion && { ownerUserId: promotion.after.userId }) };
  };
  const read = () => getPathTenant(tenantId, context, deps);
  return changeEntity<Tenant>(
    {
      action,
      read,
      ifMatch,
      change,
      write: (written) => deps.tenantAdminStore.write(written, promotion),
    },
    context,
    deps.now,
  );
}
