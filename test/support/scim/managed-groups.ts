/** Groups of SCIM connections, written as a connection writes them. */
import type { ManagedBy } from '../../../lib/domain/connections/managed-by.ts';
import type { Group } from '../../../lib/domain/groups/group.ts';
import { parseGroupId } from '../../../lib/domain/kernel/ids.ts';
import { createGroupStore } from '../../../lib/store/groups/group-store.ts';
import { type Service, type TenantSlug, tenantId } from '../service.ts';
import { buildProvisioningChange } from './managed-users.ts';

/** Changes a group as a connection does. */
export async function provisionGroup(
  { stored }: Service,
  id: string,
  fields: Partial<Group> & { readonly managedBy: ManagedBy },
  slug: TenantSlug = 'acme',
): Promise<void> {
  const groups = createGroupStore(stored, Date.now);
  const before = await groups.get(tenantId[slug], parseGroupId(id) ?? '');
  if (!before) throw new Error('The group does not exist');
  const outcome = await groups.write(buildProvisioningChange(before, fields));
  if (outcome !== 'written') throw new Error(outcome);
}
