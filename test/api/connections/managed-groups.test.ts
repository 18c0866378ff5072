import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { toHex, parseGroupId } from '../../../lib/domain/kernel/ids.ts';
import { createGroupStore } from '../../../lib/store/groups/group-store.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { provisionGroup } from '../../support/scim/managed-groups.ts';
import { createTestService, tenantId } from '../../support/service.ts';

const service = await createTestService();
const { send, createGroup, deleteGroup, restoreGroup } = createGroupRequests(service);
const { acme } = tenantId;

it('finds the groups of a connection by external ID and display name', async () => {
  const groups = createGroupStore(service.stored, Date.now);
  const [connectionId, otherId] = [randomUUID(), randomUUID()];
  const create = async (id: string, externalId: string, displayName: string) => {
    const groupId = await createGroup();
    const managedBy = { connectionId: id, externalId };
    await provisionGroup(service, groupId, { managedBy, displayName });
    return groupId;
  };
  const one = await create(connectionId, 'G1', 'Sales');
  const two = await create(connectionId, 'G1', 'Straße');
  await create(otherId, 'G1', 'Sales');
  const toIds = (...ids: readonly string[]) => ids.map((id) => parseGroupId(id) ?? '').toSorted();
  const find = async () => [
    (await groups.findByScimId(acme, connectionId, 'G1')).toSorted(),
    await groups.findByScimName(acme, connectionId, 'sales'),
    await groups.findByScimName(acme, connectionId, 'STRASSE'),
  ];

  expect(await find()).toEqual([toIds(one, two), toIds(one), toIds(two)]);
  expect((await send('GET', `/v1/groups/${one}`)).body.managedBy).toEqual({
    connectionId: `cradl:connection:${toHex(connectionId)}`,
  });
  await send('PATCH', `/v1/groups/${two}`, { body: { displayName: 'Sales' } });
  expect(await find()).toEqual([toIds(one, two), toIds(one, two), []]);
  await deleteGroup(one);
  expect(await find()).toEqual([toIds(two), toIds(two), []]);
  await restoreGroup(one);
  expect(await find()).toEqual([toIds(one, two), toIds(one, two), []]);
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
});
