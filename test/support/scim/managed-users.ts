/** Users of SCIM connections, written as a connection writes them. */
import type { ManagedBy } from '../../../lib/domain/connections/managed-lock.ts';
import type { User } from '../../../lib/domain/users/user.ts';
import { createUserStore } from '../../../lib/store/users/user-store.ts';
import type { UserRefs } from '../authenticated-routes.ts';
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import { type Service, type TenantSlug, tenantId } from '../service.ts';

/** Changes a user as a connection does. */
export async function provisionUser(
  { stored }: Service,
  { jitsudo: userId }: Pick<UserRefs, 'jitsudo'>,
  fields: Partial<User> & { readonly managedBy: ManagedBy },
  slug: TenantSlug = 'acme',
): Promise<User> {
  const users = createUserStore(stored, Date.now);
  const before = await users.get(tenantId[slug], { userId }, false);
  if (!before) throw new Error('The user does not exist');
  const at = new Date().toISOString();
  const by = 'connection';
  const version = before.version + 1;
  const after = { ...before, ...fields, version, updatedAt: at, updatedBy: by };
  const outcome = await users.update({
    before,
    after,
    record: {
      version,
      action: 'update',
      at,
      by,
      actor: { type: 'system', id: 'test' },
      issuer: 'test',
      requestId: 'test',
      policies: [],
      before: Object.fromEntries(
        Object.keys(fields).map((name) => [name, before[name as keyof User] ?? null]),
      ),
    },
    uniqueness: sampleTenants.find(({ slug: name }) => name === slug)?.uniqueness ?? 'tenant',
    notifyAbout: [],
    deadline: Date.now() + 10_000,
  });
  if (outcome !== 'written') throw new Error(outcome);
  return after;
}
