import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../access/request-context.ts';
import { buildInitialVersion, buildChangeRecord } from '../access/change-entity.ts';
import { invalidInput } from '../kernel/failure.ts';
import type { InvitationSettings } from '../invitations/invite.ts';
import { assertSender, type Senders } from '../mail/senders.ts';
import type { Policy } from '../access/policy.ts';
import { indexRoles } from '../roles/role.ts';
import type { Tenant, TenantAdminStore } from './tenant.ts';
import { buildCreationRecord, buildUser } from '../users/new-user.ts';
import type { User } from '../users/user.ts';
import { isReservedSlug } from './slug.ts';

/** What a caller says about a tenant. */
export interface CreateTenantInput
  extends Pick<
    Tenant,
    | 'slug'
    | 'name'
    | 'uniqueness'
    | 'locale'
    | 'acceptUrl'
    | 'resetUrl'
    | 'confirmUrl'
    | 'sender'
    | 'invitationDays'
    | 'administratorsSetPasswords'
    | 'requireOwnPassword'
  > {
  /** Its own host where it is not said, if the deployment has hosts for tenants. */
  readonly origin?: string | undefined;
  readonly ownerEmail: string;
  readonly ownerName?: string | undefined;
}

export interface CreateTenantDependencies extends InvitationSettings {
  readonly policy: Policy;
  readonly tenantAdminStore: TenantAdminStore;
  readonly tenantHostSuffix: string | undefined;
  readonly senders: Senders;
}

/**
 * Creates a tenant and invites its owner, both or neither. Throws `forbidden`, `invalid_input` for a slug that nobody can have
 * and for a missing origin and a sender that SES would refuse, `slug_taken` for a slug that is or was another's, `user_exists` (`ownerEmail`) or `unavailable`.
 */
export async function createTenant(
  draft: CreateTenantInput,
  context: RequestContext,
  deps: CreateTenantDependencies,
): Promise<{ tenant: Tenant; owner: User }> {
  deps.policy.authorize(context, 'createTenant', {});
  if (isReservedSlug(draft.slug))
    throw invalidInput({ path: 'slug', message: 'must not be a reserved name' });
  assertSender(draft.sender, deps.senders);
  const { tenant, owner } = buildTenant(draft, context, deps);
  const record = buildChangeRecord('create', undefined, tenant, context);
  await deps.tenantAdminStore.create(tenant, {
    record,
    owner: { user: owner, creation: buildCreationRecord(context) },
    deadline: context.deadline,
  });
  return { tenant, owner };
}

/** A tenant and the owner whom it begins with: an administrator who is invited as everybody is, in the new tenant. */
export function buildTenant(
  { ownerEmail, ownerName, origin, ...named }: CreateTenantInput,
  context: RequestContext,
  {
    tenantHostSuffix,
    ...settings
  }: InvitationSettings & Pick<CreateTenantDependencies, 'tenantHostSuffix'>,
): { tenant: Tenant; owner: User } {
  const now = settings.now();
  const newTenant: Tenant = {
    ...named,
    ...buildInitialVersion(context, now),
    tenantId: randomUUID(),
    origin: origin ?? buildDefaultOrigin(named.slug, tenantHostSuffix),
    status: 'active',
  };
  const tenantContext = {
    ...context,
    tenant: { ...newTenant, roles: indexRoles([]), deletedRoles: new Set<string>() },
  };
  const draft = {
    email: ownerEmail,
    name: ownerName,
    authProvider: 'local',
    roles: ['admin'],
  } as const;
  const owner = { ...buildUser(draft, tenantContext, settings), ownerSince: now.toISOString() };
  return { tenant: { ...newTenant, ownerUserId: owner.userId }, owner };
}

function buildDefaultOrigin(slug: string, suffix: string | undefined): string {
  if (suffix === undefined)
    throw invalidInput({
      path: 'origin',
      message: 'is required, because this deployment has no hosts for tenants',
    });
  return `https://${slug}.${suffix}`;
}
