import { type CustomRole, maxRoles, maxRolesEver } from '../domain/roles/role.ts';
import type { RoleStore } from '../domain/roles/role-store.ts';
import { fromItem, readEntity, writeEntity } from './dynamodb/entities.ts';
import { queryPrefix } from './dynamodb/query.ts';
import { type Directory, schemaVersion } from './dynamodb/tables.ts';
import { withConflict, type Write } from './dynamodb/transaction.ts';
import { keys, rolePrefix } from './keys.ts';

/** Custom roles, in the partition of their tenant. */
export function createRoleStore(tables: Directory, now: () => number): RoleStore {
  const { directory } = tables;

  const countNewRole = (tenantId: string): Write => ({
    Update: {
      TableName: directory,
      Key: { ...keys.roleCount(tenantId) },
      UpdateExpression: 'SET schemaVersion = :schemaVersion ADD activeCount :one, totalCount :one',
      ConditionExpression:
        '(attribute_not_exists(activeCount) OR activeCount < :maxRoles) AND (attribute_not_exists(totalCount) OR totalCount < :maxRolesEver)',
      ExpressionAttributeValues: {
        ':one': 1,
        ':maxRoles': maxRoles,
        ':maxRolesEver': maxRolesEver,
        ':schemaVersion': schemaVersion,
      },
    },
  });

  const countDeletedRole = (tenantId: string): Write => ({
    Update: {
      TableName: directory,
      Key: { ...keys.roleCount(tenantId) },
      UpdateExpression: 'ADD activeCount :decrement',
      ExpressionAttributeValues: { ':decrement': -1 },
    },
  });

  return {
    async get(tenantId, slug) {
      const item = await readEntity<StoredRole>(tables, keys.role(tenantId, slug));
      return item && fromStored(item);
    },

    async list(tenantId) {
      const items = await queryPrefix(tables, rolePrefix(tenantId));
      return items.map((item) => fromStored(fromItem(item) as StoredRole));
    },

    async write({ before, after, record, deadline }) {
      const { tenantId, slug } = after;
      const entityKeys = {
        key: keys.role(tenantId, slug),
        changeKey: (version: number) => keys.roleChange(tenantId, slug, version),
      };
      const isDeleted = after.deletion !== undefined && before?.deletion === undefined;
      const counterWrites = [
        ...(before === undefined ? [countNewRole(tenantId)] : []),
        ...(before !== undefined && isDeleted ? [countDeletedRole(tenantId)] : []),
      ];
      const change = {
        before: before && toStoredRole(before),
        after: toStoredRole(after),
        record,
        deadline,
      };
      const furtherWrites = withConflict('full' as const, counterWrites);
      const outcome = await writeEntity(tables, { ...entityKeys, change, furtherWrites }, now);
      return typeof outcome === 'object' ? outcome.conflict : outcome;
    },
  };
}

/** Metadata is stored as JSON, like that of users. */
type StoredRole = Omit<CustomRole, 'metadata'> & { readonly metadata?: string | undefined };

export const toStoredRole = ({ metadata, ...role }: CustomRole): StoredRole => ({
  ...role,
  metadata: metadata && JSON.stringify(metadata),
});
const fromStored = ({ metadata, ...role }: StoredRole): CustomRole => ({
  ...role,
  metadata: metadata === undefined ? undefined : (JSON.parse(metadata) as CustomRole['metadata']),
});
