/** Users of SCIM connections, written as a connection writes them. */
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import type { ManagedBy } from '../../../lib/domain/connections/managed-by.ts';
import type { Entity } from '../../../lib/domain/kernel/entity.ts';
import type { User } from '../../../lib/domain/users/user.ts';
import { createUserStore } from '../../../lib/store/users/user-store.ts';
import type { UserRefs } from '../authenticated-routes.ts';
import { type Service, type TenantSlug, tenantId } from '../service.ts';

/** Builds the next version of a user or group with its change record. */
export function buildProvisioningChange<Item extends Entity>(before: Item, fields: Partial<Item>) {
  const at = new Date().toISOString();
  const by = 'connection';
  const version = before.version + 1;
  const names = Object.keys(fields) as (keyof Item)[];
  return {
    before,
    after: { ...before, ...fields, version, updatedAt: at, updatedBy: by },
    record: {
      version,
      action: 'update',
      at,
      by,
      actor: { type: 'system', id: 'test' },
      issuer: 'test',
      requestId: 'test',
      policies: [],
      before: Object.fromEntries(names.map((name) => [name, before[name] ?? null])),
    },
    deadline: Date.now() + 10_000,
  } as const;
}

/** Changes a user as a connection does. */
export async function provisionUser(
  { stored }: Service,
  { jitsudo: userId }: Pick<UserRefs, 'jitsudo'>,
  fields: Partial<User> & { readonly managedBy: ManagedBy },
  slug: TenantSlug = 'acme',
): Promise<void> {
  const users = createUserStore(stored, Date.now, { findMemberJobs: async () => [] });
  const before = await users.get(tenantId[slug], { userId }, false);
  const tenant = sampleTenants.find((sample) => sample.slug === slug);
  if (!before || !tenant) throw new Error('The user does not exist');
  const change = buildProvisioningChange(before, fields);
  const { uniqueness } = tenant;
  const outcome = await users.update({ ...change, uniqueness, notifyAbout: [] });
  if (outcome !== 'written') throw new Error(outcome);
}
