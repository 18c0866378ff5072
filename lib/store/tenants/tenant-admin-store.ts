import type { Tenant } from '../../domain/tenants/tenant.ts';
import type { TenantAdminStore } from '../../domain/tenants/tenant-store.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { fromItem, readEntity, writeEntity } from '../dynamodb/entities.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Tables } from '../dynamodb/tables.ts';
import { putAlways, putIfAbsent, withConflict, type Write } from '../dynamodb/transaction.ts';
import { keys } from '../keys.ts';
import { claimNotHeld } from '../users/claim-writes.ts';
import { buildUserUpdate, toUserRecordItem } from '../users/user-writes.ts';
import { buildLogoWrites } from './logo-store.ts';
import { putTenant } from './put-tenant.ts';

/** Manages tenants. Reads are strongly consistent. */
export function createTenantAdminStore(tables: Tables, now: () => number): TenantAdminStore {
  const { client, directory } = tables;

  /** Keeps the order, which a batch read does not. */
  const getAll = async (tenantIds: readonly string[]): Promise<Tenant[]> => {
    const items = await batchGet(tables, tenantIds.map(keys.tenant));
    const byId = new Map(items.map((item) => [item['tenantId'], fromItem(item) as Tenant]));
    return tenantIds.flatMap((tenantId) => byId.get(tenantId) ?? []);
  };

  return {
    async create(tenant, creation) {
      await putTenant(tables, tenant, { ...creation, now });
    },

    get: (tenantId) => readEntity<Tenant>(tables, keys.tenant(tenantId)),

    async list({ after, limit, deleted }) {
      const toKey = deleted ? keys.deletedTenantEntry : keys.tenantListEntry;
      const { pk, sk: prefix } = toKey('');
      const { items } = await queryPage(client, directory, {
        pk,
        prefix,
        after: after === undefined ? undefined : toKey(after),
        limit: limit + 1,
      });
      const tenants = await getAll(items.slice(0, limit).map((item) => String(item['tenantId'])));
      return { tenants, next: items.length > limit ? tenants.at(-1)?.slug : undefined };
    },

    async write(change, { transfer, newLogo } = {}) {
      const { before, after } = change;
      const { tenantId, uniqueness } = after;
      const entityKeys = {
        key: keys.tenant(tenantId),
        changeKey: (version: number) => keys.tenantChange(tenantId, version),
      };
      const isMoved = (before?.status === 'deleted') !== (after.status === 'deleted');
      const furtherWrites = [
        ...(transfer
          ? [
              ...withConflict('stale' as const, [
                putIfAbsent(directory, toUserRecordItem(transfer.after, transfer.record)),
              ]),
              ...buildUserUpdate(directory, { ...transfer, uniqueness }),
            ]
          : []),
        ...withConflict('stale' as const, isMoved ? moveListEntry(directory, after) : []),
        ...withConflict('stale' as const, buildLogoWrites(directory, change, newLogo)),
      ];
      const outcome = await writeEntity(tables, { ...entityKeys, change, furtherWrites }, now);
      if (typeof outcome === 'string') return outcome;
      if (outcome.conflict === 'claim') throw claimNotHeld();
      return 'stale';
    },

    async getOwnerEmails(tenants) {
      const ownerKeys = tenants.flatMap(({ tenantId, ownerUserId }) =>
        ownerUserId === undefined ? [] : [keys.user(tenantId, ownerUserId)],
      );
      const owners = await batchGet(tables, ownerKeys);
      return new Map(owners.map((item) => [String(item['tenantId']), String(item['email'])]));
    },
  };
}

/** Moves the entry of a tenant to the list of deleted tenants, or back. */
function moveListEntry(directory: string, { tenantId, slug, status }: Tenant): readonly Write[] {
  const entries = [keys.tenantListEntry(slug), keys.deletedTenantEntry(slug)] as const;
  const [from, to] = status === 'deleted' ? entries : entries.toReversed();
  return [
    { Delete: { TableName: directory, Key: { ...from } } },
    putAlways(directory, { ...to, tenantId }),
  ];
}
